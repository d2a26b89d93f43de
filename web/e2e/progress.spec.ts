import { readFile } from "node:fs/promises";
import { expect, test } from "./site.ts";

test("a lesson that is learned lights up, and its questions come to be revised", async ({
  page,
  site,
}) => {
  await page.goto(`${site}/map`);
  const node = page.locator('.map [data-lesson="escape-analysis"]');
  await expect(node).toHaveAttribute("data-standing", /next|open|ahead/);
  await node.getByRole("link").press("Enter");
  await page.getByRole("button", { name: "Mark as learned" }).press("Space");
  await expect(page.getByRole("button", { name: "Learned", pressed: true })).toBeFocused();

  await page.getByRole("link", { name: "the map" }).click();
  await expect(node).toHaveAttribute("data-standing", "learned");
  await expect(node).toContainText("Learned");
  await expect(page.locator("learned-bar.of-all")).toContainText(/1 of \d+ learned/);
  await page.goto(site);
  await page.getByRole("link", { name: /questions to revise/ }).click();

  // By keyboard alone: the focus is where the next key is wanted.
  await expect(page.getByText(/questions are due/)).toBeVisible();
  await page.getByRole("button", { name: "Begin" }).press("Enter");
  await expect(page.getByRole("button", { name: "Show the answer" })).toBeFocused();
  await expect(page.locator(".questions")).toBeHidden();
  for (let asked = 0; asked < 20 && (await page.getByText("Done for now").count()) === 0; asked++) {
    await page.keyboard.press("Enter");
    await expect(page.getByRole("button", { name: "Easy" })).toBeVisible();
    await page.keyboard.press("4");
    await expect(page.getByRole("button", { name: "Easy" })).toBeHidden();
  }
  await expect(page.getByText("Done for now")).toBeVisible();
  await page.goto(site);
  await expect(page.getByRole("link", { name: /to revise/ })).toBeHidden();
});

test("progress is exported, forgotten and imported", async ({ page, site }) => {
  await page.goto(`${site}/lessons/escape-analysis`);
  await page.getByRole("button", { name: "Mark as learned" }).click();
  await page.goto(`${site}/map`);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export" }).click(),
  ]);
  const exported = await readFile(await download.path(), "utf8");
  page.on("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name: "Reset" }).click();
  const all = page.locator("learned-bar.of-all");
  await expect(all).toContainText(/\b0 of/);

  const file = (text: string) => ({
    name: "progress.json",
    mimeType: "application/json",
    buffer: Buffer.from(text),
  });
  await page.locator("input[type=file]").setInputFiles(file("no"));
  await expect(page.getByText("Not imported: this is not JSON.")).toBeVisible();
  await expect(all).toContainText(/\b0 of/);
  await page.locator("input[type=file]").setInputFiles(file(exported));
  await expect(page.getByText("Imported.")).toBeVisible();
  await expect(all).toContainText(/\b1 of/);
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("the map is a list, and questions have their answers", async ({ page, site }) => {
    await page.goto(`${site}/map`);
    await page.locator('.map [data-lesson="escape-analysis"] a').click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Escape Analysis");
    await page.goto(`${site}/revise`);
    const question = page.locator(".question").first();
    await question.locator("summary").click();
    await expect(question.locator("p").first()).toBeVisible();
  });
});
