/** The picture of the code and its instructions, on real listings. */
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { binary, chooseMode, expect, paste, snippet, test } from "./site.ts";

// Compiling for an architecture that was never used takes its time on a busy machine.
test.describe.configure({ timeout: 400_000 });

const PAGE = "/lessons/reading-assembly";

/** Generics, closures and loops, inlined three deep. */
const PROGRAM = "../../tests/suite/programs/inlined_loops.go";

/** An instruction of a listing, with what the listing says of it. */
interface Told {
  pc: string;
  place: string;
  text: string;
  bytes: string;
}

/** The functions of a listing, read line by line. */
function told(listing: string): Map<string, Told[]> {
  const functions = new Map<string, Told[]>();
  let all: Told[] = [];
  let bytes: string[] = [];
  const close = () => {
    all.forEach((one, index) => {
      const end = Number(all[index + 1]?.pc ?? bytes.length);
      one.bytes = bytes.slice(Number(one.pc), end).join(" ");
    });
  };
  let isCode = false;
  for (const line of listing.split("\n")) {
    const [, name] = /^(\S.*) STEXT/.exec(line) ?? [];
    if (/^\S/.test(line)) isCode = name !== undefined;
    if (name !== undefined) {
      close();
      all = [];
      bytes = [];
      functions.set(name, all);
    }
    if (!isCode) continue;
    const [, pc = "", place = "", text = ""] = /^\t0x\w+ (\d+) \((.*?)\)\t(.*)$/.exec(line) ?? [];
    if (text) all.push({ pc: String(Number(pc)), place, text: text.replace("\t", " "), bytes: "" });
    const [, dump] = /^\t0x\w+((?: [0-9a-f]{2})+) {2,}/.exec(line) ?? [];
    if (dump) bytes.push(...dump.trim().split(" "));
  }
  close();
  // Some were inlined everywhere, and have no code of their own.
  return new Map([...functions].filter(([, all]) => all.length > 0));
}

async function programOf(): Promise<string> {
  return readFile(new URL(PROGRAM, import.meta.url), "utf8");
}

/** Runs other code for its whole listing, and answers with the snippet once it is drawn. */
async function run(page: Page, site: string, code: string): Promise<Locator> {
  await page.goto(`${site}/lessons/escape-analysis`);
  const lesson = snippet(page, "escape/flow");
  await lesson.scrollIntoViewIfNeeded();
  await paste(page, "escape/flow", code);
  await chooseMode(page, "escape/flow", "Assembly");
  await again(lesson);
  await expect(lesson.locator("assembly-picture .pane h3")).toHaveText([
    /^Code/,
    /^amd64\s[\s\S]*lines$/,
  ]);
  return lesson;
}

async function again(lesson: Locator): Promise<void> {
  await lesson.getByRole("button", { name: "Run", exact: true }).click();
  await expect(lesson.locator(".status-text")).toContainText(/Finished|does not build/);
}

async function textOf(lesson: Locator): Promise<string> {
  return (await lesson.locator(".snippet-output pre").textContent()) ?? "";
}

/** The instructions that are drawn in a pane, from its first row to its last; it is scrolled. */
async function rowsOf(picture: Locator, arch: string): Promise<string[][]> {
  return await picture.locator(`#rows-${arch}`).evaluate(async (list) => {
    const box = list.querySelector(".box");
    const rows = new Map<number, string[]>();
    if (!box) return [];
    for (let top = 0; ; top += box.clientHeight / 2) {
      box.scrollTop = top;
      await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      for (const row of list.querySelectorAll("[data-row]")) {
        if (row.querySelector(".pc")) {
          const cells = [...row.children].map((cell) => cell.textContent ?? "");
          rows.set(Number(row.getAttribute("data-row")), cells);
        }
      }
      if (top > box.scrollHeight) break;
    }
    box.scrollTop = 0;
    return [...rows].sort(([one], [other]) => one - other).map(([, cells]) => cells);
  });
}

/** Opens all that is folded, by keyboard. */
async function unfold(page: Page, picture: Locator, arch: string): Promise<void> {
  const folds = picture.locator(`#rows-${arch} .fold`);
  const count = await folds.count();
  await picture.locator(`#rows-${arch} .box`).focus();
  await page.keyboard.press("Home");
  for (let opened = 0; opened < count; ) {
    await page.keyboard.press("ArrowDown");
    const current = picture.locator(`#rows-${arch} .current`);
    if ((await current.getAttribute("aria-expanded")) !== "false") continue;
    await page.keyboard.press("Enter");
    await expect(current).toHaveAttribute("aria-expanded", "true");
    opened++;
  }
}

