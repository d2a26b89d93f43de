/** The picture of a program's file, on real runs: what is drawn is what was printed, and all of it. */
import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { expect, snippet, test } from "./site.ts";

/** For a busy build server, in ms. */
test.describe.configure({ timeout: 180_000 });

const EXAMPLE = "pipeline/steps";

async function run(page: Page, variant: string): Promise<Locator> {
  const shown = snippet(page, EXAMPLE);
  await shown.locator(`input[type=radio][value="${variant}"]`).check();
  await shown.getByRole("button", { name: "Run", exact: true }).click();
  await shown.locator(".status:not(.busy)").waitFor({ timeout: 60_000 });
  const picture = shown.locator("sizes-picture");
  // The symbols are asked for, and are here.
  await expect(picture.getByRole("button", { name: "Packages", exact: true })).toBeVisible({
    timeout: 60_000,
  });
  return picture;
}

async function textOf(page: Page): Promise<string> {
  return (await snippet(page, EXAMPLE).locator("pre .out").allTextContents()).join("");
}

/** The rows of the table in the picture: name and bytes. */
async function rowsOf(picture: Locator): Promise<Map<string, number>> {
  const details = picture.locator("details").first();
  if ((await details.getAttribute("open")) === null) await details.locator("summary").click();
  await expect(details.locator(".sum")).toBeVisible();
  const rows = await details
    .locator("tbody tr")
    .evaluateAll((all) =>
      all.map((row) => [...row.children].map((cell) => cell.textContent ?? "")),
    );
  return new Map(rows.map(([name = "", bytes = ""]) => [name, Number(bytes.replaceAll(",", ""))]));
}

function sumOf(rows: Map<string, number>): number {
  return [...rows].reduce((sum, [name, bytes]) => (name === "Sum" ? sum : sum + bytes), 0);
}

/** What `nm` prints of the same program, asked beside the page. */
async function symbols(page: Page, site: string): Promise<Map<string, number>> {
  const source = await snippet(page, EXAMPLE).locator(".cm-content, textarea").first();
  const code = await source.evaluate((element) =>
    element instanceof HTMLTextAreaElement ? element.value : (element.textContent ?? ""),
  );
  const answer = await page.request.post(`${site}/api/v1/runs`, {
    headers: { accept: "application/json" },
    data: { source: code, mode: "nm" },
  });
  const { stdout } = await answer.json();
  const lines = [...stdout.matchAll(/^ *[0-9a-f]+ +(\d+) (\S) (.+)$/gm)];
  return new Map(lines.map(([, size, letter, name]) => [`${letter} ${name}`, Number(size)]));
}

test("the parts are the whole file, by packages and by sections", async ({ page, site }) => {
  await page.goto(`${site}/lessons/build-pipeline`);
  const picture = await run(page, "build");
  const text = await textOf(page);
  const bytes = Number(/^(\d+) main$/m.exec(text)?.[1]);
  expect(bytes).toBeGreaterThan(1_000_000);
  await expect(picture.locator("[data-total]")).toHaveAttribute("data-total", String(bytes));
  const packages = await rowsOf(picture);
  expect(sumOf(packages)).toBe(bytes);
  expect(packages.get("Sum")).toBe(bytes);
  const names = ["runtime", "main", "no package", "DWARF", "rest of .text", "outside of sections"];
  expect([...packages.keys()]).toEqual(expect.arrayContaining(names));

  await picture.getByRole("button", { name: "Sections", exact: true }).click();
  const sections = await rowsOf(picture);
  expect(sumOf(sections)).toBe(bytes);
  const printed = [...text.matchAll(/^(\.\S+) +(\d+) +\d+$/gm)].map(
    ([, name = "", size]) => [name, Number(size)] as const,
  );
  expect(printed.length).toBeGreaterThan(15);
  for (const [name, size] of printed) {
    if (!/^\.debug|bss$/.test(name)) expect(sections.get(name), name).toBe(size);
    if (/bss$/.test(name)) {
      await expect(picture).toContainText(`${name} ${size.toLocaleString("en-US")}`);
    }
  }
  const debug = printed.filter(([name]) => name.startsWith(".debug_"));
  expect(sections.get("DWARF")).toBe(debug.reduce((sum, [, size]) => sum + size, 0));
});

