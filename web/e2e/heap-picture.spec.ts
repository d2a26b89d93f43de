/** The picture of the heap, on real runs of the lessons' examples. */
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import type { HeapPicture } from "../src/pictures/heap/index.ts";
import { binary, expect, paste, snippet, streamOf, test } from "./site.ts";

const CYCLE =
  /^gc (\d+) @([\d.]+)s (\d+)%: ([\d.]+)\+([\d.]+)\+([\d.]+) ms clock, ([\d.]+)\+([\d.]+)\/([\d.]+)\/([\d.]+)\+([\d.]+) ms cpu, (\d+)->(\d+)->(\d+) MB, (\d+) MB goal, (\d+) MB stacks, (\d+) MB globals, (\d+) P( \(forced\))?$/gm;

/** Every number of every whole line of the text, in the order of the table's columns. */
function numbersOf(text: string): number[][] {
  return [...text.matchAll(CYCLE)].map((match) => {
    const at = (group: number) => Number(match[group]);
    return [1, 2, 12, 13, 14, 15, 4, 5, 6, 3, 7, 8, 9, 10, 11, 16, 17, 18].map(at);
  });
}

/** Runs the snippet of gc/trace, with other code where `example` names some, and waits for its end. */
async function run(page: Page, site: string, example?: string): Promise<Locator> {
  await page.goto(`${site}/lessons/garbage-collector`);
  const lesson = snippet(page, "gc/trace");
  await lesson.scrollIntoViewIfNeeded();
  if (example) {
    const file = new URL(`../../examples-go/${example}/main.go`, import.meta.url);
    await paste(page, "gc/trace", await readFile(file, "utf8"));
  }
  await lesson.getByRole("button", { name: "Run", exact: true }).click();
  await expect(lesson.locator(".status.good")).toBeVisible();
  return lesson;
}

/** The cells of the table, by row. */
async function tableOf(picture: Locator): Promise<number[][]> {
  await picture.getByText("The same numbers as a table").click();
  const rows = picture.getByRole("region", { name: /^Cycles of/ }).locator("tbody tr");
  await expect(rows.first()).toBeVisible();
  return await rows.evaluateAll((all) =>
    all.map((row) =>
      [...row.querySelectorAll("td")].slice(0, 18).map((cell) => Number(cell.textContent)),
    ),
  );
}

for (const example of ["gc/trace", "gc/gogc", "gc/growing-heap", "gc/memory-limit"]) {
  test(`each number of ${example} is that of the text`, async ({ page, site }) => {
    const lesson = await run(page, site, example);
    const picture = lesson.locator("heap-picture");
    const told = numbersOf(await streamOf(lesson, "stderr"));
    expect(told.length).toBeGreaterThan(1);
    expect(await tableOf(picture)).toEqual(told);
    // What the lines go through.
    const lines = await picture.evaluate((element) => (element as HeapPicture).runs[0]?.lines);
    expect(lines?.heap.y).toEqual(told.flatMap((row) => row.slice(2, 5)));
    expect(lines?.goal.y).toEqual(told.map((row) => row[5]));
    expect(lines?.pauses.y).toEqual(told.flatMap((row) => [row[6], row[8]]));
    expect(lines?.share.y).toEqual(told.map((row) => row[9]));
    // And the words on one of them.
    const [, at, start, end, live, goal] = told.at(-1) ?? [];
    await expect(picture.locator(".sentence")).toContainText(
      `at ${at?.toFixed(3)} s. Heap: ${start} MB at its start, ${end} MB at its end, ${live} MB of that alive; the goal was ${goal} MB.`,
    );
  });
}

test("sliders run the program anew, and the runs lie over each other", async ({ page, site }) => {
  const lesson = await run(page, site);
  const picture = lesson.locator("heap-picture");
  const runs = picture.getByRole("region", { name: "Runs" }).locator("tbody tr");
  await expect(runs).toHaveCount(1);
  const drawn = () => picture.locator('[data-chart="heap"] canvas').evaluate(pixelsOf);
  const alone = await drawn();
  await picture.getByRole("slider", { name: /^GOGC/ }).focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await expect(picture.locator(".command")).toContainText("GODEBUG=gctrace=1 GOGC=50 ./main");
  await expect(runs).toHaveCount(2);
  const [own, again] = await picture.evaluate(async (element) => {
    const { runs } = element as HeapPicture;
    while (runs[1]?.state.phase !== "ended") await new Promise(requestAnimationFrame);
    return runs.map(({ name, lines, request }) => ({
      name,
      goal: lines.goal.y[0],
      env: request.env,
    }));
  });
  expect(own?.name).toBe("defaults");
  expect(again?.name).toBe("GOGC=50");
  expect(again?.env.GOGC).toBe("50");
  // Of the first cycle, which depends on nothing else: 4 MB for each 100 of GOGC (runtime/mgcpacer.go, heapMinimum).
  expect([own?.goal, again?.goal]).toEqual([4, 2]);
  const both = await drawn();
  expect(both).not.toBe(alone);
  // One is switched off, and on again.
  await picture.getByLabel("Show GOGC=50").uncheck();
  await expect.poll(drawn).not.toBe(both);
  await picture.getByLabel("Show GOGC=50").check();
  await expect.poll(drawn).toBe(both);
  // The command of the run that is read.
  await picture.getByRole("radio", { name: "defaults" }).check();
  await expect(picture.locator(".command")).not.toContainText("GOGC");
  await picture.getByRole("button", { name: "Remove GOGC=50" }).click();
  await expect(runs).toHaveCount(1);
  await expect(picture.getByLabel("Show defaults")).toBeFocused();
});

