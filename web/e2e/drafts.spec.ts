import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expect, openEditor, paste, snippet, test } from "./site.ts";

const PAGE = "/lessons/escape-analysis";
const FLOW = "escape/flow";
const MINE = "package main\n\nfunc main() { println(6 * 7) }\n";
const OTHER = "package main\n\nfunc main() { println(7 * 8) }\n";

/** What a snippet shows as its code, with the editor or without. */
async function code(page: Page): Promise<string> {
  return await snippet(page, FLOW)
    .locator(".snippet-code")
    .evaluate((element) => {
      const lines = element.querySelector(".editor")?.shadowRoot?.querySelectorAll(".cm-line");
      const area = element.querySelector("textarea");
      return lines ? [...lines].map((line) => line.textContent).join("\n") : (area?.value ?? "");
    });
}

test("edited code is there after a reload, in a new tab and on no other page's snippet", async ({
  page,
  context,
  site,
}) => {
  await page.goto(site + PAGE);
  const lesson = snippet(page, FLOW);
  const before = await code(page);
  await paste(page, FLOW, MINE);
  await page.reload();
  await expect(lesson.getByRole("button", { name: "Reset" })).toBeEnabled();
  expect(await code(page)).toBe(MINE);
  const tab = await context.newPage();
  await tab.goto(site + PAGE);
  await expect(snippet(tab, FLOW).getByRole("button", { name: "Reset" })).toBeEnabled();
  expect(await code(tab)).toBe(MINE);
  await tab.close();
  await lesson.getByRole("button", { name: "Reset" }).click();
  expect(await code(page)).toBe(before);
  await lesson.getByRole("button", { name: "Undo" }).click();
  expect(await code(page)).toBe(MINE);
  await lesson.getByRole("button", { name: "Reset" }).click();
  await page.reload();
  await expect(lesson.getByRole("button", { name: "Reset" })).toBeDisabled();
  expect(await code(page)).toBe(before);
});

test("two tabs ask before one takes the other's code away", async ({ page, context, site }) => {
  await page.goto(site + PAGE);
  const tab = await context.newPage();
  await tab.goto(site + PAGE);
  await expect(snippet(tab, FLOW).locator(".snippet-reset")).toBeAttached();
  await paste(page, FLOW, MINE);
  const asked = snippet(tab, FLOW).locator(".snippet-note");
  await expect(asked).toContainText("in another tab of yours");
  await paste(tab, FLOW, OTHER);
  // Not answered yet: the other tab's code is kept, and this one's too, for this tab.
  await page.reload();
  await expect(snippet(page, FLOW).getByRole("button", { name: "Reset" })).toBeEnabled();
  expect(await code(page)).toBe(MINE);
  await tab.reload();
  await expect(asked).toContainText("in another tab of yours");
  expect(await code(tab)).toBe(OTHER);

  await asked.getByRole("button", { name: "Keep mine" }).click();
  await expect(asked).toBeHidden();
  const told = snippet(page, FLOW).locator(".snippet-note");
  await expect(told).toBeVisible();
  expect(await code(page)).toBe(MINE);
  await told.getByRole("button", { name: "Take the other tab's" }).click();
  expect(await code(page)).toBe(OTHER);
  await snippet(page, FLOW).getByRole("button", { name: "Undo" }).click();
  expect(await code(page)).toBe(MINE);
});

test("a lesson whose code has changed asks what to do with the reader's", async ({
  page,
  draft,
}) => {
  const file = join(draft.folder, `examples-go/${FLOW}/main.go`);
  const lesson = snippet(page, FLOW);
  const asked = lesson.locator(".snippet-note");
  const reset = lesson.getByRole("button", { name: "Reset" });
  await page.goto(draft.site + PAGE);
  await paste(page, FLOW, MINE);
  await writeFile(file, `${await readFile(file, "utf8")}\nvar another int\n`);
  await page.locator(".reload-offer").getByRole("button", { name: "Reload" }).click();
  await expect(asked).toContainText("has changed since you edited it");
  expect(await code(page)).toBe(MINE);
  // It asks until it is answered, whatever is typed.
  await openEditor(page, FLOW);
  await page.keyboard.type("/");
  await page.reload();
  await expect(asked).toContainText("has changed since you edited it");
  await asked.getByRole("button", { name: "Take the lesson's" }).click();
  expect(await code(page)).toContain("var another int");
  await expect(asked).toBeHidden();
  await lesson.getByRole("button", { name: "Undo" }).click();
  expect(await code(page)).toContain("println(6 * 7)");
  await page.reload();
  await expect(reset).toBeEnabled();
  await expect(asked).toBeHidden();
  expect(await code(page)).toContain("println(6 * 7)");
});

test("storage that takes nothing is told of once, and work goes on", async ({ page, site }) => {
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException("no room", "QuotaExceededError");
    };
  });
  await page.goto(site + PAGE);
  await paste(page, FLOW, MINE);
  const told = page.getByText("keeps no code for this site");
  await expect(told).toHaveCount(1);
  await paste(page, "escape/return-pointer", OTHER);
  await expect(told).toHaveCount(1);
  await snippet(page, FLOW).getByRole("radio", { name: "run", exact: true }).check();
  await snippet(page, FLOW).getByRole("button", { name: "Run" }).click();
  await expect(snippet(page, FLOW).getByRole("region", { name: /^Output/ })).toContainText("42");
});