test("each function and instruction drawn is that of the text, with its machine code", async ({
  page,
  site,
}) => {
  const lesson = await run(page, site, await programOf());
  const picture = lesson.locator("assembly-picture");
  const functions = told(await textOf(lesson));
  const lines = [...functions.values()].flat().length;
  expect(functions.size).toBeGreaterThan(5);
  const heading = picture.locator(".pane h3 span");
  await expect(heading).toHaveText(`${functions.size} functions, ${lines} lines`);
  // One of them, each row.
  await picture.getByLabel("Function").selectOption("main.average");
  const average = functions.get("main.average") ?? [];
  await expect(heading).toHaveText(`1 function, ${average.length} lines`);
  await picture.getByRole("button", { name: "Machine code" }).click();
  await unfold(page, picture, "amd64");
  const drawn = await rowsOf(picture, "amd64");
  expect(
    drawn.map(([pc, places = "", bytes, operation, operands]) => ({
      pc,
      // The first of a stack is the place that a listing has.
      place: places === "" ? "" : `main.go:${places.split("‹")[0]}`,
      text: `${operation} ${operands}`.trimEnd(),
      bytes,
    })),
  ).toEqual(average.map((one) => ({ ...one, place: one.place.startsWith("<") ? "" : one.place })));
  expect(average.filter(({ bytes }) => bytes).length).toBeGreaterThan(15);
  // The table has the same.
  await picture.getByText("The same as a table").click();
  const cells = await picture
    .getByRole("region", { name: "Instructions" })
    .locator("tbody tr")
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));
  expect(cells.map(([, pc, , text, bytes]) => [pc, text, bytes])).toEqual(
    average.map(({ pc, text, bytes }) => [pc, text, bytes]),
  );
});

/** What the API tells of the calls that each instruction of a function was inlined through: lines, the innermost first. */
async function stacksOf(page: Page, site: string, source: string, name: string) {
  const response = await page.request.post(`${site}/api/v1/runs`, {
    headers: { Accept: "application/json" },
    data: { source, mode: "asm", options: { inlining: "on" } },
    timeout: 120_000,
  });
  const { events } = (await response.json()) as { events: { type: string; text: string }[] };
  const artifact = events.find(({ type }) => type === "artifact");
  const { functions } = JSON.parse(artifact?.text ?? "{}") as {
    functions: { symbol: string; stacks: { line: number }[][]; instructions: number[][] }[];
  };
  const of = functions.find(({ symbol }) => symbol === name);
  return new Map(
    of?.instructions.map(([pc, stack = 0]) => [
      String(pc),
      of.stacks[stack]?.map(({ line }) => line) ?? [],
    ]),
  );
}

test("an instruction leads to its lines through the calls, and a line to its instructions", async ({
  page,
  site,
}) => {
  const source = await programOf();
  const lesson = await run(page, site, source);
  const picture = lesson.locator("assembly-picture");
  const stacks = await stacksOf(page, site, source, "main.average");
  await picture.getByLabel("Function").selectOption("main.average");
  const rows = picture.locator("#rows-amd64 [data-row]");
  const code = (look: string) => picture.locator(`#rows-source .${look} .number`).allTextContents();
  // By keyboard, from row to row: what is lit in the code is the whole stack.
  await picture.locator("#rows-amd64 .box").focus();
  await page.keyboard.press("Home");
  const count = Number(await picture.locator("#rows-amd64 .box").getAttribute("aria-rowcount"));
  const deep: number[] = [];
  for (let row = 1; row < count; row++) {
    await page.keyboard.press("ArrowDown");
    const current = picture.locator("#rows-amd64 .current");
    await expect(current).toHaveAttribute("data-row", String(row));
    if ((await current.locator(".pc").count()) === 0) continue;
    const stack = stacks.get((await current.locator(".pc").textContent()) ?? "");
    if (!stack || (await current.getAttribute("class"))?.includes("quiet")) continue;
    const [inner, ...outer] = stack;
    await expect(current.locator(".places")).toHaveText(stack.join("‹"));
    await expect.poll(() => code("lit")).toEqual([String(inner)]);
    const around = [...new Set(outer)].filter((line) => line !== inner).sort((a, b) => a - b);
    expect((await code("near")).map(Number)).toEqual(around);
    await expect(picture.locator(".detail li")).toHaveCount(stack.length);
    deep.push(stack.length);
  }
  // add in a closure in fold in total in average.
  expect(Math.max(...deep)).toBeGreaterThan(3);
  await expect(picture.locator(".detail")).not.toContainText("is not known");

  // A click on a line of the code keeps what was made of it.
  const line = picture.locator("#rows-source [data-row]", { hasText: "return a + b" });
  await line.click();
  const made = [...stacks.values()].filter(([inner]) => inner === 6).length;
  await expect(line.locator(".made")).toHaveText(String(made));
  await page.mouse.move(0, 0);
  const lit = picture.locator("#rows-amd64 .lit .operation");
  await expect(lit.filter({ hasText: "ADDSD" })).toHaveCount(made);
  await expect(picture.locator("#rows-amd64 .lit").first()).toBeInViewport();
  await expect(picture.locator(".detail")).toContainText("main.go:6");
  // Another one is pointed at, and what is kept comes back.
  await rows.filter({ hasText: "DIVSD" }).hover();
  await expect(picture.locator(".detail")).toContainText("DIVSD");
  await expect(picture.locator(".detail")).toContainText("main.go:23");
  await page.mouse.move(0, 0);
  await expect(picture.locator(".detail")).toContainText("main.go:6");
  await picture.locator("#rows-source .box").press("Escape");
  await expect(lit).toHaveCount(0);
});

