/** Sharing: the button, the link, the page that it leads to, and what strangers may write there. */
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { chooseMode, expect, openEditor, paste, serve, snippet, stop, test } from "./site.ts";

const PAGE = "/lessons/garbage-collector";
const TRACE = "gc/trace";
const MINE = 'package main\n\nfunc main() {\n\tprintln("mine", 6*7)\n}\n';

/** Presses Share, and answers with the link that comes. */
async function share(page: Page, example: string): Promise<string> {
  const lesson = snippet(page, example);
  await lesson.getByRole("button", { name: "Share" }).click();
  const link = lesson.locator(".share-url");
  await expect(link).toBeVisible();
  return (await link.getAttribute("href")) ?? "";
}

/** Shares a request by the API, and opens its page. */
async function openShared(page: Page, site: string, request: object): Promise<string> {
  const response = await page.request.post(`${site}/api/v1/shares`, { data: request });
  expect([200, 201]).toContain(response.status());
  const { id } = (await response.json()) as { id: string };
  await page.goto(`${site}/s/${id}`);
  return `s/${id}`;
}

/** The code that a snippet shows. */
async function code(page: Page, example: string): Promise<string> {
  return await snippet(page, example)
    .locator(".snippet-code")
    .evaluate((element) => {
      const lines = element.querySelector(".editor")?.shadowRoot?.querySelectorAll(".cm-line");
      const area = element.querySelector("textarea");
      return lines ? [...lines].map((line) => line.textContent).join("\n") : (area?.value ?? "");
    });
}

test("a link shows the code, the mode and the settings, and runs them", async ({
  page,
  context,
  site,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: site });
  await page.goto(site + PAGE);
  await paste(page, TRACE, MINE);
  await snippet(page, TRACE).getByLabel("GODEBUG").fill("gctrace=1");
  const link = await share(page, TRACE);
  expect(link).toMatch(/\/s\/[0-9bcdfghj-np-z]{13}$/);
  const lesson = snippet(page, TRACE);
  await expect(lesson.locator(".share-said")).toContainText("Copied.");
  await expect(lesson.locator('.share-box [role="status"]')).toHaveText(
    "The link is made and copied.",
  );
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);
  // It was of what stood there then.
  await lesson.getByLabel("GODEBUG").fill("gctrace=2");
  await expect(lesson.locator(".share-url")).toBeHidden();
  await lesson.getByLabel("GODEBUG").fill("gctrace=1");
  expect(await share(page, TRACE)).toBe(link);
  await openEditor(page, TRACE);
  await page.keyboard.type(" ");
  await expect(lesson.locator(".share-url")).toBeHidden();

  await page.goto(link);
  const id = `s/${link.split("/").at(-1)}`;
  expect(await code(page, id)).toBe(MINE);
  await expect(page.getByText("A stranger wrote this.")).toBeVisible();
  await expect(page.locator(".shared-facts")).toContainText("GODEBUG=gctrace=1");
  const shared = snippet(page, id);
  await expect(shared.getByRole("radio", { name: "run" })).toBeChecked();
  await shared.getByRole("button", { name: "Run" }).click();
  await expect(shared.locator(".status.good")).toBeVisible();
  await expect(shared.locator(".snippet-output")).toContainText("mine 42");
  // To make it one's own: what is changed has another link, and the first leads where it did.
  await page.getByRole("link", { name: "Make it your own" }).click();
  await paste(page, id, MINE.replace("mine", "yours"));
  const other = await share(page, id);
  expect(other).not.toBe(link);
  await page.goto(other);
  expect(await code(page, `s/${other.split("/").at(-1)}`)).toContain("yours");
});

test("all that was shared is sent again by Run", async ({ page, site }) => {
  const source =
    'package main\n\nimport (\n\t"fmt"\n\t"io"\n\t"os"\n)\n\nfunc main() {\n\tin, _ := io.ReadAll(os.Stdin)\n' +
    '\tfmt.Println(os.Args[1:], string(in), os.Getenv("GOGC"))\n}\n';
  const request = { source, mode: "run", args: ["a b", "c"], stdin: "in", env: { GOGC: "55" } };
  const id = await openShared(page, site, request);
  await snippet(page, id).getByRole("button", { name: "Run" }).click();
  await expect(snippet(page, id).locator(".snippet-output")).toContainText("[a b c] in 55");
  // And by Share: it is the same.
  expect(await share(page, id)).toBe(page.url());
});

test("another mode is shared as it is chosen", async ({ page, site }) => {
  await page.goto(site + PAGE);
  await chooseMode(page, TRACE, "Escape analysis");
  const link = await share(page, TRACE);
  await page.goto(link);
  await expect(page.locator(".shared-facts")).toContainText("Escape analysis");
});

test("what cannot be shared is said in words", async ({ page, site }) => {
  await page.goto(site + PAGE);
  await paste(page, TRACE, `package main // ${"x".repeat(70_000)}\n`);
  const lesson = snippet(page, TRACE);
  await lesson.getByRole("button", { name: "Share" }).click();
  await expect(lesson.locator(".share-box.failed")).toContainText("larger than 65536 bytes");
  await page.route("**/api/v1/shares", (route) => route.abort());
  await lesson.getByRole("button", { name: "Share" }).click();
  await expect(lesson.locator(".share-box.failed")).toContainText("cannot be reached");
});

