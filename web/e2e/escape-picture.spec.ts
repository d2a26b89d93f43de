import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { chooseMode, expect, openEditor, paste, snippet, test } from "./site.ts";

const PAGE = "/lessons/escape-analysis";
const FLOW = "escape/flow";

const indexes = `package main

func show(list []int, i int) int {
	_ = list[i]
	return list[i]
}

func main() { println(show([]int{1, 2}, 1)) }
`;

/** What stands for each layer in the text of -m. */
const layers: Record<string, RegExp> = {
  heap: /: (moved to heap: .*|.* escapes to heap)$/,
  leak: /: leaking param/,
  stack: / does not escape$/,
  "inlined-call": /: inlining call to /,
  inline: /: can inline /,
};

/** Runs one way of an example, and answers with its picture once the run is over. */
async function run(page: Page, example: string, way?: string): Promise<Locator> {
  const lesson = snippet(page, example);
  if (way) await lesson.getByRole("radio", { name: way, exact: true }).check();
  await lesson.getByRole("button", { name: "Run", exact: true }).click();
  await expect(lesson.locator(".status-text")).toContainText("Finished");
  return lesson.locator("escape-picture");
}

/** The lines of a run's output. */
async function output(page: Page, example: string): Promise<string[]> {
  const text = await snippet(page, example).locator(".snippet-output pre").textContent();
  return (text ?? "").split("\n");
}

/** What the marks on the code say, each once for each line. */
async function marks(page: Page, example: string): Promise<string[]> {
  const lines = snippet(page, example).locator(".cm-line");
  return await lines.evaluateAll((lines) =>
    lines.flatMap((line) => {
      const marked = [line, ...line.querySelectorAll("[title]")].map(
        (element) => element.getAttribute("title")?.split("\n") ?? [],
      );
      return [...new Set(marked.flat())];
    }),
  );
}

for (const [example, way] of [
  [FLOW, "why"],
  ["escape/closure", "escape"],
  ["escape/inlining", "escape"],
  ["escape/inlining", "no-inlining"],
  ["escape/interface-argument", "escape"],
] as const) {
  test(`as many marks on ${example} (${way}) as the text has`, async ({ page, site }) => {
    await page.goto(site + PAGE);
    const picture = await run(page, example, way);
    const lines = await output(page, example);
    await expect(picture.locator(".layer").first()).toBeVisible();
    await openEditor(page, example);
    for (const [code, pattern] of Object.entries(layers)) {
      const said = lines.filter((line) => pattern.test(line)).length;
      await expect(picture.locator(`.layer[data-code="${code}"] .count`)).toHaveText(String(said));
      const drawn = async () =>
        (await marks(page, example)).filter((mark) => pattern.test(`: ${mark}`)).length;
      await expect.poll(drawn, { message: code }).toBe(said);
    }
  });
}

test("bounds checks are marked, as many as the text has", async ({ page, site }) => {
  await page.goto(site + PAGE);
  await chooseMode(page, "escape/closure", "Bounds checks");
  await paste(page, "escape/closure", indexes);
  const picture = await run(page, "escape/closure");
  const lines = await output(page, "escape/closure");
  for (const [code, pattern] of [
    ["bounds-kept", /: Found Is(Slice)?InBounds$/],
    ["bounds-proved", /: Proved Is(Slice)?InBounds$/],
  ] as const) {
    const said = lines.filter((line) => pattern.test(line)).length;
    expect(said, code).toBeGreaterThan(0);
    await expect(picture.locator(`.layer[data-code="${code}"] .count`)).toHaveText(String(said));
  }
  const code = snippet(page, "escape/closure").locator(".snippet-code");
  await expect(code.locator(".cm-lineNumbers .cm-sign-check")).toHaveText(["4"]);
  await expect(code.locator(".cm-lineNumbers .cm-sign-proved")).toHaveText(["5"]);
  await expect(picture.getByRole("button", { name: "Count allocations" })).toHaveCount(0);
});

test("a layer is switched off, and a line that is changed loses its marks", async ({
  page,
  site,
}) => {
  await page.goto(site + PAGE);
  const picture = await run(page, FLOW, "escape");
  const code = snippet(page, FLOW).locator(".snippet-code");
  await expect(code.locator(".cm-mark-heap").first()).toBeVisible();
  await expect(code.locator(".cm-lineNumbers .cm-sign-heap")).toHaveText(["9", "10"]);
  await openEditor(page, FLOW);
  // Before the first line: all others move down, with their marks.
  await page.keyboard.press("ControlOrMeta+Home");
  await page.keyboard.press("Enter");
  await expect(code.locator(".cm-lineNumbers .cm-sign-heap")).toHaveText(["10", "11"]);
  await picture
    .getByRole("button", { name: /moved to heap: max/ })
    .first()
    .click();
  await page.keyboard.press("End");
  await page.keyboard.type(" ");
  await expect(code.locator(".cm-lineNumbers .cm-sign-heap")).toHaveCount(1);
  await picture.locator('.layer[data-code="heap"]').press("Enter");
  await expect(code.locator(".cm-mark-heap")).toHaveCount(0);
  await snippet(page, FLOW).getByRole("button", { name: "On the code" }).click();
  await expect(code.locator("[class*=cm-mark-]")).toHaveCount(0);
});

