import type { Page } from "@playwright/test";
import { expect, openEditor, test } from "./site.ts";

const SCHEDULER = "/lessons/scheduler";

/** What readers look for, and the page that they mean. */
const asked: [query: string, page: string][] = [
  ["-gcflags=-m", "/lessons/escape-analysis"],
  ["moved to heap", "/lessons/escape-analysis"],
  ["leaking param", "/lessons/escape-analysis"],
  ["morestack", "/lessons/stack-and-heap"],
  ["how do goroutine stacks grow", "/lessons/stack-and-heap"],
  ["mcache", "/lessons/allocator"],
  ["size class", "/lessons/allocator"],
  ["tiny allocator", "/lessons/allocator"],
  ["GODEBUG=gctrace=1", "/lessons/garbage-collector"],
  ["GOMEMLIMIT", "/lessons/garbage-collector"],
  ["write barrier", "/lessons/garbage-collector"],
  ["padding", "/lessons/struct-layout"],
  ["uintptr", "/lessons/unsafe-pointers"],
  ["type assertion", "/lessons/interfaces"],
  ["typed nil", "/lessons/interfaces"],
  ["sysmon", SCHEDULER],
  ["schedular", SCHEDULER],
  ["work stealing", SCHEDULER],
  ["runtime/metrics", "/lessons/introspection"],
  ["inittrace", "/lessons/introspection"],
  ["linker", "/lessons/build-pipeline"],
  ["bounds check", "/lessons/reading-assembly"],
  ["GOAMD64", "/lessons/reading-assembly"],
  ["cheat sheet", "/lessons/cheat-sheet"],
  ["skill map", "/map"],
];

const dialog = (page: Page) => page.getByRole("dialog", { name: "Search" });
const field = (page: Page) => dialog(page).getByRole("combobox");
const hits = (page: Page) => dialog(page).getByRole("option");

/** Waits for the page's script, without which no key does anything. */
async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expect(page.getByRole("button", { name: "Search" })).toBeVisible();
}

test("what readers look for leads to the page that they mean", async ({ page, site }) => {
  await open(page, site);
  await page.getByRole("button", { name: "Search" }).click();
  const leads: [string, string][] = [];
  for (const [query] of asked) {
    await field(page).fill(query);
    await expect(hits(page).first()).toBeVisible();
    const href = (await hits(page).first().getAttribute("href")) ?? "";
    leads.push([query, new URL(href).pathname]);
  }
  expect(leads).toEqual(asked);

  // Found with the page where it is explained among the first.
  await field(page).fill("runtime.mallocgc");
  await expect(hits(page).filter({ hasText: "The Memory Allocator" }).first()).toBeVisible();
});

test("from a key to the place, by keyboard alone", async ({ page, site }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await open(page, site + SCHEDULER);
  expect(asked.filter((path) => /search/.test(path))).toEqual([]);
  await page.keyboard.press("/");
  await expect(field(page)).toBeFocused();
  await page.keyboard.type("write barrier");
  await expect(hits(page).first()).toContainText(
    "Memory & Garbage Collection › The Garbage Collector",
  );
  await expect(hits(page).first().locator("mark").first()).toHaveText(/write|barrier/i);
  await expect(dialog(page).getByRole("status")).toHaveText(/^\d+ places$/);

  const chosen = dialog(page).getByRole("option", { selected: true });
  const second = hits(page).nth(1);
  await page.keyboard.press("ArrowDown");
  await expect(second).toHaveAttribute("aria-selected", "true");
  await expect(field(page)).toHaveAttribute(
    "aria-activedescendant",
    (await second.getAttribute("id")) ?? "",
  );
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await expect(hits(page).last()).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  const target = (await chosen.getAttribute("href")) ?? "";
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(target);
  const place = page.locator(`[id="${new URL(target).hash.slice(1)}"]`);
  await expect(place).toBeInViewport();
  expect(asked.filter((path) => path === "/search.json")).toHaveLength(1);
});

test("nothing found is said, Esc closes, and the focus goes back", async ({ page, site }) => {
  await open(page, site + SCHEDULER);
  const button = page.getByRole("button", { name: "Search" });
  await button.press("Enter");
  await field(page).fill("quokka");
  await expect(dialog(page).getByRole("status")).toHaveText("Nothing found for “quokka”.");
  await page.keyboard.press("Escape");
  await expect(dialog(page)).toBeHidden();
  await expect(button).toBeFocused();

  // Also from where one types.
  const editor = await openEditor(page, "sched/order");
  await expect(editor).toBeFocused();
  await page.keyboard.press("Control+k");
  await expect(field(page)).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(editor).toBeFocused();
});

test("an index that cannot be had is asked for again", async ({ page, site }) => {
  await page.route("**/search.json", (route) => route.abort());
  await open(page, site);
  await page.keyboard.press("/");
  await expect(dialog(page).getByRole("status")).toHaveText(/cannot be loaded/);
  await page.unroute("**/search.json");
  await page.keyboard.press("Escape");
  // The field loses the focus with the next frame.
  await expect(page.locator("body")).toBeFocused();
  await page.keyboard.press("/");
  await page.keyboard.type("GOGC");
  await expect(hits(page).first()).toBeVisible();
});