test("where the part that makes links does not come, that is said", async ({ page, site }) => {
  await page.route("**/parts/share-link-*", (route) => route.abort());
  await page.goto(site + PAGE);
  const lesson = snippet(page, TRACE);
  await lesson.getByRole("button", { name: "Share" }).click();
  await expect(lesson.locator(".share-box.failed")).toContainText("cannot be reached");
});

test("by keyboard alone", async ({ page, site }) => {
  await page.goto(site + PAGE);
  const button = snippet(page, TRACE).getByRole("button", { name: "Share" });
  await button.focus();
  await page.keyboard.press("Enter");
  await expect(snippet(page, TRACE).locator(".share-url")).toBeVisible();
  await expect(button).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(snippet(page, TRACE).locator(".share-url")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(snippet(page, TRACE).getByRole("button", { name: "Copy the link" })).toBeFocused();
});

test("nothing is offered where nothing is kept", async ({ page }) => {
  const { url, server } = await serve(["--shares", "off"]);
  try {
    await page.goto(url + PAGE);
    await expect(snippet(page, TRACE).locator(".snippet-reset")).toBeAttached();
    await expect(page.getByRole("button", { name: "Share" })).toHaveCount(0);
  } finally {
    await stop(server);
  }
});

test("strangers' code does nothing on our pages", async ({ page, site }) => {
  page.on("dialog", () => {
    throw new Error("a stranger's script ran");
  });
  const evil =
    "</textarea></pre></script><script>alert(1)</script><img src=x onerror=alert(2)><style>*{display:none}</style>";
  const source = `package main\r\n// ${evil}\u202e\u0000\r\nfunc main() { println("\u2067fine") }\r\n`;
  const id = await openShared(page, site, {
    source,
    mode: "run",
    args: [evil, '" onfocus=alert(3) autofocus="'],
    stdin: evil,
  });
  await expect(page.locator(".banner.wrong")).toContainText("in lines 2, 3.");
  await expect(snippet(page, id).locator(".snippet-reset")).toBeVisible();
  expect(await page.locator("main script:not([type]), main style, main img").count()).toBe(0);
  // It is what was shared, not what someone has changed here.
  await expect(snippet(page, id).getByRole("button", { name: "Reset" })).toBeDisabled();
  await snippet(page, id).getByRole("button", { name: "Run" }).click();
  await expect(snippet(page, id).locator(".status.bad, .status.good")).toBeVisible();
  const robots = (await page.request.get(page.url())).headers()["x-robots-tag"];
  expect(robots).toBe("noindex");
});

test("a long line moves nothing else", async ({ page, site }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openShared(page, site, {
    source: `package main // ${"w".repeat(60_000)}\n`,
    mode: "run",
    args: ["v".repeat(4000)],
  });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBe(390);
});

test("a share is read, and run, when no script has come", async ({ page, site }) => {
  await page.route("**/*.js*", (route) => route.abort());
  const id = await openShared(page, site, { source: MINE, mode: "run" });
  await expect(snippet(page, id).locator(".still pre")).toContainText('println("mine", 6*7)');
  await snippet(page, id).getByRole("button", { name: "Run" }).click();
  await expect(page.locator(".snippet-output")).toContainText("mine 42");
  await page.getByRole("link", { name: "Shared code" }).click();
  await expect(page.getByRole("heading", { name: "Shared code" })).toBeVisible();
});

test("what no page can run is there to be read", async ({ page, site }) => {
  await openShared(page, site, {
    files: { "main.go": "package main\n\n// A marker:\n-- x.go --\n" },
    mode: "fmt",
  });
  await expect(page.locator(".shared-text")).toContainText("-- x.go --");
  await expect(page.locator("go-snippet")).toHaveCount(0);
});

for (const width of [390, 1280]) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`${width} pixels, ${colorScheme}`, () => {
      test.use({
        viewport: { width, height: 900 },
        colorScheme,
        contextOptions: { reducedMotion: "reduce" },
      });

      test("axe finds nothing on a share, nor beside a link", async ({ page, site }) => {
        const request = { source: `${MINE}// \u202e\n`, mode: "run", env: { GOGC: "50" } };
        const id = await openShared(page, site, request);
        await share(page, id);
        await expect(page.locator(".share-said")).toBeVisible();
        const { violations } = await new AxeBuilder({ page }).analyze();
        const faults = violations.flatMap(({ id, nodes }) =>
          nodes.map(
            ({ html, failureSummary }) => `${id}: ${html.slice(0, 160)}\n${failureSummary}`,
          ),
        );
        expect(faults).toEqual([]);
        const folder = process.env.UNDERHOOD_SCREENSHOTS;
        if (folder)
          await page.screenshot({
            path: `${folder}/share-${width}-${colorScheme}.png`,
            fullPage: true,
          });
      });
    });
  }
}