test("what is folded is named and explained, and a function is shown alone, by keyboard", async ({
  page,
  site,
}) => {
  const lesson = await run(page, site, await programOf());
  const picture = lesson.locator("assembly-picture");
  const functions = told(await textOf(lesson));
  const box = picture.locator("#rows-amd64 .box");
  await box.focus();
  await page.keyboard.press("Home");
  const name = (await picture.locator("#rows-amd64 .current").textContent())?.split("  ")[0] ?? "";
  await page.keyboard.press("Enter");
  const heading = picture.locator(".pane h3 span");
  await expect(heading).toHaveText(`1 function, ${functions.get(name)?.length} lines`);
  await expect(picture.getByLabel("Function")).toHaveValue(name);
  await page.keyboard.press("Enter");
  await expect(heading).toContainText(`${functions.size} functions`);
  await expect(picture.locator("#rows-amd64 .current")).toContainText(name);

  await picture.getByLabel("Function").selectOption("main.main");
  const folds = picture.locator("#rows-amd64 .fold");
  const main = functions.get("main.main") ?? [];
  const notes = main.filter(({ text }) => /^(PC|FUNC)DATA/.test(text)).length;
  await expect(folds).toContainText([
    /stack check and morestack, \d+ lines/,
    `PCDATA and FUNCDATA, ${notes} lines`,
  ]);
  await box.focus();
  while (!(await picture.locator("#rows-amd64 .current").textContent())?.includes("PCDATA"))
    await page.keyboard.press("ArrowDown");
  await expect(picture.locator(".detail")).toContainText("No machine code.");
  await page.keyboard.press("Enter");
  const shown = (await rowsOf(picture, "amd64")).filter((row) =>
    /^(PC|FUNC)DATA/.test(row[2] ?? ""),
  );
  expect(shown).toHaveLength(notes);
});

/** What a run of its own prints for an architecture. */
async function listingOf(page: Page, site: string, source: string, arch: string): Promise<string> {
  const response = await page.request.post(`${site}/api/v1/runs`, {
    headers: { Accept: "application/json" },
    data: { source, mode: "asm", options: { arch } },
    timeout: 120_000,
  });
  const { events } = (await response.json()) as { events: { type: string; text?: string }[] };
  return events.map(({ type, text }) => (type === "stdout" ? text : "")).join("");
}

test("three architectures lie side by side, each as its own run says", async ({ page, site }) => {
  const source = await programOf();
  const lesson = await run(page, site, source);
  const picture = lesson.locator("assembly-picture");
  for (const arch of ["arm64", "riscv64"]) {
    // Its standard library may still be at the compiler, and a build without it take longer than it may.
    let listing = "";
    await expect
      .poll(
        async () => {
          listing = await listingOf(page, site, source, arch);
          return listing.includes("main.average STEXT");
        },
        { timeout: 240_000, intervals: [2000] },
      )
      .toBe(true);
    await picture.getByRole("button", { name: arch, exact: true }).press("Enter");
    const functions = told(listing);
    const lines = [...functions.values()].flat().length;
    const pane = picture.locator(".pane", { has: page.locator(`#rows-${arch}`) });
    await expect(pane.locator("h3")).toHaveText(
      new RegExp(`^${arch}\\s*${functions.size} functions, ${lines} lines$`),
      { timeout: 120_000 },
    );
  }
  await picture.getByLabel("Function").selectOption("main.average");
  // One line of the code, and what became of it in each.
  await picture.locator("#rows-source [data-row]", { hasText: "return a + b" }).click();
  for (const [arch, adds] of Object.entries({ amd64: "ADDSD", arm64: "FADDD", riscv64: "FADDD" }))
    await expect(
      picture.locator(`#rows-${arch} .lit .operation`, { hasText: adds }).first(),
    ).toBeInViewport();
  // They stay beside the next run.
  await lesson.getByRole("button", { name: "Run", exact: true }).click();
  await expect(picture.locator(".pane")).toHaveCount(4);
  await picture.getByRole("button", { name: "arm64", exact: true }).click();
  await expect(picture.locator(".pane")).toHaveCount(3);
});

