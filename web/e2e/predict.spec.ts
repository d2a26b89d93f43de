import { chooseMode, expect, paste, snippet, test } from "./site.ts";

const LINES = "escape/sharing-down";
const NUMBER = "stack/growth";

/** keep is gone, and with it the reason for which c was moved; b goes to a global instead. */
const CHANGED = `package main

type point struct{ x, y int }

var last *point

func main() {
	a := point{1, 2}
	b := point{3, 4}
	c := point{5, 6}
	last = &b
	println(a.x, c.y, last.x)
}
`;

test("lines are predicted by keyboard, marked by the run, and anew for other code", async ({
  page,
  site,
}) => {
  await page.goto(`${site}/lessons/escape-analysis`);
  const lesson = snippet(page, LINES);
  const question = lesson.getByRole("group", { name: /All three addresses/ });
  await expect(question.getByRole("checkbox")).toHaveCount(4);
  await question.getByRole("checkbox", { name: "c := point" }).focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("ControlOrMeta+Enter");
  const verdict = lesson.locator(".predict-verdict");
  await expect(verdict).toHaveText("Right. It is line 19.");
  const marked = lesson.getByRole("group", { name: "Prediction" });
  // The focus was on the question, which is gone.
  const again = marked.getByRole("button", { name: "Try again" });
  await expect(again).toBeFocused();
  await expect(marked.getByRole("listitem").nth(2)).toContainText("You found it: moved to heap: c");
  // Once, after the end of the run, for those who hear the page.
  await expect(lesson.getByRole("status").last()).toHaveText(/^[^.]+\. Right\. It is line 19\.$/);

  // The same prediction, held against other code.
  await paste(page, LINES, CHANGED);
  await lesson.getByRole("button", { name: "Run" }).click();
  await expect(verdict).toContainText("You found 0 of 1 and ticked 1 too many. It is line 9.");
  await expect(marked.getByRole("listitem").nth(1)).toContainText(
    "You missed it: moved to heap: b",
  );

  // Another try hides what was printed, and asks about the lines that there are now.
  await again.click();
  await expect(lesson.locator(".snippet-output")).toBeHidden();
  await expect(question.getByRole("checkbox").first()).toBeFocused();
  await expect(question.getByRole("checkbox", { name: "9 b := point" })).not.toBeChecked();
  await question.getByRole("checkbox", { name: "9 b := point" }).check();
  await lesson.getByRole("button", { name: "Run" }).click();
  await expect(verdict).toHaveText("Right. It is line 9.");
});

test("a wrong number stands beside the real one, and none at all is no mistake", async ({
  page,
  site,
}) => {
  await page.goto(`${site}/lessons/stack-and-heap`);
  const lesson = snippet(page, NUMBER);
  await lesson.getByLabel("Your number").fill("1000");
  // Enter in the field runs it.
  await page.keyboard.press("Enter");
  const verdict = lesson.locator(".predict-verdict");
  await expect(verdict).toHaveText("Not what happened. You said 1000, the run says 7 times.");
  await expect(lesson.locator(".predict-numbers")).toHaveText(/You\s*1000\s*The run\s*7/);
  await lesson.getByRole("button", { name: "Try again" }).click();
  await lesson.getByRole("button", { name: "Run" }).click();
  await expect(verdict).toHaveText("The run says 7 times.");
});

test("what does not build has no answer, and another variant asks nothing", async ({
  page,
  site,
}) => {
  await page.goto(`${site}/lessons/scheduler`);
  const lesson = snippet(page, "sched/order");
  await lesson.getByRole("radio", { name: "0 1 2 3 4 5, as they were started" }).check();
  await lesson.getByRole("button", { name: "Run" }).click();
  await expect(lesson.locator(".predict-verdict")).toContainText("You chose “0 1 2 3 4 5");
  await paste(page, "sched/order", "package main\n\nfunc main() { x }\n");
  await lesson.getByRole("button", { name: "Run" }).click();
  await expect(lesson.locator(".predict-verdict")).toHaveText(
    "This run has no answer. It does not build.",
  );
  await chooseMode(page, "sched/order", "Assembly");
  await expect(lesson.locator("run-prediction")).toHaveCount(0);
});

test("the script takes over without moving anything", async ({ page, site }) => {
  const script = "**/site.js*";
  await page.route(script, (route) => route.abort());
  const heights = async () => {
    const all = page.locator(".predict");
    return all.evaluateAll((boxes) => boxes.map((box) => Math.round(box.clientHeight)));
  };
  await page.goto(`${site}/lessons/escape-analysis`);
  const before = await heights();
  expect(before).toHaveLength(3);
  await page.unroute(script);
  await page.reload();
  await expect(page.locator("run-prediction")).toHaveCount(3);
  expect(await heights()).toEqual(before);
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("the question is there, and the code runs", async ({ page, site }) => {
    await page.goto(`${site}/lessons/stack-and-heap`);
    const lesson = snippet(page, NUMBER);
    await expect(lesson.getByText("How often does x move?")).toBeVisible();
    await expect(lesson.getByLabel("Your number")).toBeHidden();
    await lesson.getByRole("button", { name: "Run" }).click();
    await expect(page.getByText(/depth 8 x has moved/)).toBeVisible();
  });
});
