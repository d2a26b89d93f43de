import type { Page } from "@playwright/test";
import { expect, snippet, test } from "./site.ts";

/** What a lesson page may take over the wire before anyone does anything, in bytes. */
const MOST = 100 * 1024;

/** The addresses of all lessons. */
async function lessons(page: Page, site: string): Promise<string[]> {
  await page.goto(site);
  const links = page.locator('.card a[href^="/lessons/"]');
  const paths = await links.evaluateAll((all) =>
    all.map((link) => link.getAttribute("href") ?? ""),
  );
  expect(new Set(paths).size).toBeGreaterThan(11);
  return [...new Set(paths)];
}

/** Opens a page with an empty cache, and sums up all that it had sent, headers too. */
async function weigh(page: Page, address: string): Promise<Map<string, number>> {
  const client = await page.context().newCDPSession(page);
  await client.send("Network.enable");
  await client.send("Network.clearBrowserCache");
  const addresses = new Map<string, string>();
  const sizes = new Map<string, number>();
  client.on("Network.requestWillBeSent", ({ requestId, request }) =>
    addresses.set(requestId, request.url),
  );
  client.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    // One without an address was asked for by the page before; a font or picture in a sheet came with it.
    const address = addresses.get(requestId) ?? "data:";
    if (!address.startsWith("data:")) sizes.set(address, encodedDataLength);
  });
  await page.goto(address, { waitUntil: "networkidle" });
  await client.detach();
  return sizes;
}

test("a lesson is light, and the editor is no part of it", async ({ page, site }) => {
  for (const path of await lessons(page, site)) {
    const sizes = await weigh(page, site + path);
    const sum = [...sizes.values()].reduce((one, other) => one + other, 0);
    const parts = [...sizes].map(([address, size]) => `${size} ${address}`).join("\n");
    expect(sizes.size, parts).toBeGreaterThan(4);
    expect(sum, parts).toBeLessThanOrEqual(MOST);
    // What it shares with the page comes at once, not only when a script asks for it.
    const named = page.locator('link[rel="modulepreload"]');
    const known = await named.evaluateAll((links) =>
      links.map((link) => link.getAttribute("href")),
    );
    const loaded = [...sizes.keys()].map((address) => new URL(address).pathname);
    expect(loaded.filter((path) => path.startsWith("/assets/parts/")).sort()).toEqual(known.sort());
    expect(parts).not.toContain("/parts/editor-");
  }
});

for (const width of [390, 1280]) {
  test.describe(`${width} pixels`, () => {
    test.use({ viewport: { width, height: 900 } });

    test("nothing moves while a lesson comes", async ({ page, site }) => {
      await page.addInitScript(() => {
        const moves: string[] = [];
        Object.assign(window, { moves });
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries() as (PerformanceEntry & {
            sources: { node: Node | null }[];
          })[]) {
            const nodes = entry.sources.map(({ node }) => node?.parentElement?.outerHTML);
            moves.push(...nodes.map((html) => html?.slice(0, 200) ?? "gone"));
          }
        }).observe({ type: "layout-shift", buffered: true });
      });
      let isOver = () => {};
      let over = Promise.resolve();
      // Not by page.route: that has every request wait for us for a moment.
      const browser = await page.context().newCDPSession(page);
      browser.on("Fetch.requestPaused", async ({ requestId }) => {
        await over;
        await browser.send("Fetch.continueRequest", { requestId });
      });
      await browser.send("Fetch.enable", { patterns: [{ urlPattern: "*/site.js*" }] });
      for (const path of await lessons(page, site)) {
        over = new Promise((resolve) => {
          isOver = resolve;
        });
        await page.goto(site + path, { waitUntil: "commit" });
        await expect(page.locator("footer.bottom")).toBeVisible();
        const before = await places(page);
        isOver();
        await expect(page.locator(".snippet-reset").last()).toBeAttached();
        await expect(page.locator(".mark-learned")).toBeAttached();
        expect(await places(page)).toEqual(before);
        expect(await page.evaluate(() => Reflect.get(window, "moves"))).toEqual([]);
      }
    });
  });
}

/** Where each part of a lesson is, in sight or not. */
async function places(page: Page): Promise<string[]> {
  return await page.locator(".top > *, main > *, .prose > *, .snippet-code").evaluateAll((parts) =>
    parts.map((part) => {
      const { x, y, width, height } = part.getBoundingClientRect();
      return `${part.tagName} ${part.className}: ${[x, y, width, height].map(Math.round)}`;
    }),
  );
}

test("a lesson is read, and its code run, when no script has come", async ({ page, site }) => {
  await page.route("**/*.js*", (route) => route.abort());
  await page.goto(`${site}/lessons/escape-analysis`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const lesson = snippet(page, "escape/return-pointer");
  const code = lesson.locator(".still");
  await expect(code.locator("pre")).toBeVisible();
  const keyword = code.locator(".hl-keyword").first();
  const colour = (element: Element) => getComputedStyle(element).color;
  expect(await keyword.evaluate(colour)).not.toBe(await code.locator("pre").evaluate(colour));
  // What is typed is seen, and sent.
  await code.getByRole("textbox").fill("package main\n\nfunc main() { println(6 * 7) }\n");
  await expect(code.locator("pre")).toBeHidden();
  await lesson.getByRole("radio", { name: "run", exact: true }).check();
  await lesson.getByRole("button", { name: "Run" }).click();
  await expect(page.locator(".snippet-output")).toContainText("42");
});

test("text is painted in its own letters without waiting for scripts", async ({ page, site }) => {
  let isOver = () => {};
  const over = new Promise<void>((resolve) => {
    isOver = resolve;
  });
  await page.route(/site\.js/, async (route) => {
    await over;
    await route.continue();
  });
  await page.goto(`${site}/lessons/escape-analysis`, { waitUntil: "commit" });
  const painted = () => performance.getEntriesByName("first-contentful-paint").length;
  await expect.poll(() => page.evaluate(painted)).toBe(1);
  await expect(page.locator(".prose p").first()).toBeVisible();
  // A font that came later would move it.
  const fonts = () => [...document.fonts].map((font) => `${font.family}: ${font.status}`);
  expect((await page.evaluate(fonts)).sort()).toEqual([
    "Underhood Mono: loaded",
    "Underhood Sans: loaded",
  ]);
  isOver();
});