/** All that is on a canvas, as text. */
function pixelsOf(canvas: Element): string {
  return (canvas as HTMLCanvasElement).toDataURL();
}

test("cycles come while the program runs, and are read by keyboard", async ({ page, site }) => {
  const lesson = await run(page, site);
  const picture = lesson.locator("heap-picture");
  await paste(page, "gc/trace", ENDLESS);
  await lesson.getByRole("button", { name: "Run", exact: true }).click();
  await expect(lesson.getByRole("button", { name: "Stop" })).toBeVisible();
  await expect(picture.locator(".sentence")).toContainText("Cycle 3 ", { timeout: 20_000 });
  await lesson.getByRole("button", { name: "Stop" }).click();
  await expect(picture.getByRole("radio", { name: "defaults code 2" })).toBeChecked();
  const before = await picture.locator(".sentence").textContent();
  await picture.getByRole("slider", { name: "Cycle", exact: true }).focus();
  await page.keyboard.press("Home");
  await expect(picture.locator(".sentence")).toContainText("Cycle 1 (forced)");
  expect(await picture.locator(".sentence").textContent()).not.toBe(before);
  // A closer look, and back.
  const canvas = picture.locator('[data-chart="heap"] canvas');
  const all = await canvas.evaluate(pixelsOf);
  await picture.getByRole("button", { name: "Zoom in" }).press("Enter");
  await expect.poll(() => canvas.evaluate(pixelsOf)).not.toBe(all);
  await picture.getByRole("button", { name: "Show all" }).press("Enter");
  await expect.poll(() => canvas.evaluate(pixelsOf)).toBe(all);
  // Said once the reader rests.
  await expect(picture.locator("[aria-live]")).toContainText("Cycle 1 (forced)");
});

const ENDLESS = `package main

import (
	"runtime"
	"time"
)

func main() {
	for {
		runtime.GC()
		time.Sleep(20 * time.Millisecond)
	}
}
`;

const MIXED = `package main

import (
	"fmt"
	"runtime"
	"syscall"
)

const cycles = 10

func main() {
	ended := mix()
	for range cycles {
		runtime.GC()
	}
	<-ended
	fmt.Println("cycles:", cycles)
}

// mix takes what is written to standard error, the runtime's own among it, and puts a note after each 50th write.
func mix() chan bool {
	// One P is busy while it prints.
	runtime.GOMAXPROCS(4)
	var pipe [2]int
	out, err := syscall.Dup(2)
	if err == nil {
		// It keeps writes apart.
		err = syscall.Pipe2(pipe[:], syscall.O_DIRECT)
	}
	if err == nil {
		err = syscall.Dup3(pipe[1], 2, 0)
	}
	if err != nil {
		panic(err)
	}
	ended := make(chan bool)
	go func() {
		piece := make([]byte, 4096)
		for i, lines := 1, 0; lines < cycles; i++ {
			n, _ := syscall.Read(pipe[0], piece)
			syscall.Write(out, piece[:n])
			if string(piece[:n]) == "\\n" {
				lines++
			} else if i%50 == 0 {
				syscall.Write(out, []byte("note\\n"))
			}
		}
		close(ended)
	}()
	return ended
}
`;

test("lines that the program wrote into are counted, and none is guessed", async ({
  page,
  site,
}) => {
  await page.goto(`${site}/lessons/garbage-collector`);
  const lesson = snippet(page, "gc/trace");
  await paste(page, "gc/trace", MIXED);
  await lesson.getByRole("button", { name: "Run", exact: true }).click();
  await expect(lesson.locator(".status.good")).toBeVisible();
  // What the program itself knows.
  const cycles = Number(/cycles: (\d+)/.exec(await streamOf(lesson, "stdout"))?.[1]);
  const picture = lesson.locator("heap-picture");
  const read = await picture.evaluate((element) => (element as HeapPicture).runs[0]?.cycles.length);
  const lost = cycles - (read ?? 0);
  expect(lost).toBeGreaterThan(0);
  await expect(picture.locator(".note")).toHaveText(
    lost === 1
      ? "1 line of the trace is mixed with the program's own output and not drawn."
      : `${lost} lines of the trace are mixed with the program's own output and not drawn.`,
  );
});

const MANY = `package main

import "runtime"

var kept [][]byte

func main() {
	for i := range 2200 {
		kept = append(kept, make([]byte, 8<<10))
		if i%200 == 0 {
			kept = nil
		}
		runtime.GC()
	}
}
`;

