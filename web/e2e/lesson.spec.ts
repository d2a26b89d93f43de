import { chooseMode, expect, openEditor, paste, snippet, test } from "./site.ts";

const RETURN_POINTER = "escape/return-pointer";

const SLOW = `package main

import (
	"fmt"
	"time"
)

func main() {
	fmt.Println("the first line")
	time.Sleep(4 * time.Second)
	fmt.Println("the second line")
}
`;

test("a reader opens a lesson, edits, runs, and sees lines as they are written", async ({
  page,
  site,
}) => {
  await page.goto(site);
  await page
    .getByRole("link", { name: /Escape Analysis/ })
    .first()
    .click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Escape Analysis");

  const lesson = snippet(page, RETURN_POINTER);
  await lesson.scrollIntoViewIfNeeded();
  await paste(page, RETURN_POINTER, SLOW);
  await lesson.getByRole("radio", { name: "run", exact: true }).check();
  await lesson.getByRole("button", { name: "Run" }).click();
  const output = lesson.getByRole("region", { name: /^Output/ });
  await expect(output).toContainText("the first line");
  // The program sleeps now: the second line is not written yet, and Stop stands where Run was.
  await expect(output).not.toContainText("the second line");
  await expect(lesson.getByRole("button", { name: "Stop" })).toBeVisible();
  await expect(output).toContainText("the second line");
  await expect(lesson.getByRole("button", { name: "Run" })).toBeVisible();
});

test("the compiler's own words, and the command to paste", async ({ page, site }) => {
  await page.goto(`${site}/lessons/escape-analysis`);
  const lesson = snippet(page, RETURN_POINTER);
  await lesson.getByRole("button", { name: "Run" }).click();
  await expect(lesson.getByRole("region", { name: /^Output/ })).toContainText("moved to heap");
  await expect(lesson.locator(".command code")).toHaveText(
    "go build -gcflags=-m -o /dev/null main.go",
  );
});

test("modes that no variant uses are behind one control, and the variants come back", async ({
  page,
  site,
}) => {
  await page.goto(`${site}/lessons/escape-analysis`);
  const lesson = snippet(page, RETURN_POINTER);
  const variants = lesson.getByRole("radio");
  const names = await variants.evaluateAll((all) => all.map((one) => one.getAttribute("value")));
  expect(names.length).toBeLessThan(8);
  await chooseMode(page, RETURN_POINTER, "Vet");
  await expect(lesson.getByRole("radio", { checked: true })).toHaveCount(0);
  await lesson.getByRole("button", { name: "Run" }).click();
  await expect(lesson.locator(".command code")).toContainText("go vet");
  await variants.first().focus();
  await page.keyboard.press("Space");
  await expect(variants.first()).toBeChecked();
  await expect(lesson.getByLabel("Other modes")).toHaveValue("");
});

test("a run is stopped by the reader, and by the keyboard started", async ({ page, site }) => {
  await page.goto(`${site}/lessons/escape-analysis`);
  const lesson = snippet(page, RETURN_POINTER);
  await paste(page, RETURN_POINTER, "package main\n\nfunc main() {\n\tfor {\n\t}\n}\n");
  await lesson.getByRole("radio", { name: "run", exact: true }).check();
  await openEditor(page, RETURN_POINTER);
  await page.keyboard.press("ControlOrMeta+Enter");
  // The build is over, so the program is at work.
  await expect(lesson.locator(".steps")).toContainText("link");
  const [start, stop] = ["Run", "Stop"].map((name) => lesson.getByRole("button", { name }));
  // Keys that are held, and the second click of two, do nothing more.
  await page.keyboard.down("ControlOrMeta");
  for (let press = 0; press < 3; press++) await page.keyboard.down("Enter");
  await page.keyboard.up("Enter");
  await page.keyboard.up("ControlOrMeta");
  await stop?.hover();
  await page.mouse.down();
  await page.mouse.up();
  await expect(lesson.locator(".status-text")).toHaveText("Stopped by you.");
  await page.mouse.down({ clickCount: 2 });
  await page.mouse.up({ clickCount: 2 });
  await expect(lesson.locator(".status-text")).toHaveText("Stopped by you.");
  await start?.focus();
  for (let press = 0; press < 3; press++) await page.keyboard.down("Enter");
  await page.keyboard.up("Enter");
  await expect(lesson.locator(".status-text")).toHaveText("Running…");
  await stop?.click();
  await expect(start ?? lesson).toBeVisible();
  await lesson.getByRole("button", { name: "Reset" }).click();
  await expect(lesson.locator(".cm-content")).not.toContainText("for {");
});