test("the flow is walked by keyboard, with an arrow to each step", async ({ page, site }) => {
  await page.goto(site + PAGE);
  const picture = await run(page, FLOW, "why");
  const lines = await output(page, FLOW);
  const head = lines.findIndex((line) => line.endsWith("[]*int{...} escapes to heap in load:"));
  const end = lines.findIndex((line, at) => at > head && !/: {3,}(flow|from)/.test(line));
  const steps = lines.slice(head + 1, end);
  const why = picture.getByRole("button", { name: /^Why \[\]\*int/ });
  await why.press("Enter");
  await expect(picture.locator(".flow .step")).toHaveCount(steps.length);
  for (const [at, step] of steps.entries()) {
    const said = step
      .replace(/^.*?: +/, "")
      .replace(/ at \S+$/, "")
      .replace(/:$/, "");
    await expect(picture.locator(".flow .step").nth(at)).toContainText(said);
  }
  const next = picture.getByRole("button", { name: "Next", exact: true });
  const reasons = steps.filter((step) => step.includes("  from ")).length;
  await next.focus();
  for (let at = 1; at < reasons; at++) await page.keyboard.press("Enter");
  await expect(picture.getByText(`Step ${reasons} of ${reasons}`)).toBeVisible();
  await expect(next).toHaveAttribute("aria-disabled", "true");
  const code = snippet(page, FLOW).locator(".snippet-code");
  await code.scrollIntoViewIfNeeded();
  await expect(code.locator(".cm-arrow")).toHaveCount(4);
  await expect(code.locator(".cm-arrow-now")).toHaveCount(1);
  await expect(code.locator(".cm-line:has(.cm-mark-step)")).toContainText("current = next");
  await picture.locator(".step[aria-current]").press("ArrowUp");
  await expect(code.locator(".cm-arrow")).toHaveCount(3);
});

test("reasons are fetched where the run tells none", async ({ page, site }) => {
  await page.goto(site + PAGE);
  const picture = await run(page, FLOW, "escape");
  await picture.getByRole("button", { name: "Why moved to heap: max" }).click();
  await expect(picture.locator(".flow .step").first()).toContainText("flow: {storage for");
});

const counted = `package main

import (
	"fmt"
	"testing"
)

type node struct {
	next *node
	name string
}

var kept *node

//go:noinline
func grow() {
	kept = &node{name: "a"}
}

//go:noinline
func never() *int {
	x := 1
	return &x
}

func main() {
	fmt.Println(testing.AllocsPerRun(99, grow))
	if kept == nil {
		never()
	}
}
`;

test("allocations are counted by a real run, and agree with AllocsPerRun", async ({
  page,
  site,
}) => {
  await page.goto(site + PAGE);
  await paste(page, FLOW, counted);
  const picture = await run(page, FLOW, "escape");
  const answer = await page.request.post(`${site}/api/v1/runs`, {
    data: { mode: "run", source: counted },
    headers: { Accept: "application/json" },
  });
  const perRun = Number((await answer.json()).stdout);
  expect(perRun).toBe(1);
  await picture.getByRole("button", { name: "Count allocations" }).click();
  const line = (text: string) => picture.locator(".line", { hasText: text });
  // Once more than 99 times, to warm up.
  await expect(line("kept = &node").locator(".allocated")).toHaveText(
    `${100 * perRun} objects, 2.3 KiB`,
  );
  await expect(line("x := 1").locator(".allocated")).toHaveText("none");
  await expect(line("x := 1").locator(".note")).toContainText("not reached");
  await picture.getByText("As a table").click();
  await expect(
    picture.locator("tr", { hasText: "&node{...} escapes" }).locator(".number"),
  ).toHaveText(["100", "2400"]);
});

for (const [what, statement, said] of [
  ["os.Exit", "os.Exit(0)", "by os.Exit"],
  ["a panic", "panic(os.Args)", "did not come to its end"],
] as const) {
  test(`it is said what cannot be counted after ${what}`, async ({ page, site }) => {
    await page.goto(site + PAGE);
    const lines = ["package main", "", 'import "os"', "", "var kept *int", ""];
    const main = ["func main() {", "\tkept = new(int)", `\t${statement}`, "}", ""];
    await paste(page, FLOW, [...lines, ...main].join("\n"));
    const picture = await run(page, FLOW, "escape");
    await picture.getByRole("button", { name: "Count allocations" }).click();
    await expect(picture).toContainText(said);
  });
}

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`390 pixels, ${colorScheme}`, () => {
    test.use({ viewport: { width: 390, height: 844 }, colorScheme });

    test("nothing is wider than the page, and axe finds nothing", async ({ page, site }) => {
      await page.goto(site + PAGE);
      const picture = await run(page, FLOW, "why");
      await picture.getByRole("button", { name: "Count allocations" }).click();
      await expect(picture).toContainText("Your lines allocated");
      await picture.getByRole("button", { name: /^Why \[\]\*int/ }).click();
      await picture.getByText("As a table").click();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      const { violations } = await new AxeBuilder({ page })
        .include(`go-snippet[id="${FLOW}"]`)
        .analyze();
      expect(violations).toEqual([]);
    });
  });
}
