import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { type Draft, expect, paste, snippet, test } from "./site.ts";

const LESSON = "lessons/02-escape-analysis.md";
const PAGE = "/lessons/escape-analysis";
const FLOW = "escape/flow";

/** Puts one text in the place of another, as an author does. */
async function edit({ folder }: Draft, file: string, old: string, next: string): Promise<void> {
  const text = await readFile(join(folder, file), "utf8");
  expect(text).toContain(old);
  await writeFile(join(folder, file), text.replace(old, next));
}

/** Where an example stands in the window. */
async function topOf(page: Page, example: string): Promise<number> {
  return (await snippet(page, example).boundingBox())?.y ?? Number.NaN;
}

test("a page reloads itself, and the reader stays where she was", async ({ page, draft }) => {
  await page.goto(draft.site + PAGE);
  await snippet(page, FLOW).evaluate((element) =>
    element.scrollIntoView({ block: "start", behavior: "instant" }),
  );
  const before = await topOf(page, FLOW);
  await edit(draft, LESSON, "## Two rules\n", "## Two rules\n\nOne more.\n\nAnd one more.\n");
  await expect(page.getByText("And one more.")).toBeAttached();
  await expect.poll(async () => Math.abs((await topOf(page, FLOW)) - before)).toBeLessThan(2);

  await edit(draft, `examples-go/${FLOW}/example.toml`, "title = ", "colour = 1\ntitle = ");
  await expect(page.locator(".not-shown")).toContainText("unknown field `colour`");
  await expect(page.locator(".mistakes")).toContainText(`examples-go/${FLOW}/example.toml:`);
  await edit(draft, `examples-go/${FLOW}/example.toml`, "colour = 1\n", "");
  await expect(snippet(page, FLOW)).toBeAttached();
  await expect(page.locator(".mistakes")).not.toBeAttached();
});

test("code that was typed is not thrown away", async ({ page, draft }) => {
  const code = "package main\n\nfunc main() { println(6 * 7) }\n";
  await page.goto(draft.site + PAGE);
  await paste(page, FLOW, code);
  const offer = page.locator(".reload-offer");
  await edit(draft, LESSON, "## Two rules\n", "## Three rules\n");
  await expect(offer).toContainText("This page has changed.");
  await expect(page.getByRole("heading", { name: "Two rules" })).toBeAttached();
  await edit(draft, LESSON, "## Three rules\n", "## Two rules\n");
  await expect(offer).not.toBeAttached();
  await edit(draft, LESSON, "## Two rules\n", "## Four rules\n");
  await offer.getByRole("button", { name: "Reload" }).click();
  await expect(page.getByRole("heading", { name: "Four rules" })).toBeAttached();
  await expect(snippet(page, FLOW).locator("textarea")).toHaveValue(code);
});

for (const width of [390, 1280]) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`${width} pixels, ${colorScheme}`, () => {
      test.use({ viewport: { width, height: 900 }, colorScheme });

      test("mistakes fit, and so does the offer", async ({ page, draft }) => {
        await edit(draft, LESSON, "minutes = ", `${"long".repeat(40)} = 1\nminutes = `);
        await edit(draft, `examples-go/gc/trace/example.toml`, "title = ", "colour = 1\ntitle = ");
        for (const path of ["/", PAGE, "/lessons/garbage-collector"]) {
          await page.goto(draft.site + path);
          await expect(page.locator(".mistakes")).toBeVisible();
          const root = page.locator(":root");
          expect(await root.evaluate((it) => it.scrollWidth > window.innerWidth)).toBe(false);
        }
        await paste(page, "gc/gogc", "package main\n");
        await edit(draft, `examples-go/gc/trace/example.toml`, "colour = 1\n", "");
        await expect(page.locator(".reload-offer button")).toBeInViewport({ ratio: 1 });
      });
    });
  }
}
