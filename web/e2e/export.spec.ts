import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import sirv from "sirv";
import { test as base, binary, expect, paste, serve, snippet, stop } from "./site.ts";

const RETURN_POINTER = "escape/return-pointer";
const LESSON = "lessons/escape-analysis/";

/** A server of files that knows nothing of us, with the site in a folder of it. */
interface Files {
  folder: string;
  url: string;
  server: Server;
}

const close = (server: Server) =>
  new Promise((closed) => {
    server.close(closed);
    server.closeAllConnections();
  });

async function files(folder: string): Promise<Files> {
  const answer = sirv(folder, { dev: true });
  const server = createServer((request, response) => {
    const lost = () => {
      response.statusCode = 404;
      response.end("there is no such file");
    };
    if (!request.url?.startsWith("/go/site/")) return lost();
    request.url = request.url.slice("/go/site".length);
    answer(request, response, lost);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return { folder, url: `http://127.0.0.1:${port}/go/site/`, server };
}

/** Without a run, which the tests in Rust have; the goldens are there all the same. */
async function written(folder: string, ...options: string[]): Promise<void> {
  await promisify(execFile)(binary, ["export", folder, "--no-run", ...options]);
}

const test = base.extend<{ files: Files }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from the pattern
  files: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), "underhood-export-"));
    const all = await files(join(folder, "site"));
    await use(all);
    await close(all.server);
    await rm(folder, { recursive: true });
  },
});

/** Everything that a page asks for. */
function requests(page: Page): string[] {
  const all: string[] = [];
  page.on("request", (request) => all.push(request.url()));
  return all;
}

test("every page of an exported site works in a folder of any host, and asks for no other", async ({
  page,
  files,
}) => {
  test.slow();
  await written(files.folder);
  const requested = requests(page);
  let asked = 0;
  const missing: string[] = [];
  page.on("response", (response) => {
    if (!response.ok()) missing.push(response.url());
  });
  const open = [files.url];
  const seen = new Set(open);
  for (let url = open.shift(); url; url = open.shift()) {
    await page.goto(url);
    const snippets = page.locator("go-snippet");
    const count = await snippets.count();
    // A question comes first; what was captured has an answer to each.
    const asking = page.locator("go-snippet:has(run-prediction)");
    await expect(asking.locator(".stamp").locator("visible=true")).toHaveCount(0);
    const show = page.getByRole("button", { name: "Show output" });
    const questions = await asking.count();
    await expect(show).toHaveCount(questions);
    for (let left = questions; left > 0; left--) await show.first().click();
    for (const verdict of await asking.locator(".predict-verdict").all())
      await expect(verdict).not.toContainText("has no answer");
    await expect(asking.locator(".predict-verdict")).toHaveCount(questions);
    asked += questions;
    await expect(page.locator("go-snippet .stamp").locator("visible=true")).toHaveCount(count);
    await expect(page.getByRole("button", { name: "Run" })).toHaveCount(0);
    await expect(page.getByRole("combobox", { name: "Other modes" })).toHaveCount(0);
    // Those of scripts too.
    const links = await page
      .locator("a[href]")
      .evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href));
    for (const link of links) {
      const next = link.split("#")[0] ?? "";
      if (link.includes("go.dev/") || link.startsWith("https://")) continue;
      expect(next, `${url} leads out of the site`).toContain(files.url);
      if (!seen.has(next)) open.push(next);
      seen.add(next);
    }
  }
  expect(seen.size).toBe(15);
  expect(missing).toEqual([]);
  expect(requested.filter((url) => !url.startsWith(files.url))).toEqual([]);
  expect(asked).toBeGreaterThan(5);
});

