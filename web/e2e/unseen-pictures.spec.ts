/** Pictures that are put away while they ask for something, and what they say of a run without an answer. */
import type { Locator, Page } from "@playwright/test";
import { chooseMode, expect, paste, snippet, test } from "./site.ts";

const PAGE = "/lessons/escape-analysis";
const FLOW = "escape/flow";
const INLINING = "escape/inlining";

const INLINED = `package main

import "os"

func one(x int) int { return x + 1 }

func main() { println(one(len(os.Args))) }
`;

/** Counts the requests for runs that have something in them; the first of them is never answered. */
async function hold(page: Page, part: string): Promise<() => number> {
  let count = 0;
  await page.route("**/api/v1/runs", async (route) => {
    if (!route.request().postData()?.includes(part)) return route.continue();
    count++;
    if (count > 1) await route.continue();
  });
  return () => count;
}

/** The button that shows a picture and puts it away. */
function button(lesson: Locator, picture: string): Locator {
  return lesson.locator(`[data-picture=${picture}]`);
}

async function run(lesson: Locator): Promise<void> {
  await lesson.getByRole("button", { name: "Run", exact: true }).click();
  await expect(lesson.locator(".status:not(.busy)")).toBeVisible();
}

test("what is compared with a setting is run once it is seen", async ({ page, site }) => {
  await page.goto(site + PAGE);
  const lesson = snippet(page, INLINING);
  await run(lesson);
  await button(lesson, "changes-picture").click();
  const picture = lesson.locator("changes-picture");
  const asked = await hold(page, '"inline":false');
  await picture.getByLabel("Compared with").selectOption("a build without inlining (-l)");
  await expect(picture.locator(".result")).toHaveText("The same code runs under that setting.");
  await button(lesson, "changes-picture").click();
  await run(lesson);
  expect(asked()).toBe(1);
  await button(lesson, "changes-picture").click();
  await expect(picture.locator(".result")).toContainText("different");
  expect(asked()).toBe(2);
});

test("the stacks of inlined calls are asked for again", async ({ page, site }) => {
  await page.goto(site + PAGE);
  const lesson = snippet(page, FLOW);
  await paste(page, FLOW, INLINED);
  await chooseMode(page, FLOW, "Assembly");
  const asked = await hold(page, '"inlining":"on"');
  await run(lesson);
  const picture = lesson.locator("assembly-picture");
  await expect.poll(asked).toBe(1);
  await button(lesson, "assembly-picture").click();
  await button(lesson, "assembly-picture").click();
  await expect(picture.locator(".places", { hasText: "‹" }).first()).toBeVisible();
  expect(asked()).toBe(2);
});

test("the layout of another architecture is asked for again", async ({ page, site }) => {
  await page.goto(site + PAGE);
  const lesson = snippet(page, FLOW);
  await paste(page, FLOW, "package main\n\ntype one struct{ a bool; b int }\n\nfunc main() {}\n");
  await chooseMode(page, FLOW, "Struct layout");
  await run(lesson);
  const picture = lesson.locator("layout-picture");
  await hold(page, '"arch":"386"');
  await picture.getByRole("button", { name: "32 bits: 386" }).click();
  await expect(picture.locator("[aria-busy=true]").first()).toBeVisible();
  await button(lesson, "layout-picture").click();
  await button(lesson, "layout-picture").click();
  await expect(picture.locator('.drawing[data-arch="386"] .sizes')).toContainText("8 bytes");
  await expect(picture.locator("[aria-busy=true]")).toHaveCount(0);
});

test("a run that is stopped is waited for, and then has nothing to draw", async ({
  page,
  site,
}) => {
  await page.goto(site + PAGE);
  const lesson = snippet(page, FLOW);
  await lesson.getByRole("radio", { name: "escape", exact: true }).check();
  await hold(page, "package main");
  const start = lesson.getByRole("button", { name: "Run", exact: true });
  const stop = lesson.getByRole("button", { name: "Stop", exact: true });
  await start.click();
  const picture = lesson.locator("escape-picture");
  await expect(picture).toHaveText("What the compiler decides is shown once it has said it.");
  await button(lesson, "changes-picture").click();
  const changes = lesson.locator("changes-picture");
  await expect(changes).toHaveText("The run is under way.");
  await stop.click();
  await expect(changes).toContainText("This run has no answer to compare with.");
  await button(lesson, "escape-picture").click();
  await expect(picture).toContainText("There is nothing to draw.");
});

test("sizes of what does not build are no longer waited for", async ({ page, site }) => {
  await page.goto(site + PAGE);
  const lesson = snippet(page, FLOW);
  await paste(page, FLOW, "package main\n\nfunc main() { x }\n");
  await chooseMode(page, FLOW, "Symbols");
  await run(lesson);
  await expect(lesson.locator("sizes-picture")).toHaveText(
    "It does not build, so there is no program to measure.",
  );
});
