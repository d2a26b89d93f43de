import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { chooseMode, expect, paste, snippet, test } from "./site.ts";

const PAGE = "/lessons/escape-analysis";
const FLOW = "escape/flow";
const INLINING = "escape/inlining";

/** Runs an example once more, and answers with the lines of its output. */
async function run(page: Page, example: string): Promise<string[]> {
  const lesson = snippet(page, example);
  await lesson.getByRole("button", { name: "Run", exact: true }).click();
  await expect(lesson.locator(".status-text")).toContainText("Finished");
  return ((await lesson.locator(".snippet-output pre").textContent()) ?? "").split("\n");
}

/** Shows what changed, where it is not shown already. */
async function changes(page: Page, example: string) {
  const lesson = snippet(page, example);
  const button = lesson.getByRole("button", { name: "What changed" });
  if ((await button.getAttribute("aria-pressed")) === "false") await button.click();
  return lesson.locator("changes-picture");
}

test("an edit: what is no longer on the heap", async ({ page, site }) => {
  await page.goto(site + PAGE);
  const lesson = snippet(page, FLOW);
  await lesson.getByRole("radio", { name: "escape", exact: true }).check();
  const before = await run(page, FLOW);
  const code = await lesson.locator(".cm-content").innerText();
  expect(code).toContain("current = next");
  await paste(
    page,
    FLOW,
    `// One line more, at the top.\n${code.replace("current = next", "_ = next").replaceAll("\n\n", "\n")}`,
  );
  const after = await run(page, FLOW);
  const heap = (lines: string[]) => lines.filter((line) => / to heap/.test(line)).length;
  expect([heap(before), heap(after)]).toEqual([2, 0]);
  // The picture comes only now, and is told of the run before.
  const picture = await changes(page, FLOW);
  const gone = picture.locator("section", { hasText: "No longer on the heap" });
  await expect(gone.getByRole("button")).toHaveCount(2);
  await expect(picture.locator("section", { hasText: "Now on the heap" })).toHaveCount(0);
  await gone.getByRole("button", { name: /moved to heap: max/ }).click();
  await expect(lesson.locator(".cm-activeLine")).toContainText("max := 10");
  await run(page, FLOW);
  await expect(picture.locator(".result")).toContainText("no decision is different");
});

test("a flag: as many inlined calls as the text has", async ({ page, site }) => {
  await page.goto(site + PAGE);
  const lines = await run(page, INLINING);
  const picture = await changes(page, INLINING);
  await expect(picture.locator(".result")).toContainText("There is no run before this one");
  await picture.getByLabel("Compared with").selectOption("a build without inlining (-l)");
  const calls = lines.filter((line) => line.includes("inlining call to")).length;
  expect(calls).toBeGreaterThan(0);
  const inlined = picture.locator("section", { hasText: "Calls inlined now" });
  await expect(inlined.getByRole("button")).toHaveCount(calls);
  const can = lines.filter((line) => line.includes("can inline")).length;
  const section = picture.locator("section", { hasText: "Can be inlined now" });
  await expect(section.getByRole("button")).toHaveCount(can);
  const { violations } = await new AxeBuilder({ page }).include("changes-picture").analyze();
  expect(violations).toEqual([]);
});

const bits = `package main

import "math/bits"

//go:noinline
func ones(x uint64) int { return bits.OnesCount64(x) }

func main() { println(ones(7)) }
`;

test("GOAMD64: calls and instructions", async ({ page, site }) => {
  await page.goto(site + PAGE);
  await paste(page, FLOW, bits);
  await chooseMode(page, FLOW, "Assembly");
  const lines = await run(page, FLOW);
  const picture = await changes(page, FLOW);
  await picture.getByLabel("Compared with").selectOption("GOAMD64=v3");
  const fallback = picture.locator("section", { hasText: "Calls in the machine code now" });
  await expect(fallback).toContainText("CALL math/bits.OnesCount64");
  const said = lines.filter((line) => /\tCALL\tmath\/bits.OnesCount64\(SB\)/.test(line));
  await expect(fallback.getByRole("button", { name: "OnesCount64" })).toHaveCount(said.length);
});

test("another release of Go", async ({ page, site }) => {
  const answer = await page.request.get(`${site}/api/v1/toolchains`);
  const { toolchains } = await answer.json();
  const other = toolchains.find((toolchain: { default: boolean }) => !toolchain.default);
  test.skip(!other, "there is only one toolchain");
  await page.goto(site + PAGE);
  await run(page, INLINING);
  const picture = await changes(page, INLINING);
  const name = `go${other.go.replace(/^go/, "")}`;
  await picture.getByLabel("Compared with").selectOption(name);
  await expect(picture.locator(".result")).toContainText(`Compared with ${name}, `);
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`390 pixels, ${colorScheme}`, () => {
    test.use({ viewport: { width: 390, height: 844 }, colorScheme });

    test("axe finds nothing, and the page does not scroll sideways", async ({ page, site }) => {
      await page.goto(site + PAGE);
      await snippet(page, FLOW).getByRole("radio", { name: "escape", exact: true }).check();
      await run(page, FLOW);
      const picture = await changes(page, FLOW);
      await picture.getByLabel("Compared with").selectOption("a build without inlining (-l)");
      await expect(picture.locator(".result")).toContainText("different");
      await picture.getByText("As a table").click();
      const { violations } = await new AxeBuilder({ page }).include("changes-picture").analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    });
  });
}