test("what was captured is shown for each variant, and code is not to be changed", async ({
  page,
  files,
}) => {
  await written(files.folder);
  await page.goto(files.url + LESSON);
  const lesson = snippet(page, RETURN_POINTER);
  const output = lesson.getByRole("region", { name: /^Output/ });
  await lesson.getByRole("button", { name: "Show output" }).click();
  await expect(lesson.locator(".stamp")).toHaveText(/^Captured with go1\.\d+\.\d+/);
  await expect(output).toContainText("main.go:10:2: moved to heap: u");
  await expect(lesson.locator(".status-text")).toHaveText("Finished without an error.");
  await lesson.getByRole("radio", { name: "asm", exact: true }).check();
  await expect(output).toContainText("main.newUser");
  await expect(output).not.toContainText("moved to heap");
  const code = lesson.getByRole("textbox");
  const before = await code.inputValue();
  await code.click();
  await page.keyboard.type("x");
  expect(await code.inputValue()).toBe(before);
  await expect(lesson.locator(".editor")).toHaveCount(0);
});

test("an answer is marked from what was captured, which waits for it", async ({ page, files }) => {
  await written(files.folder);
  await page.goto(files.url + LESSON);
  const lesson = snippet(page, RETURN_POINTER);
  const output = lesson.getByRole("region", { name: /^Output/ });
  await expect(lesson.getByText("Answer, then press Show output.")).toBeVisible();
  await lesson.getByRole("checkbox", { name: "10 u := " }).focus();
  await page.keyboard.press("Space");
  await expect(lesson.getByText("moved to heap: u").locator("visible=true")).toHaveCount(0);
  await page.keyboard.press("ControlOrMeta+Enter");
  const verdict = lesson.locator(".predict-verdict");
  await expect(verdict).toHaveText("Right. It is line 10.");
  await expect(output).toContainText("moved to heap: u");
  await expect(lesson.getByRole("status").last()).toHaveText(/ Right\. It is line 10\.$/);
  const again = lesson.getByRole("button", { name: "Try again" });
  await expect(again).toBeFocused();
  await again.click();
  await expect(output).toBeHidden();
  await expect(lesson.locator(".stamp")).toHaveCount(0);
  await lesson.getByRole("button", { name: "Show output" }).click();
  await expect(verdict).toHaveText("It is line 10.");
});

test("the search finds and opens pages in a folder of any host", async ({ page, files }) => {
  await written(files.folder);
  await page.goto(files.url + LESSON);
  await page.keyboard.press("/");
  await page.getByRole("combobox", { name: "Search all pages" }).fill("-gcflags=-m=2");
  await expect(page.getByRole("option").first()).toBeVisible();
  const to = await page.getByRole("option").first().getAttribute("href");
  expect(to).toMatch(new RegExp(`^${files.url}lessons/[a-z-]+/(#|$)`));
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(to ?? "");
  await page.keyboard.press("/");
  await page.getByRole("combobox", { name: "Search all pages" }).fill("Skill map");
  await expect(page.getByRole("option", { name: "Skill map" }).first()).toHaveAttribute(
    "href",
    `${files.url}map/`,
  );
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("all variants are there to be read, and no form", async ({ page, files }) => {
    await written(files.folder);
    await page.goto(files.url + LESSON);
    const lesson = snippet(page, RETURN_POINTER);
    await expect(lesson.getByText("moved to heap: u").first()).toBeVisible();
    await lesson.getByText("asm", { exact: true }).locator("visible=true").click();
    await expect(lesson.getByText("main.newUser\n").locator("visible=true")).toHaveCount(1);
    await expect(lesson.getByRole("combobox")).toHaveCount(0);
    await expect(lesson.getByRole("button")).toHaveCount(0);
  });
});

