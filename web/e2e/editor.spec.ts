import { expect, openEditor, snippet, test } from "./site.ts";

const PAGE = "/lessons/escape-analysis";
const RETURN_POINTER = "escape/return-pointer";

test("code runs at once, and the editor comes only when it is wanted", async ({ page, site }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(site + PAGE);
  const lesson = snippet(page, RETURN_POINTER);
  await lesson.getByRole("button", { name: "Run" }).click();
  await expect(lesson.getByRole("region")).toContainText("moved to heap");
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
      /** Where each word of the code is, and its colour. */
      const words = (selector: string) =>
        lesson.locator(".snippet-code").evaluate((code, selector) => {
          const root = code.querySelector(".editor")?.shadowRoot ?? code;
          const box = code.getBoundingClientRect();
          const found: unknown[] = [box.width, box.height];
          for (const part of root.querySelectorAll(selector)) {
            const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
              for (const match of (node.textContent ?? "").matchAll(/[\w"/.%]+/g)) {
                const range = document.createRange();
                range.setStart(node, match.index);
                range.setEnd(node, match.index + match[0].length);
                const { x, y } = range.getBoundingClientRect();
                const { color } = getComputedStyle(node.parentElement as Element);
                const place = [x - box.x, y - box.y].map((n) => Math.round(n * 2) / 2);
                found.push([match[0], ...place, color]);
              }
            }
          }
          return found;
        }, selector);
      const still = await words("pre");
      const numbers = await words(".still-lines");
      await openEditor(page, RETURN_POINTER);
      await expect(lesson.locator(".still")).not.toBeAttached();
      expect(still.length).toBeGreaterThan(20);
      await expect.poll(() => words(".cm-line")).toEqual(still);
      // CodeMirror rounds each number's height.
      const [shown, edited] = [numbers, await words(".cm-lineNumbers .cm-gutterElement")].map(
        (all) => (all.at(-1) as [string, number, number]).slice(0, 3),
      );
      expect(edited?.slice(0, 2)).toEqual(shown?.slice(0, 2));
      expect(Math.abs(Number(edited?.[2]) - Number(shown?.[2]))).toBeLessThan(1.5);
    });
  });
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
  const run = lesson.getByRole("button", { name: "Run" });
  await lesson.getByLabel("Other modes").focus();
  await page.keyboard.press("Tab");
  await expect(lesson.locator(".cm-content")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(run).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await expect(lesson.locator(".cm-content")).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(lesson.locator(".cm-content")).toBeFocused();
  await expect(lesson.locator(".cm-line").first()).toHaveText(/^\s+package main/);
  await page.keyboard.press("ControlOrMeta+z");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await expect(run).toBeFocused();
  await run.press("Enter");
  await expect(lesson.getByRole("region")).toContainText("moved to heap");
  await expect(lesson.locator(".cm-line").first()).toHaveText(before.split("\n")[0] ?? "");
});

test("where the editor cannot be had, the code is still edited and run", async ({ page, site }) => {
  await page.route("**/parts/**", (route) => route.abort());
  await page.goto(site + PAGE);
  const lesson = snippet(page, RETURN_POINTER);
  const area = lesson.locator(".still textarea");
  await area.click();
  await area.fill("package main\n\nfunc main() { println(x) }\n");
  await expect(lesson.locator(".still pre")).toBeHidden();
  await lesson.getByRole("button", { name: "Run" }).click();
  await expect(lesson.getByRole("region")).toContainText("undefined: x");
  await lesson.getByRole("button", { name: "Reset" }).click();
  await expect(lesson.locator(".still pre")).toBeVisible();
});
