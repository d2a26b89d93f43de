import type { Page } from "@playwright/test";
import { groups } from "../src/shortcuts.ts";
import { expect, openEditor, snippet, test } from "./site.ts";

const LESSON = "/lessons/garbage-collector";

const sheet = (page: Page) => page.getByRole("dialog", { name: "Keyboard shortcuts" });

async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expect(page.getByRole("button", { name: "Keyboard shortcuts" })).toBeVisible();
}

test("the sheet shows the table, and comes by a key or a button", async ({ page, site }) => {
  await open(page, site + LESSON);
  await page.keyboard.press("?");
  for (const { does } of groups.flatMap((group) => group.shortcuts))
    await expect(sheet(page).getByText(does, { exact: true })).toBeVisible();
  // Another key does nothing behind it.
  await page.keyboard.press("n");
  await page.keyboard.press("Escape");
  await expect(sheet(page)).toBeHidden();
  const button = page.getByRole("button", { name: "Keyboard shortcuts" });
  await button.press("Enter");
  await sheet(page).getByRole("button", { name: "Close" }).press("Enter");
  await expect(button).toBeFocused();
  expect(new URL(page.url()).pathname).toBe(LESSON);
});

test("keys lead through the site", async ({ page, site }) => {
  await open(page, site + LESSON);
  await page.keyboard.press("n");
  await expect(page).toHaveURL(`${site}/lessons/struct-layout`);
  await expect(page.getByRole("button", { name: "Search" })).toBeVisible();
  await page.keyboard.press("p");
  await expect(page).toHaveURL(site + LESSON);
  await expect(page.getByRole("button", { name: "Search" })).toBeVisible();
  await page.keyboard.press("m");
  await expect(page).toHaveURL(`${site}/map`);
  await expect(page.getByRole("button", { name: "Search" })).toBeVisible();
  await page.keyboard.press("r");
  await expect(page).toHaveURL(`${site}/revise`);
  await expect(page.getByRole("button", { name: "Search" })).toBeVisible();
  for (const [theme, name] of [
    ["dark", "Dark"],
    ["light", "Light"],
    [null, "As the system"],
  ] as const) {
    await page.keyboard.press("t");
    await expect(page.getByRole("radio", { name })).toBeChecked();
    expect(await page.locator(":root").getAttribute("data-theme")).toBe(theme);
  }
});

test("keys lead from snippet to snippet, and one of them is run", async ({ page, site }) => {
  await open(page, site + LESSON);
  const boxes = page.locator("go-snippet .snippet-box");
  await page.keyboard.press("k");
  await expect(page.locator("body")).toBeFocused();
  await page.keyboard.press("j");
  await expect(boxes.nth(0)).toBeFocused();
  await expect(boxes.nth(0)).toBeInViewport();
  await page.keyboard.press("j");
  await expect(boxes.nth(1)).toBeFocused();
  await page.keyboard.press("k");
  await expect(boxes.nth(0)).toBeFocused();
  await page.keyboard.press("j");
  await page.keyboard.press("Control+Enter");
  await expect(snippet(page, "gc/trace").getByRole("region", { name: /^Output/ })).toContainText(
    /gc 1 @\d/,
  );
});

test("what one types is not taken for a shortcut", async ({ page, site }) => {
  await open(page, site + LESSON);
  const knob = snippet(page, "gc/trace").getByLabel("GOGC");
  await knob.fill("");
  await knob.pressSequentially("n?/m");
  await expect(knob).toHaveValue("n?/m");
  const editor = await openEditor(page, "gc/trace");
  await expect(editor).toBeFocused();
  await page.keyboard.type("jkprt?");
  await expect(editor).toContainText("jkprt?");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  expect(new URL(page.url()).pathname).toBe(LESSON);
  expect(await page.locator(":root").getAttribute("data-theme")).toBe(null);
});

test("single keys can be switched off, and stay off", async ({ page, site }) => {
  await open(page, site + LESSON);
  await page.keyboard.press("?");
  const choice = sheet(page).getByRole("switch", { name: /Keys without/ });
  await expect(choice).toBeChecked();
  await choice.press("Space");
  await expect(choice).not.toBeChecked();
  await page.reload();
  await expect(page.getByRole("button", { name: "Search" })).toBeVisible();
  await page.keyboard.press("n");
  await page.keyboard.press("?");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog", { name: "Search" })).toBeVisible();
  await expect(sheet(page)).toHaveCount(0);
  expect(new URL(page.url()).pathname).toBe(LESSON);
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("nothing is shown that would do nothing", async ({ page, site }) => {
    await page.goto(site + LESSON);
    await expect(page.locator("site-search")).toBeEmpty();
    await expect(page.locator("shortcut-help")).toBeEmpty();
    // All buttons that are there belong to forms.
    await expect(page.locator("button:not(form button)")).toHaveCount(0);
  });
});