test("2,000 cycles of a real trace are drawn as fast as 20", async ({ page, site }) => {
  test.setTimeout(300_000);
  // A busy machine takes longer than a reader may, so the trace is made on the command line.
  const said = execFileSync(
    binary,
    ["run", "--env", "GODEBUG=gctrace=1", "--env", "GOMAXPROCS=1", "--json", "-"],
    {
      input: MANY,
      encoding: "utf8",
      maxBuffer: 1 << 26,
      env: { ...process.env, UNDERHOOD_BUILD_SECONDS: "120", UNDERHOOD_RUN_SECONDS: "120" },
    },
  );
  const events = said
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; text?: string });
  const text = events.map(({ type, text }) => (type === "stderr" ? text : "")).join("");
  const told = numbersOf(text);
  expect(told.length).toBe(2200);
  await page.goto(`${site}/lessons/garbage-collector`);
  await page.evaluate(
    async ({ events, source }) => {
      const file = "/assets/pictures/heap.js";
      await import(file);
      const heap = document.createElement("heap-picture") as HeapPicture;
      heap.id = "alone";
      document.querySelector("main")?.prepend(heap);
      heap.begin({ source, mode: "run", options: {}, env: { GODEBUG: "gctrace=1" } });
      for (const event of events) heap.hear(event as Parameters<HeapPicture["hear"]>[0]);
    },
    { events, source: MANY },
  );
  const picture = page.locator("#alone");
  await expect(picture.locator(".reading .number")).toHaveText("2200 of 2200");
  // Two canvases, and a page of the table: what is in the document does not grow with the trace.
  await expect(picture.locator("canvas")).toHaveCount(2);
  await picture.getByText("The same numbers as a table").click();
  await expect(picture.locator(".scroll tbody tr")).toHaveCount(200);
  await expect(picture.locator(".pages")).toContainText(/^\s*Earlier\s*1 to 200 of 2200/);
  await picture.getByRole("button", { name: "Later" }).click();
  await expect(picture.locator(".scroll tbody td").first()).toHaveText("201");
  await picture.getByText("The same numbers as a table").click();

  // The same trace once more, in two pictures: one has the first 2,000 cycles of it, the other 20. Both get the
  // next ones, and the cycle that is read moves. The shortest of several turns counts, so that other work does not.
  const lines = text.split("\n").filter((line) => line.startsWith("gc "));
  const ratios = await picture.evaluate(async (element, lines) => {
    const sides = [2000, 20].map((count) => {
      const heap = document.createElement("heap-picture") as HeapPicture;
      element.before(heap);
      heap.begin({
        source: "package main",
        mode: "run",
        options: {},
        env: { GODEBUG: "gctrace=1" },
      });
      heap.hear({ type: "sent" });
      heap.hear({ type: "stderr", text: `${lines.slice(0, count).join("\n")}\n` });
      return { heap, next: count, stream: [] as number[], move: [] as number[] };
    });
    const frame = () => new Promise(requestAnimationFrame);
    await frame();
    await frame();
    for (let turn = 0; turn < 40; turn++) {
      for (const side of sides) {
        const { heap, stream, move } = side;
        const slider = heap.renderRoot.querySelector<HTMLInputElement>(".reading input");
        heap.hear({ type: "stderr", text: `${lines[side.next++]}\n` });
        let begin = performance.now();
        // What is asked for a frame is done at once instead.
        heap.requestUpdate();
        await heap.updateComplete;
        void heap.offsetHeight;
        stream.push(performance.now() - begin);
        if (!slider) throw new Error("there is nothing to move");
        begin = performance.now();
        slider.value = String((turn * 37) % 20);
        slider.dispatchEvent(new Event("input"));
        heap.requestUpdate();
        await heap.updateComplete;
        void heap.offsetHeight;
        move.push(performance.now() - begin);
      }
      await frame();
    }
    const [many, few] = sides;
    const least = (times: number[] = []) => Math.min(...times);
    for (const { heap } of sides) heap.remove();
    return {
      stream: least(many?.stream) / least(few?.stream),
      move: least(many?.move) / least(few?.move),
    };
  }, lines);
  // A frame has 16 ms. To draw 100 times as much may take longer, but nowhere near 100 times.
  expect(ratios.stream).toBeLessThan(20);
  expect(ratios.move).toBeLessThan(5);
});

for (const width of [390, 1280]) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`${width} pixels, ${colorScheme}`, () => {
      test.use({ viewport: { width, height: 900 }, colorScheme });

      test("axe finds nothing, and the page does not scroll sideways", async ({ page, site }) => {
        const lesson = await run(page, site);
        const picture = lesson.locator("heap-picture");
        await picture.getByRole("slider", { name: /^GOGC/ }).focus();
        await page.keyboard.press("ArrowLeft");
        await expect(picture.getByRole("radio")).toHaveCount(2);
        await tableOf(picture);
        const { violations } = await new AxeBuilder({ page }).include("heap-picture").analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      });
    });
  }
}