test("a package is gone into and left by keyboard, and its symbols are those of nm", async ({
  page,
  site,
}) => {
  await page.goto(`${site}/lessons/build-pipeline`);
  const printed = await symbols(page, site);
  const picture = await run(page, "build");
  // Tiles come in the order of their sizes, and arrows go from one to the next.
  await picture.locator(".tile").first().focus();
  const focused = picture.locator(".tile:focus");
  await expect(focused).toHaveAttribute("data-index", "0");
  const name = () => focused.getAttribute("aria-label");
  for (let i = 0; i < 5 && !(await name())?.startsWith("runtime,"); i++) {
    await page.keyboard.press("ArrowRight");
  }
  expect(await name()).toMatch(/^runtime, [\d,]+ bytes$/);
  await page.keyboard.press("Enter");
  await expect(picture.getByRole("navigation")).toContainText("runtime");
  await expect(focused).toHaveAttribute("data-index", "0");

  const rows = await rowsOf(picture);
  const own = [...printed].filter(([key]) => /^[TtRrDd] runtime\./.test(key));
  const inFile = own.filter(([, size]) => size > 0);
  let same = 0;
  for (const [key, size] of inFile) if (rows.get(key.slice(2)) === size) same++;
  // Two symbols may have one name, and a few lie on others.
  expect(same).toBeGreaterThan(inFile.length - 10);
  expect(rows.get("runtime.findRunnable")).toBe(printed.get("T runtime.findRunnable"));
  expect(sumOf(rows)).toBe(rows.get("Sum"));

  await picture.locator(".tile").first().focus();
  await page.keyboard.press("Escape");
  await expect(focused).toHaveAttribute("aria-label", /^runtime, /);
  await expect(picture.getByRole("navigation")).not.toContainText("runtime");
});

test("tiles are as large as what they stand for", async ({ page, site }) => {
  await page.goto(`${site}/lessons/build-pipeline`);
  const picture = await run(page, "build");
  const tiles = await picture.locator(".tile").evaluateAll((all) =>
    all.map((tile) => {
      const { width, height } = tile.getBoundingClientRect();
      return { size: Number((tile as HTMLElement).dataset.size), area: width * height };
    }),
  );
  const [largest] = tiles;
  for (const { size, area } of tiles.filter(({ area }) => area > 5000)) {
    const ratio = area / size / ((largest?.area ?? 0) / (largest?.size ?? 1));
    expect(Math.abs(ratio - 1)).toBeLessThan(0.1);
  }
});

test("with and without symbols, each way", async ({ page, site }) => {
  await page.goto(`${site}/lessons/build-pipeline`);
  const full = await run(page, "build");
  const before = Number(/^(\d+) main$/m.exec(await textOf(page))?.[1]);
  await full.getByRole("button", { name: "Compare with -s -w" }).click();
  const last = full.locator("table.pairs .sum td");
  await expect(last.first()).toHaveText(before.toLocaleString("en-US"), { timeout: 60_000 });
  const compared = await last.nth(1).textContent();

  const stripped = await run(page, "strip");
  const after = Number(/^(\d+) main$/m.exec(await textOf(page))?.[1]);
  expect(compared).toBe(after.toLocaleString("en-US"));
  expect(after).toBeLessThan(before);
  await expect(stripped.locator("[data-total]")).toHaveAttribute("data-total", String(after));
  await expect(stripped).toContainText("A stripped program names no symbols.");
  const rows = await rowsOf(stripped);
  expect(sumOf(rows)).toBe(after);
  expect(rows.has("DWARF")).toBe(false);
  await expect(stripped.locator("table.pairs .sum td").first()).toHaveText(
    before.toLocaleString("en-US"),
  );
});

test("a picture that was put away comes back as it was", async ({ page, site }) => {
  await page.goto(`${site}/lessons/build-pipeline`);
  const picture = await run(page, "build");
  const tiles = await picture.locator(".tile").count();
  expect(tiles).toBeGreaterThan(10);
  const choice = snippet(page, EXAMPLE).locator('[data-picture="sizes-picture"]');
  await choice.click();
  await expect(picture).toHaveCount(0);
  await choice.click();
  await expect(picture.locator(".tile")).toHaveCount(tiles);
});

test("the element works alone, from one file, with what the API tells", async ({ page, site }) => {
  const source = "package main\n\nfunc main() { println(1) }\n";
  const answer = await page.request.post(`${site}/api/v1/runs`, {
    headers: { accept: "application/json" },
    data: { source, mode: "build" },
  });
  const { events, stdout } = await answer.json();
  await page.goto(site);
  await page.evaluate(
    async ([source, events]) => {
      const file = "/assets/pictures/sizes.js";
      await import(file);
      const element = document.createElement("sizes-picture") as HTMLElement & {
        begin: (request: object) => void;
        hear: (event: object) => void;
      };
      document.querySelector("main")?.append(element);
      element.begin({ source, mode: "build", options: {}, env: {} });
      for (const event of events) element.hear(event);
    },
    [source, events] as const,
  );
  const bytes = /^(\d+) main$/m.exec(stdout)?.[1] ?? "";
  const picture = page.locator("sizes-picture");
  await expect(picture.locator("[data-total]")).toHaveAttribute("data-total", bytes);
  // Nobody can be asked for the symbols.
  await expect(picture.getByRole("button", { name: "Packages", exact: true })).toHaveCount(0);
  await expect(picture.locator('.tile[aria-label^=".text,"]')).toBeVisible();
});

for (const theme of ["light", "dark"] as const) {
  test.describe(theme, () => {
    test.use({ colorScheme: theme, viewport: { width: 390, height: 844 } });
    test("axe finds nothing, and a narrow page does not scroll sideways", async ({
      page,
      site,
    }) => {
      await page.goto(`${site}/lessons/build-pipeline`);
      const picture = await run(page, "build");
      await rowsOf(picture);
      const { violations } = await new AxeBuilder({ page }).include("sizes-picture").analyze();
      expect(violations).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    });
  });
}
