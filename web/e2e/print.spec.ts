import type { Page } from "@playwright/test";
import { expect, paste, snippet, test } from "./site.ts";

const LESSON = "/lessons/escape-analysis";
const FLOW = "escape/flow";

/** How many sheets of A4 a page takes. Chromium writes an object of this type for each, and does not compress it. */
async function sheets(page: Page): Promise<number> {
  const pdf = await page.pdf({ format: "A4", preferCSSPageSize: true });
  return pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
}

test("the cheat-sheet fits on two sheets of A4", async ({ page, site }) => {
  await page.goto(`${site}/lessons/cheat-sheet`);
  await expect(page.locator("go-snippet .snippet-reset").first()).toBeAttached();
  const count = await sheets(page);
  expect(count).toBeGreaterThanOrEqual(1);
  expect(count).toBeLessThanOrEqual(2);
  // What is counted is there.
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("cell", { name: "gctrace=1" })).toBeVisible();
});

test("a lesson on paper has its code, and nothing to press", async ({ page, site }) => {
  const code = `package main\n\nfunc main() {\n${"\tprintln(1)\n".repeat(60)}\tprintln("the end")\n}\n`;
  await page.goto(site + LESSON);
  await paste(page, FLOW, code);
  expect(await sheets(page)).toBeGreaterThan(3);
  // Nothing of it stays behind.
  await expect(page.locator(".printed-code")).toHaveCount(0);

  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  const printed = snippet(page, FLOW).locator(".printed-code");
  await expect(printed).toBeVisible();
  expect(await printed.textContent()).toBe(code);
  // All of it is on the paper.
  expect(await printed.evaluate((it) => it.scrollHeight <= it.clientHeight)).toBe(true);
  for (const role of ["button", "radio", "textbox", "navigation", "banner", "contentinfo"] as const)
    await expect(page.getByRole(role)).toHaveCount(0);
  const colours = (selector: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((it) => {
        const { color, backgroundColor } = getComputedStyle(it);
        return [color, backgroundColor];
      });
  expect((await colours("html"))[1]).toBe("rgb(255, 255, 255)");
  expect((await colours(".prose p a"))[0]).toBe((await colours(".prose p"))[0]);
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("a lesson on paper has all of its code too", async ({ page, site }) => {
    await page.goto(site + LESSON);
    await page.emulateMedia({ media: "print" });
    const field = snippet(page, FLOW).locator("textarea");
    await field.fill("package main\n".repeat(80));
    expect(await field.evaluate((it) => it.scrollHeight <= it.clientHeight)).toBe(true);
  });
});