test("with a service elsewhere code runs there, and while it is away the captured output is shown", async ({
  page,
  files,
}) => {
  const origin = new URL(files.url).origin;
  const service = await serve(["--allow-origin", origin]);
  try {
    await written(files.folder, "--api", service.url);
    await page.goto(files.url + LESSON);
    const lesson = snippet(page, RETURN_POINTER);
    const output = lesson.getByRole("region", { name: /^Output/ });
    const stamp = lesson.locator(".stamp");
    await expect(stamp).toHaveCount(0);
    await lesson.getByRole("radio", { name: "asm", exact: true }).check();
    await expect(stamp).toHaveText(/^Captured with go1/);
    // A captured listing is not replaced by one of today.
    await lesson.getByRole("button", { name: "Code and instructions" }).click();
    const picture = lesson.locator("assembly-picture");
    await expect(picture).toContainText("This listing has no addresses");
    await expect(picture.getByRole("button", { name: "arm64" })).toHaveCount(0);
    // As many lines as the lesson's own code has: a mark that is out of place finds one to stand on.
    const mine = `package main\n\nfunc main() { println("live") }\n${"// mine\n".repeat(30)}`;
    await paste(page, RETURN_POINTER, mine);
    await lesson.getByRole("radio", { name: "run", exact: true }).check();
    await lesson.getByRole("button", { name: "Run" }).click();
    await expect(output).toContainText("live");
    await expect(stamp).toHaveText(/^Live with go1.*, run by 127\.0\.0\.1:\d+\.$/);

    await stop(service.server);
    await lesson.getByRole("radio", { name: "escape", exact: true }).check();
    await lesson.getByRole("button", { name: "Run" }).click();
    await expect(stamp).toHaveText(/^Captured with go1/);
    await expect(lesson.locator(".why")).toHaveText(
      /^127\.0\.0\.1:\d+ does not answer, so this is the captured output\. It is of the lesson's own code\.$/,
    );
    await expect(output).toContainText("main.go:10:2: moved to heap: u");
    await expect(lesson.getByRole("status").last()).toContainText("does not answer");
    await expect(lesson.locator("escape-picture .line").first()).toBeVisible();
    await expect(lesson.locator("[class*=cm-mark-]")).toHaveCount(0);
    // It answers for the lesson's own code only.
    await expect(lesson.getByRole("checkbox").first()).toBeVisible();
    await lesson.getByRole("button", { name: "Reset" }).click();
    await lesson.getByRole("checkbox", { name: "10 u := " }).check();
    await lesson.getByRole("button", { name: "Run" }).click();
    await expect(lesson.locator(".predict-verdict")).toHaveText("Right. It is line 10.");
    await expect(lesson.locator(".why")).toHaveText(/is the captured output\.$/);
  } finally {
    await stop(service.server);
  }
});

test("a service that does not list the site runs nothing for it", async ({
  page,
  files,
  site,
  faults,
}) => {
  await written(files.folder, "--api", site);
  await page.goto(files.url + LESSON);
  const lesson = snippet(page, RETURN_POINTER);
  await lesson.getByRole("button", { name: "Run" }).click();
  await expect(lesson.locator(".why")).toContainText("does not answer");
  // The browser says so itself.
  expect(faults.splice(0).join("\n")).toContain("blocked by CORS policy");
});

for (const width of [390, 1280]) {
  test(`nothing moves while an exported lesson comes, at ${width} pixels`, async ({
    page,
    files,
  }) => {
    await written(files.folder);
    await page.setViewportSize({ width, height: 900 });
    await page.addInitScript(() => {
      const moves: unknown[] = [];
      Object.assign(window, { moves });
      new PerformanceObserver((list) => moves.push(...list.getEntries())).observe({
        type: "layout-shift",
        buffered: true,
      });
    });
    await page.goto(files.url);
    const links = page.locator('.card a[href*="lessons/"]');
    const pages = await links.evaluateAll((all) =>
      all.map((link) => (link as HTMLAnchorElement).href),
    );
    expect(new Set(pages).size).toBeGreaterThan(11);
    for (const address of new Set(pages)) {
      await page.goto(address, { waitUntil: "networkidle" });
      expect(await page.evaluate(() => Reflect.get(window, "moves")), address).toEqual([]);
    }
  });
}
