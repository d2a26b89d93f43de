import type { Locator } from "@playwright/test";
import { expect, openEditor, snippet, test } from "./site.ts";

const PAGE = "/lessons/escape-analysis";
const RETURN_POINTER = "escape/return-pointer";

test("code runs at once, and the editor comes only when it is wanted", async ({ page, site }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(site + PAGE);
  const lesson = snippet(page, RETURN_POINTER);
  // A picture that marks the code wants the editor; of this run there is none.
  await lesson.getByRole("radio", { name: "run", exact: true }).check();
  await lesson.getByRole("button", { name: "Run" }).click();
  await expect(lesson.getByRole("region", { name: /^Output/ })).toContainText("Ada Grace");
  expect(asked.filter((url) => url.includes("editor"))).toEqual([]);
  await lesson.locator(".still").hover();
  await expect.poll(() => asked.filter((url) => url.includes("editor")).length).toBe(1);
  await expect(lesson.locator(".still")).toBeVisible();
});

for (const width of [390, 1280]) {
  test.describe(`${width} pixels`, () => {
    test.use({ viewport: { width, height: 900 } });

    test("the editor stands where the text was, letter by letter", async ({ page, site }) => {
      await page.goto(site + PAGE);
      const lesson = snippet(page, RETURN_POINTER);
      await expect(lesson.locator(".snippet-reset")).toBeAttached();
      const still = await letters(lesson, "pre");
      const numbers = await letters(lesson, ".still-lines");
      await openEditor(page, RETURN_POINTER);
      await expect(lesson.locator(".still")).not.toBeAttached();
      expect(still.length).toBeGreaterThan(200);
      expectSame(await letters(lesson, ".cm-line"), still, 0.5);
      // CodeMirror rounds the height of each number.
      const last = (all: Letter[]) => all.slice(-2);
      const gutter = await letters(lesson, ".cm-lineNumbers .cm-gutterElement");
      expectSame(last(gutter), last(numbers), 1.5);
    });
  });
}

/** A letter of the code, its colour, and where it is, in pixels from the corner of the code. */
type Letter = { letter: string; x: number; y: number };

/** All letters, and as the first the size of the code's box. */
async function letters(lesson: Locator, selector: string): Promise<Letter[]> {
  return await lesson.locator(".snippet-code").evaluate((code, selector) => {
    const root = code.querySelector(".editor")?.shadowRoot ?? code;
    const box = code.getBoundingClientRect();
    const found = [{ letter: "size", x: box.width, y: box.height }];
    for (const part of root.querySelectorAll(selector)) {
      const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const { color } = getComputedStyle(node.parentElement as Element);
        for (const match of (node.textContent ?? "").matchAll(/\S/g)) {
          const range = document.createRange();
          range.setStart(node, match.index);
          range.setEnd(node, match.index + 1);
          const { x, y } = range.getBoundingClientRect();
          found.push({ letter: `${match[0]} ${color}`, x: x - box.x, y: y - box.y });
        }
      }
    }
    return found;
  }, selector);
}

function expectSame(one: Letter[], other: Letter[], within: number): void {
  expect(one.map(({ letter }) => letter)).toEqual(other.map(({ letter }) => letter));
  for (const [at, { letter, x, y }] of one.entries()) {
    const { x: otherX = 0, y: otherY = 0 } = other[at] ?? {};
    expect(Math.abs(x - otherX), letter).toBeLessThan(within);
    expect(Math.abs(y - otherY), letter).toBeLessThan(within);
  }
}

test("a click puts the cursor where it hit", async ({ page, site }) => {
  await page.goto(site + PAGE);
  const lesson = snippet(page, RETURN_POINTER);
  const keyword = lesson.locator(".hl-keyword", { hasText: "func" }).first();
  await keyword.scrollIntoViewIfNeeded();
  const box = await keyword.boundingBox();
  if (!box) throw new Error("the code has no func");
  await page.mouse.click(box.x + box.width + 1, box.y + box.height / 2);
  await expect(lesson.locator(".cm-content")).toBeFocused();
  await page.keyboard.type("X");
  await expect(lesson.locator(".cm-content")).toContainText("funcX ");
});

test("Tab goes past the code, Enter goes in, Escape and Tab leave", async ({ page, site }) => {
  await page.goto(site + PAGE);
  const lesson = snippet(page, RETURN_POINTER);
  const code = lesson.locator(".snippet-code");
  const before = await code.locator("textarea").inputValue();
  // The question stands between the code and Run.
  const next = lesson.getByRole("checkbox").first();
  await lesson.getByLabel("Other modes").focus();
  await page.keyboard.press("Tab");
  await expect(lesson.locator(".cm-content")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(next).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await expect(lesson.locator(".cm-content")).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(lesson.locator(".cm-content")).toBeFocused();
  await expect(lesson.locator(".cm-line").first()).toHaveText(/^\s+package main/);
  await page.keyboard.press("ControlOrMeta+z");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await expect(next).toBeFocused();
  await lesson.getByRole("button", { name: "Run" }).press("Enter");
  await expect(lesson.getByRole("region", { name: /^Output/ })).toContainText("moved to heap");
  await expect(lesson.locator(".cm-line").first()).toHaveText(before.split("\n")[0] ?? "");
});

test("where the editor cannot be had, the code is still edited and run", async ({ page, site }) => {
  await page.route("**/parts/editor-*", (route) => route.abort());
  await page.goto(site + PAGE);
  const lesson = snippet(page, RETURN_POINTER);
  const area = lesson.locator(".still textarea");
  await area.click();
  await area.fill("package main\n\nfunc main() { println(x) }\n");
  await expect(lesson.locator(".still pre")).toBeHidden();
  await lesson.getByRole("button", { name: "Run" }).click();
  await expect(lesson.getByRole("region", { name: /^Output/ })).toContainText("undefined: x");
  await lesson.getByRole("button", { name: "Reset" }).click();
  await expect(area).toHaveValue(/newUser/);
  await expect(lesson.locator(".still .hl-func").first()).toBeVisible();
});