test("the functions that a run was asked for come first, and all are at hand", async ({
  page,
  site,
}) => {
  await page.goto(site + PAGE);
  const lesson = snippet(page, "assembly/frame");
  await lesson.getByRole("button", { name: "Run", exact: true }).click();
  const picture = lesson.locator("assembly-picture");
  const heading = picture.locator(".pane h3 span");
  await expect(heading).toHaveText(/^1 function,/);
  const functions = told(await textOf(lesson));
  expect([...functions.keys()]).toEqual(["main.sum"]);
  await expect(heading).toHaveText(`1 function, ${functions.get("main.sum")?.length} lines`);
  const choice = picture.getByLabel("Function");
  await expect(choice.locator("option:checked")).toHaveText("main.sum");
  // Its code is in sight.
  await expect(
    picture.locator("#rows-source [data-row]", { hasText: "func sum(" }),
  ).toBeInViewport();
  // The others come with the stacks, by a run of the picture's own.
  await expect(choice.locator("option", { hasText: "main.main" })).toHaveCount(1);
  await choice.selectOption({ label: await allOf(choice) });
  await expect(heading).toHaveText(/^[2-9] functions/);
  await choice.selectOption("main.main");
  await expect(heading).toHaveText(/^1 function,/);
});

/** The label of the choice of all functions. */
async function allOf(choice: Locator): Promise<string> {
  return (await choice.locator("option", { hasText: /^All \d+$/ }).textContent()) ?? "";
}

test("a build that fails leaves no old picture", async ({ page, site }) => {
  const lesson = await run(page, site, await programOf());
  await paste(page, "escape/flow", "package main\n\nfunc main() { x }\n");
  await lesson.getByRole("button", { name: "Run", exact: true }).click();
  const picture = lesson.locator("assembly-picture");
  await expect(picture).toContainText("There is no listing: see the text below.");
  await expect(picture.locator("#rows-amd64")).toHaveCount(0);
});

/** Many functions, of some sixty instructions each. */
const LARGE = `package main

func main() {}

type point struct{ x, y, z int }
${Array.from(
  { length: 400 },
  (_, i) => `
func f${i}(points []point, table map[int]int, at int) (sum int) {
	for _, point := range points {
		if value, ok := table[point.x+${i}]; ok {
			sum += value * point.y / (point.z | 1)
		}
		sum ^= points[at].z
	}
	return sum
}
`,
).join("")}`;

/** How much longer steps take in one picture than in another, where they take the shortest of several turns. */
async function ratioOf(
  page: Page,
  ids: [string, string],
  work: { list: string; event: "scroll" | "keydown" },
): Promise<number> {
  return await page.evaluate(
    async ({ ids, work }) => {
      type Updating = HTMLElement & { updateComplete: Promise<boolean> };
      const sides = ids.map((id) => {
        const picture = document.querySelector(id) as Updating;
        const list = picture.shadowRoot?.querySelector(work.list) as Updating;
        return { picture, list, box: list.querySelector(".box") as HTMLElement, times: [0] };
      });
      for (let turn = 0; turn < 10; turn++) {
        for (const side of sides) {
          const { picture, list, box, times } = side;
          const begin = performance.now();
          for (let step = 0; step < 10; step++) {
            if (work.event === "scroll") {
              box.scrollTop = step * 517;
              box.dispatchEvent(new Event("scroll"));
            } else {
              box.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }));
            }
            await picture.updateComplete;
            await list.updateComplete;
            // Until all is laid out.
            void box.offsetHeight;
          }
          times.push(performance.now() - begin);
        }
        await new Promise(requestAnimationFrame);
      }
      const [large = 0, small = 1] = sides.map(({ times }) => Math.min(...times.slice(1)));
      return large / small;
    },
    { ids, work },
  );
}