test("real gctrace lines on the collector's lesson", async ({ page, site }) => {
  await page.goto(`${site}/lessons/garbage-collector`);
  const lesson = snippet(page, "gc/trace");
  await lesson.getByRole("button", { name: "Run" }).click();
  await expect(lesson.locator(".snippet-output pre")).toContainText(/gc 1 @\d/);
  await lesson.getByLabel("GODEBUG").fill("nosuchknob=1");
  await lesson.getByRole("button", { name: "Run" }).click();
  await expect(lesson.locator(".problem")).toContainText("nosuchknob");
  await expect(lesson.locator(".problem")).toContainText("gctrace");
});

test("a knob that is turned before the script comes stays as it is", async ({ page, site }) => {
  let come = () => {};
  const coming = new Promise<void>((resolve) => {
    come = resolve;
  });
  await page.route("**/site.js*", async (route) => {
    await coming;
    await route.continue();
  });
  await page.goto(`${site}/lessons/garbage-collector`, { waitUntil: "commit" });
  const lesson = snippet(page, "gc/trace");
  const knob = lesson.getByLabel("GODEBUG");
  await knob.fill("gctrace=0");
  come();
  const reset = lesson.getByRole("button", { name: "Reset" });
  await expect(reset).toBeEnabled();
  await expect(knob).toHaveValue("gctrace=0");
  await reset.click();
  await expect(knob).not.toHaveValue("gctrace=0");
});

test("a refusal says why, and what is allowed", async ({ page, site }) => {
  await page.goto(`${site}/lessons/escape-analysis`);
  // No example asks for it wrongly, so the request is changed on its way.
  await page.route("**/api/v1/runs", (route) => {
    const asked = route.request().postDataJSON();
    return route.continue({ postData: JSON.stringify({ ...asked, options: { race: "maybe" } }) });
  });
  const lesson = snippet(page, RETURN_POINTER);
  await lesson.getByRole("radio", { name: "run", exact: true }).check();
  await lesson.getByRole("button", { name: "Run" }).click();
  const problem = lesson.locator(".problem");
  await expect(problem).toContainText('expected on, off, true or false, not "maybe"');
  await expect(problem.locator(".allowed")).toHaveText("race: on or off");
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("a lesson is readable and its code runs", async ({ page, site }) => {
    await page.goto(`${site}/lessons/escape-analysis`);
    const lesson = snippet(page, RETURN_POINTER);
    await expect(lesson.getByRole("textbox", { name: /Code of/ })).toContainText("package main");
    await lesson.getByRole("button", { name: "Run" }).click();
    await expect(page.getByText("moved to heap")).toBeVisible();
    await page.goBack();
    await lesson.getByRole("textbox", { name: /Code of/ }).fill("package main\n\nfunc main() {}\n");
    await chooseMode(page, RETURN_POINTER, "Vet");
    await lesson.getByRole("button", { name: "Run" }).click();
    await expect(page.locator(".command")).toContainText("go vet");
    await page.getByRole("link", { name: "Back to the lesson" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Escape Analysis");
  });
});

for (const width of [390, 1280]) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`${width} pixels, ${colorScheme}`, () => {
      test.use({ viewport: { width, height: 900 }, colorScheme });

      for (const path of ["/", "/lessons/escape-analysis", "/map", "/revise"]) {
        test(`${path} fits and has its style`, async ({ page, site }) => {
          await page.goto(site + path);
          const root = page.locator(":root");
          const isWide = await root.evaluate((element) => element.scrollWidth > window.innerWidth);
          expect(isWide).toBe(false);
          // Dark text on light paper, or the other way round.
          const ink = await page
            .locator("h1")
            .evaluate((element) => getComputedStyle(element).color);
          const [red = 0] = (ink.match(/\d+(\.\d+)?/g) ?? []).map(Number);
          expect(red < 128).toBe(colorScheme === "light");
        });
      }
    });
  }
}
