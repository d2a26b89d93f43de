import { expect, paste, snippet, test } from "./site.ts";

const PASSES = "pipeline/passes";

/** A program whose own text would be markup, where markup is made of text. */
const MARKUP = `package main

//go:noinline
func tenths(n uint32) uint32 {
	println("</pre></td></script><script>parent.stolen = document.cookie</script><img src=x onerror=alert(1)>")
	return n / 10
}

func main() { println(tenths(42)) }
`;

/** Tries all that a script of ours could do, and tells how each went. */
const ATTACK = `<!doctype html><title>x</title><body><p>hostile</p><script>
(async () => {
  const went = { origin };
  const attempt = async (name, work) => {
    try { went[name] = "did: " + (await work()); } catch (error) { went[name] = "refused"; }
  };
  await attempt("page", () => parent.document.title);
  await attempt("storage", () => localStorage.length);
  await attempt("cookie", () => document.cookie);
  await attempt("api", () => fetch("/api/v1/limits").then((answer) => answer.status));
  await attempt("top", () => { top.location = "https://attacker.invalid/"; return "set"; });
  await attempt("window", () => window.open("/")?.document ?? Promise.reject());
  const image = new Image();
  went.image = await new Promise((resolve) => {
    image.onload = () => resolve("did: load");
    image.onerror = () => resolve("refused");
    image.src = "/assets/icon.svg";
  });
  parent.postMessage(went, "*");
})();
</script>`;

const NAME = `"><img src=x onerror="parent.stolen=1"><script>stolen=1</script>/../../x.html`;

test("the passes of ssa are shown in a frame of no origin, and taken home", async ({
  page,
  site,
}) => {
  await page.goto(`${site}/lessons/build-pipeline`);
  const lesson = snippet(page, PASSES);
  await lesson.getByRole("radio", { name: "ssa", exact: true }).check();
  await lesson.getByRole("button", { name: "Run" }).click();
  const row = lesson.locator(".artifacts li");
  await expect(row).toContainText("ssa.html");
  await expect(row.locator(".artifact-size")).toHaveText(/^\d+(\.\d)? (KiB|MiB)$/);

  const open = lesson.getByRole("button", { name: "Open ssa.html" });
  await expect(open).toHaveAttribute("aria-expanded", "false");
  const pages = await page.evaluate(() => history.length);
  await open.click();
  const frame = lesson.locator("iframe");
  await expect(frame).toHaveAttribute("sandbox", "allow-scripts");
  const passes = lesson.frameLocator("iframe");
  await expect(passes.locator("body")).toContainText("tenths");
  // The compiler's own script is at work: it has folded most passes, and a click unfolds one.
  await expect(passes.locator("#sources-exp")).toBeHidden();
  await passes.locator("#sources-col").click();
  await expect(passes.locator("#sources-exp")).toBeVisible();
  // It also writes history, which is not to stand between the reader and the page before.
  expect(await page.evaluate(() => history.length)).toBe(pages);

  const fetched = page.waitForEvent("download");
  await lesson.getByRole("button", { name: "Download ssa.html" }).click();
  const download = await fetched;
  expect(download.suggestedFilename()).toBe("ssa.html");
  const stream = await download.createReadStream();
  let text = "";
  for await (const part of stream) text += part;
  expect(text).toMatch(/^<html>/);
  expect(text).toContain("</html>");

  await lesson.getByRole("button", { name: "Close ssa.html" }).click();
  await expect(frame).toHaveCount(0);
  // A new run begins with nothing written.
  await lesson.getByRole("radio", { name: "asm", exact: true }).check();
  await lesson.getByRole("button", { name: "Run" }).click();
  await expect(lesson.locator(".snippet-output pre")).toContainText("STEXT");
  await expect(row).toHaveCount(0);
});

test("what is no page is shown as text", async ({ page, site }) => {
  await page.goto(`${site}/lessons/struct-layout`);
  const lesson = snippet(page, "layout/order");
  await lesson.getByRole("radio", { name: "layout", exact: true }).check();
  await lesson.getByRole("button", { name: "Run" }).click();
  await lesson.getByRole("button", { name: "Open layout.json" }).click();
  await expect(lesson.getByRole("region", { name: "layout.json" })).toContainText(/"align": \d/);
});

test("markup in a program's text stays text in its passes", async ({ page, site }) => {
  await page.goto(`${site}/lessons/build-pipeline`);
  const lesson = snippet(page, PASSES);
  await paste(page, PASSES, MARKUP);
  await lesson.getByRole("radio", { name: "ssa", exact: true }).check();
  await lesson.getByRole("button", { name: "Run" }).click();
  await lesson.getByRole("button", { name: "Open ssa.html" }).click();
  await expect(lesson.frameLocator("iframe").locator("body")).toContainText("tenths");
  expect(await page.evaluate(() => "stolen" in window)).toBe(false);
});

test("an artifact that attacks reaches nothing", async ({ page, site, faults }) => {
  await page.goto(`${site}/lessons/build-pipeline`);
  const events = [
    { type: "started", go: "go1.27.3", mode: "ssa", cached: false, command: "x" },
    { type: "artifact", name: NAME, mime: "text/html", text: ATTACK },
    { type: "artifact", name: NAME, mime: "text/html; charset=utf-8", text: ATTACK },
    { type: "exit", status: "ok", code: 0 },
  ];
  await page.route("**/api/v1/runs", (route) =>
    route.fulfill({
      contentType: "text/event-stream",
      body: events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""),
    }),
  );
  const told = page.evaluate(
    () =>
      new Promise((resolve) => {
        addEventListener("message", ({ data }) => resolve(data));
      }),
  );
  const lesson = snippet(page, PASSES);
  await lesson.getByRole("button", { name: "Run" }).click();
  await expect(lesson.locator(".artifact-name")).toHaveText([NAME, NAME]);
  const open = lesson.getByRole("button", { name: /^Open/ });
  await open.first().click();
  // It did run, and all that it tried was refused.
  expect(await told).toEqual({
    origin: "null",
    page: "refused",
    storage: "refused",
    cookie: "refused",
    api: "refused",
    top: "refused",
    window: "refused",
    image: "refused",
  });
  expect(page.url()).toBe(`${site}/lessons/build-pipeline`);
  // Only what says that it is a page is shown as one.
  await open.last().click();
  await expect(lesson.getByRole("region", { name: NAME })).toContainText("<!doctype html>");
  const fetched = page.waitForEvent("download");
  await lesson
    .getByRole("button", { name: /^Download/ })
    .first()
    .click();
  expect((await fetched).suggestedFilename()).not.toMatch(/[/<>"]/);
  expect(await page.evaluate(() => "stolen" in window)).toBe(false);
  // The browser told the console of each refusal.
  expect(faults.length).toBeGreaterThan(0);
  expect(
    faults.filter((fault) => !/Content Security Policy|sandboxed|Unsafe attempt/.test(fault)),
  ).toEqual([]);
  faults.length = 0;
});

test("the frame's page takes nothing where it stands above all others", async ({ page, site }) => {
  const answer = await page.goto(`${site}/-/artifact`);
  expect(answer?.headers()["content-security-policy"]).toContain("sandbox allow-scripts;");
  await page.evaluate(() => window.postMessage("<p>taken</p>", "*"));
  await expect(page.locator("body")).not.toContainText("taken");
  expect(await page.evaluate(() => origin)).toBe("null");
});