test("alone and from one file: 20,000 instructions, of which those in sight are drawn", async ({
  page,
  site,
}) => {
  const folder = await mkdtemp(join(tmpdir(), "underhood-listing-"));
  const go = execFileSync(binary, ["toolchain", "path"], { encoding: "utf8" }).trim();
  await writeFile(join(folder, "main.go"), LARGE);
  const args = [
    "tool",
    "compile",
    "-p",
    "main",
    "-S",
    "-trimpath",
    folder,
    "-o",
    "main.o",
    "main.go",
  ];
  const listing = execFileSync(join(go, "bin/go"), args, {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  await rm(folder, { recursive: true });
  const functions = told(listing);
  const lines = [...functions.values()].flat().length;
  expect(lines).toBeGreaterThan(20_000);

  await page.goto(site + PAGE);
  const begin = listing.indexOf("main.f20 STEXT");
  expect(begin).toBeGreaterThan(0);
  await page.evaluate(
    async ({ listings, source }) => {
      const file = "/assets/pictures/assembly.js";
      await import(file);
      for (const [id, listing] of Object.entries(listings)) {
        const picture = document.createElement("assembly-picture") as HTMLElement & {
          begin: (request: unknown) => void;
          hear: (event: unknown) => void;
        };
        picture.id = id;
        document.querySelector("main")?.prepend(picture);
        picture.begin({ source, mode: "asm", options: {}, env: {} });
        picture.hear({ type: "stdout", text: listing });
        picture.hear({ type: "exit", status: "ok", code: 0 });
      }
    },
    { listings: { few: listing.slice(0, begin), alone: listing }, source: LARGE },
  );
  const picture = page.locator("#alone");
  await expect(picture.locator(".pane h3 span")).toHaveText(
    `${functions.size} functions, ${lines} lines`,
  );
  // What needs a service is not offered, and what is not known is said.
  await expect(picture.getByRole("button")).toHaveText(["Machine code"]);
  await expect(picture.locator(".note")).toContainText("only the innermost line is known");

  const drawn = () => picture.locator("#rows-amd64 [data-row], #rows-source [data-row]").count();
  expect(await drawn()).toBeLessThan(120);
  // A step costs what is in sight, not what there is: a listing of one in twenty takes as long.
  for (const list of ["#rows-amd64", "#rows-source"]) {
    for (const event of ["scroll", "keydown"] as const)
      expect(
        await ratioOf(page, ["#alone", "#few"], { list, event }),
        `${event} ${list}`,
      ).toBeLessThan(3);
  }
  expect(await drawn()).toBeLessThan(120);
  // The end is reached, by key and by scrolling.
  const box = picture.locator("#rows-amd64 .box");
  await box.focus();
  await page.keyboard.press("End");
  const last = picture.locator("#rows-amd64 [data-row]").last();
  await expect(last).toBeInViewport();
  expect(await last.getAttribute("aria-rowindex")).toBe(await box.getAttribute("aria-rowcount"));
  await box.evaluate((element) => element.scrollTo(0, 0));
  await expect(picture.locator("#rows-amd64 [data-row='0']")).toBeInViewport();
  expect(await drawn()).toBeLessThan(120);
  // The table has pages.
  await picture.getByText("The same as a table").click();
  await expect(picture.locator(".pages")).toContainText(`1 to 200 of ${functions.size}`);
});

for (const width of [390, 1280]) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`${width} pixels, ${colorScheme}`, () => {
      test.use({ viewport: { width, height: 900 }, colorScheme });

      test("axe finds nothing, the page does not scroll sideways, and nothing jumps", async ({
        page,
        site,
      }) => {
        const lesson = await run(page, site, await programOf());
        const picture = lesson.locator("assembly-picture");
        const heightOf = () => picture.evaluate((element) => element.clientHeight);
        const height = await heightOf();
        // Those that are in sight without scrolling.
        await picture.locator(".panes").scrollIntoViewIfNeeded();
        const operations = picture.locator("#rows-amd64 .operation");
        for (const row of [1, 3, 5]) {
          await operations.nth(row).hover();
          const name = (await operations.nth(row).textContent()) ?? "none";
          await expect(picture.locator(".detail")).toContainText(name);
          expect(await heightOf()).toBe(height);
        }
        await picture.getByRole("button", { name: "Machine code" }).click();
        await picture.locator("#rows-source .box").focus();
        for (let step = 0; step < 5; step++) await page.keyboard.press("ArrowDown");
        expect(await heightOf()).toBe(height);
        await picture.getByLabel("Function").selectOption("main.average");
        expect(await heightOf()).toBe(height);
        await picture.getByText("The same as a table").click();
        const { violations } = await new AxeBuilder({ page }).include("assembly-picture").analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      });
    });
  }
}
