import { execFile } from "node:child_process";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import sirv from "sirv";
import { binary, expect, snippet, test } from "./site.ts";

test.use({ serviceWorkers: "allow" });

/** The addresses that are kept. */
function kept(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const cache = await caches.open("underhood");
    return (await cache.keys()).map(({ url }) => url);
  });
}

/** Waits until the page that is open is kept, with what it needs. */
async function isKept(page: Page): Promise<void> {
  const needed = [page.url(), "site.js?v=", "site.css?v=", "theme.js?v="];
  const missing = async () => {
    const urls = await kept(page);
    return needed.filter((part) => !urls.some((url) => url.includes(part)));
  };
  await expect.poll(missing).toEqual([]);
}

test("pages that were read are there offline, with their styles and scripts", async ({
  page,
  site,
  context,
}) => {
  // The first page comes before there is a worker.
  await page.goto(`${site}/lessons/escape-analysis`);
  await isKept(page);
  await page.goto(`${site}/map`);
  await isKept(page);
  const lesson = snippet(page, "escape/return-pointer");
  await page.goto(`${site}/lessons/escape-analysis`);
  await lesson.getByRole("button", { name: "Run" }).click();
  await expect(lesson.getByRole("region", { name: /^Output/ })).toContainText("moved to heap");
  await page.goto(`${site}/no-such-page`);
  expect((await kept(page)).filter((url) => /api|no-such-page/.test(url))).toEqual([]);

  await context.setOffline(true);
  await page.goto(`${site}/lessons/escape-analysis`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Escape Analysis");
  await expect(lesson.getByRole("button", { name: "Run" })).toBeVisible();
  await lesson.getByRole("button", { name: "Run" }).click();
  await expect(lesson.locator(".status-text")).toContainText("cannot be reached");
  await page.getByRole("link", { name: "Map", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Skill map");
  // One that was not read is told of, with those that were.
  await page.goto(`${site}/revise`);
  await expect(page.getByText("This page was not opened before")).toBeVisible();
  await page.getByRole("link", { name: /Skill map/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Skill map");
  await context.setOffline(false);
});

test("an exported site is kept too, and another version takes the place of the last", async ({
  page,
  context,
}) => {
  const folder = await mkdtemp(join(tmpdir(), "underhood-offline-"));
  const site = join(folder, "site");
  await promisify(execFile)(binary, ["export", site, "--no-run"]);
  const server = createServer(sirv(site, { dev: true }));
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const page1 = `${url}lessons/escape-analysis/`;
  try {
    await page.goto(page1);
    await isKept(page);
    const before = await kept(page);
    // Kept as any page is: once it was opened.
    const search = async () => {
      await page.keyboard.press("/");
      await page.getByRole("combobox", { name: "Search all pages" }).fill("arena");
      await expect(page.getByRole("option").first()).toBeVisible();
      await page.keyboard.press("Escape");
    };
    await search();
    // Another version, as the next export would write it.
    const html = join(site, "lessons/escape-analysis/index.html");
    const old = await readFile(html, "utf8");
    const next = old.replaceAll(/(site\.(?:js|css)\?v=)\w+/g, "$1next");
    await writeFile(html, next.replace("<h1>Escape Analysis</h1>", "<h1>The next version</h1>"));
    await appendFile(join(site, "assets/site.css"), "\n/* next */\n");
    await page.goto(page1);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("The next version");
    const versions = async () => (await kept(page)).filter((one) => one.includes("site.js"));
    expect(before.some((one) => one.includes("site.js?v=next"))).toBe(false);
    await expect.poll(versions).toEqual([`${url}assets/site.js?v=next`]);
    await context.setOffline(true);
    await page.reload();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("The next version");
    const lesson = snippet(page, "escape/return-pointer");
    await lesson.getByRole("button", { name: "Show output" }).click();
    await expect(lesson.getByRole("region", { name: /^Output/ })).toContainText("moved to heap: u");
    await search();
    await context.setOffline(false);
  } finally {
    server.close();
    server.closeAllConnections();
    await rm(folder, { recursive: true });
  }
});

test("nothing is kept in watch mode", async ({ page, draft }) => {
  await page.goto(`${draft.site}/lessons/escape-analysis`);
  await page.waitForLoadState("load");
  expect((await page.request.get(`${draft.site}/sw.js`)).status()).toBe(404);
  expect(
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length),
  ).toBe(0);
});
