/** The picture of the code and its instructions, against the text of real listings. */
import type { Locator, Page } from "@playwright/test";
import { PAGE, programOf, rowsOf, run, textOf, told } from "./listings.ts";
import { expect, snippet, test } from "./site.ts";

// Compiling for an architecture that was never used takes its time on a busy machine.
test.describe.configure({ timeout: 400_000 });

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
  // Each list has brought its own into sight.
  for (const [arch, adds] of Object.entries({ amd64: "ADDSD", arm64: "FADDD", riscv64: "FADDD" }))
    await expect
      .poll(() =>
        picture.locator(`#rows-${arch} .lit .operation`, { hasText: adds }).evaluate((lit) => {
          const [row, box] = [lit, lit.closest(".box")].map((one) => one?.getBoundingClientRect());
          return row && box && row.top >= box.top && row.bottom <= box.bottom;
        }),
      )
      .toBe(true);
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
