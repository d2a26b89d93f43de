/** The picture of the scheduler, on real runs of the lessons' examples. */
import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import type { SchedulerPicture } from "../src/pictures/scheduler/index.ts";
import { expect, paste, snippet, streamOf, test } from "./site.ts";

async function run(
  page: Page,
  site: string,
  variant: string,
  other?: { code: string; godebug: string },
): Promise<Locator> {
  await page.goto(`${site}/lessons/scheduler`);
  const lesson = snippet(page, "sched/queues");
  await lesson.scrollIntoViewIfNeeded();
  if (other) await paste(page, "sched/queues", other.code);
  await lesson.getByRole("radio", { name: variant, exact: true }).check();
  if (other) await lesson.getByLabel("GODEBUG").fill(other.godebug);
  await lesson.getByRole("button", { name: "Run", exact: true }).click();
  await expect(lesson.locator(".status.good")).toBeVisible();
  return lesson;
}

function snapshotsOf(picture: Locator) {
  return picture.evaluate((element) => (element as SchedulerPicture).snapshots);
}

/** The cells of the table, by row. */
async function tableOf(picture: Locator): Promise<string[][]> {
  await picture.getByText("The same numbers as a table").click();
  const rows = picture.getByRole("region", { name: "Moments" }).locator("tbody tr");
  await expect(rows.first()).toBeVisible();
  return await rows.evaluateAll((all) =>
    all.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent ?? "")),
  );
}

const HEAD =
  /^SCHED (\d+)ms: gomaxprocs=(\d+) idleprocs=(\d+) threads=(\d+) spinningthreads=(\d+) needspinning=(\d+) idlethreads=(\d+) runqueue=(\d+)(?: \[ ([\d ]+) \] schedticks=\[ ([\d ]+) \]$)?/gm;

test("each number of schedtrace is that of the text", async ({ page, site }) => {
  const lesson = await run(page, site, "schedtrace");
  const picture = lesson.locator("scheduler-picture");
  const told = [...(await streamOf(lesson, "stderr")).matchAll(HEAD)].map((match) =>
    match.slice(1),
  );
  expect(told.length).toBeGreaterThan(2);
  expect(await tableOf(picture)).toEqual(told);
  const snapshots = await snapshotsOf(picture);
  expect(snapshots.map(({ queues }) => queues.join(" "))).toEqual(told.map((row) => row[8]));
  // What stands beside the lanes, by keyboard.
  const slider = picture.getByRole("slider", { name: "Moment" });
  await slider.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  const [at, , , threads, , , , global, queues = ""] = told[1] ?? [];
  await expect(slider).toHaveAttribute("aria-valuetext", `${at} ms`);
  const [p0 = "", p1 = ""] = queues.split(" ");
  const beside = picture.locator(".names strong");
  await expect(beside).toHaveText([threads ?? "", /^\d+$/, global ?? "", p0, p1]);
  await expect(picture.locator(".sentence")).toContainText(`At ${at} ms: 2 Ps`);
  await expect(picture.locator("[aria-live]")).toContainText(`At ${at} ms: 2 Ps`);
  // The other measure.
  await picture.getByRole("button", { name: "Time slices" }).click();
  const [before, now] = snapshots;
  const rate =
    ((now?.ticks[0] ?? 0) - (before?.ticks[0] ?? 0)) / ((now?.at ?? 0) - (before?.at ?? 0));
  await expect(beside.nth(3)).toHaveText(`${rate < 10 ? rate.toFixed(1) : Math.round(rate)} / ms`);
});

test("what Ps, threads and goroutines do with scheddetail", async ({ page, site }) => {
  const lesson = await run(page, site, "scheddetail");
  const picture = lesson.locator("scheduler-picture");
  const text = await streamOf(lesson, "stderr");
  const moments = text.split(/^(?=SCHED )/m).filter((part) => part.startsWith("SCHED "));
  // The runtime writes a moment in many pieces, and the program may end amid the last one.
  const count = (await snapshotsOf(picture)).length;
  expect([moments.length, moments.length - 1]).toContain(count);
  moments.pop();
  expect(moments.length).toBeGreaterThan(1);
  await picture.getByRole("slider", { name: "Moment" }).focus();
  await page.keyboard.press("Home");
  for (const moment of moments) {
    const lines = moment.split("\n");
    const at = /^SCHED (\d+)ms/.exec(moment)?.[1];
    await expect(picture.locator(".sentence")).toContainText(`At ${at} ms:`);
    const ps = lines.flatMap(
      (line) => /^ {2}P(\d+): status=(\d) .* m=(\w+) runqsize=(\d+)/.exec(line) ?? [],
    );
    const shown = await picture
      .getByRole("region", { name: "Ps" })
      .locator("tbody tr")
      .evaluateAll((rows) =>
        rows.flatMap((row) => [...row.children].map((cell) => cell.textContent ?? "")),
      );
    for (let p = 0; p * 5 < ps.length; p++) {
      const [, id, status, m, queue] = ps.slice(p * 5, p * 5 + 5);
      const name = ["idle", "running", "", "stopped for the collector"][Number(status)] ?? "";
      expect(shown.slice(p * 6, p * 6 + 3)).toEqual([
        `P${id}`,
        name,
        m === "nil" ? "none" : `M${m}`,
      ]);
      expect(shown[p * 6 + 4]).toBe(queue);
    }
    const threads = picture.getByRole("region", { name: "Threads" }).locator("tbody tr");
    await expect(threads).toHaveCount(lines.filter((line) => line.startsWith("  M")).length);
    for (const line of lines) {
      const [, m, p, g] = /^ {2}M(\d+): p=(\d+) curg=(\d+) /.exec(line) ?? [];
      if (m)
        await expect(threads.filter({ hasText: `M${m}` })).toContainText(`runs G${g} on P${p}`);
    }
    const counts = await picture
      .getByRole("region", { name: "Goroutines" })
      .locator("tbody td.number")
      .allTextContents();
    const sum = counts.reduce((sum, count) => sum + Number(count), 0);
    expect(sum).toBe(lines.filter((line) => line.startsWith("  G")).length);
    await page.keyboard.press("ArrowRight");
  }
});

test("lines that the program wrote into are counted", async ({ page, site }) => {
  const noisy = `package main

import (
	"os"
	"sync"
)

func main() {
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for range 30_000 {
				os.Stderr.WriteString("note\\n")
			}
		})
	}
	all.Wait()
}
`;
  const lesson = await run(page, site, "schedtrace", { code: noisy, godebug: "schedtrace=1" });
  const text = await streamOf(lesson, "stderr");
  const begun = text.split("ms: gomaxprocs=").length - 1;
  const whole = [...text.matchAll(HEAD)].filter((match) => match[10] !== undefined).length;
  expect(begun - whole).toBeGreaterThan(0);
  const picture = lesson.locator("scheduler-picture");
  expect((await snapshotsOf(picture)).length).toBe(whole);
  await expect(picture.locator(".note")).toContainText(
    new RegExp(
      `^${begun - whole} lines? of the trace (is|are) mixed with the program's own output and not drawn`,
    ),
  );
});

for (const width of [390, 1280]) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`${width} pixels, ${colorScheme}`, () => {
      test.use({ viewport: { width, height: 900 }, colorScheme });

      test("axe finds nothing, and the page does not scroll sideways", async ({ page, site }) => {
        const lesson = await run(page, site, "scheddetail");
        const picture = lesson.locator("scheduler-picture");
        await tableOf(picture);
        const { violations } = await new AxeBuilder({ page })
          .include("scheduler-picture")
          .analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      });
    });
  }
}
