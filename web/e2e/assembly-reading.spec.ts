/** How the picture of the code and its instructions is read: what is folded, what is large, and on what screens. */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { PAGE, programOf, rowsOf, run, textOf, told } from "./listings.ts";
import { binary, expect, paste, test } from "./site.ts";

// Compiling for an architecture that was never used takes its time on a busy machine.
test.describe.configure({ timeout: 400_000 });

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
