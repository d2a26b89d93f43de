/** The picture of measurements, on real runs: what is drawn is what was printed. */
import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { expect, paste, snippet, test } from "./site.ts";

/** For a busy build server, in ms. */
test.describe.configure({ timeout: 180_000 });

/** Measurements of the text, by name and unit, read without the picture's own parser. */
function printed(text: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [, name, rest] of text.matchAll(/^Benchmark(\S+)\s+\d+\t(.*)$/gm)) {
    for (const pair of rest?.split("\t") ?? []) {
      const [value = "", unit = ""] = pair.trim().split(" ");
      const key = `${name} ${unit}`;
      found[key] = [...(found[key] ?? []), String(Number(value))];
    }
  }
  return found;
}

/** What is drawn of the run itself, in the same form. */
async function drawn(picture: Locator): Promise<Record<string, string[]>> {
  return picture.evaluate((element) => {
    const found: Record<string, string[]> = {};
    for (const strip of element.shadowRoot?.querySelectorAll<HTMLElement>(".strip") ?? []) {
      const unit = strip.closest("figure")?.dataset.unit;
      const dots = [...strip.querySelectorAll<SVGElement>(".own .sample")];
      found[`${strip.dataset.benchmark} ${unit}`] = dots.map((dot) => dot.dataset.value ?? "");
    }
    return found;
  });
}

async function run(page: Page, example: string): Promise<Locator> {
  const shown = snippet(page, example);
  const choice = shown.locator('input[type=radio][value="bench"]');
  if ((await choice.count()) > 0) await choice.check();
  await shown.getByRole("button", { name: "Run", exact: true }).click();
  await shown.locator(".status:not(.busy)").waitFor({ timeout: 60_000 });
  return shown.locator("benchmarks-picture");
}

/** A number as the picture writes it, back to a number. */
function numberIn(text: string | null): number {
  return Number(/[\d,.]+/.exec(text ?? "")?.[0].replaceAll(",", ""));
}

const OWN = `-- x_test.go --
package x

import (
	"fmt"
	"testing"
)

var sink []byte

func BenchmarkMake(b *testing.B) {
	for _, n := range []int{10, 1000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			b.SetBytes(int64(n))
			for b.Loop() {
				sink = make([]byte, n)
			}
			b.ReportMetric(float64(n)/2, "half/op")
		})
	}
}
`;

/** It writes between the name of the second measurement and its values. */
const NOISY = `-- x_test.go --
package x

import (
	"fmt"
	"testing"
)

var calls int

func BenchmarkQuiet(b *testing.B) {
	for b.Loop() {
	}
}

func BenchmarkNoisy(b *testing.B) {
	for b.Loop() {
	}
	if calls++; calls > 1 {
		fmt.Println("words of its own")
	}
}
`;

test("each measurement of the text is a dot, and no other is", async ({ page, site }) => {
  await page.goto(`${site}/lessons/interfaces`);
  const picture = await run(page, "iface/cost");
  const text = (await snippet(page, "iface/cost").locator("pre .out").allTextContents()).join("");
  const values = printed(text);
  expect(Object.keys(values)).toHaveLength(6);
  expect(await drawn(picture)).toEqual(values);
  // Of one measurement, the median is the measurement itself, and neither interval nor test says anything.
  for (const strip of await picture.locator("figure[data-unit='ns/op'] .strip").all()) {
    const name = await strip.getAttribute("data-benchmark");
    const value = numberIn(await strip.locator(".value").textContent());
    expect([String(value)]).toEqual(values[`${name} ns/op`]);
  }
  await expect(picture).toContainText("need >= 6 samples for confidence interval at level 0.95");
  await expect(picture).toContainText(
    "need >= 4 samples to detect a difference at alpha level 0.05",
  );
});

test("ten measurements have a median, an interval and a test, and their text is there", async ({
  page,
  site,
}) => {
  await page.goto(`${site}/lessons/interfaces`);
  const picture = await run(page, "iface/cost");
  await picture.getByRole("button", { name: "Measure 10 times" }).click();
  await expect(picture.getByText("each measured 10 times")).toBeVisible({ timeout: 60_000 });
  await picture.getByText("The text of this run").click();
  const text = await picture.locator("details pre").textContent();
  const values = printed(text ?? "");
  expect(text).toContain("-test.count=10");
  expect(Object.values(values).map(({ length }) => length)).toEqual([10, 10, 10, 10, 10, 10]);
  expect(await drawn(picture)).toEqual(values);

  const [measured = []] = Object.values(values);
  const sorted = measured.map(Number);
  sorted.sort((one, other) => one - other);
  const median = ((sorted[4] ?? 0) + (sorted[5] ?? 0)) / 2;
  const strip = picture.locator("figure[data-unit='ns/op'] .strip").first();
  expect(numberIn(await strip.locator(".value b").textContent())).toBeCloseTo(median, 2);
  // The interval of ten is from the second to the ninth.
  const farthest = Math.max((sorted[8] ?? 0) / median - 1, 1 - (sorted[1] ?? 0) / median);
  await expect(strip.locator(".value")).toContainText(`± ${(100 * farthest).toFixed(0)}%`);
  const other = picture.locator("figure[data-unit='ns/op'] .strip").nth(1).locator(".change");
  await expect(other).toHaveText(/^(~|[+-]\d+\.\d\d%) \(p=[01]\.\d{3} n=10\)$/);
  await expect(
    picture.locator("figure[data-unit='allocs/op'] .strip").nth(1).locator(".change"),
  ).toHaveText("all samples are equal");

  await picture.getByText("The same numbers as a table").click();
  const cells = await picture.locator("tbody tr .samples").allTextContents();
  const listed = cells.map((cell) =>
    cell
      .trim()
      .split(/\s+/)
      .map((text) => String(numberIn(text))),
  );
  // The table goes by units, the text by benchmarks.
  expect(listed.sort()).toEqual(Object.values(values).sort());

  // The run before is still there to be compared with.
  await picture.getByLabel("Compare with").selectOption({ index: 1 });
  await expect(strip.locator(".base .sample")).toHaveCount(1);
  await expect(strip.locator(".change")).toContainText("n=1+10");
});

test("metrics and parts of a benchmark, and the run before an edit", async ({ page, site }) => {
  await page.goto(`${site}/lessons/stack-and-heap`);
  await run(page, "stack/cost");
  await paste(page, "stack/cost", OWN);
  const picture = await run(page, "stack/cost");
  const output = snippet(page, "stack/cost").locator("pre .out");
  const values = printed((await output.allTextContents()).join(""));
  expect(Object.keys(values).filter((key) => /^Make\/n=10(-\d+)? /.test(key))).toHaveLength(5);
  expect(await drawn(picture)).toEqual(values);
  await expect(picture.locator("figure")).toHaveCount(5);

  await paste(page, "stack/cost", OWN.replace("make([]byte, n)", "make([]byte, 2*n)"));
  await run(page, "stack/cost");
  await expect(picture.getByLabel("Compare with").locator("option:checked")).toHaveText(
    "Run 2, other code, measured once",
  );
  const bytes = picture.locator("figure[data-unit='B/op'] .strip").nth(1);
  await expect(bytes.locator(".base .sample")).toHaveAttribute("data-value", "1024");
  await expect(bytes.locator(".own .sample")).toHaveAttribute("data-value", "2048");
});

test("what the program's own output broke is said, and not drawn", async ({ page, site }) => {
  await page.goto(`${site}/lessons/stack-and-heap`);
  await paste(page, "stack/cost", NOISY);
  const picture = await run(page, "stack/cost");
  await picture.getByRole("button", { name: "Measure 10 times" }).click();
  await expect(picture.getByText("each measured 10 times")).toBeVisible({ timeout: 60_000 });
  await expect(picture.getByText(/^\d+ measurements are not drawn/)).toBeVisible();
  await picture.getByText("The text of this run").click();
  const values = printed((await picture.locator("details pre").textContent()) ?? "");
  expect(await drawn(picture)).toEqual(values);
});

test("the element works alone, from one file, with what the API tells", async ({ page, site }) => {
  const answer = await page.request.post(`${site}/api/v1/runs`, {
    headers: { accept: "application/json" },
    data: { source: OWN, mode: "bench" },
  });
  const { events, stdout } = await answer.json();
  await page.goto(site);
  await page.evaluate(
    async ([source, events]) => {
      const file = "/assets/pictures/benchmarks.js";
      await import(file);
      const element = document.createElement("benchmarks-picture") as HTMLElement & {
        begin: (request: object) => void;
        hear: (event: object) => void;
      };
      document.querySelector("main")?.append(element);
      element.begin({ source, mode: "bench", options: {}, env: {} });
      for (const event of events) element.hear(event);
    },
    [OWN, events] as const,
  );
  const picture = page.locator("benchmarks-picture");
  await expect(picture.locator("figure")).toHaveCount(5);
  expect(await drawn(picture)).toEqual(printed(stdout));
  // Nobody can be asked to measure again.
  await expect(picture.getByRole("button", { name: "Measure 10 times" })).toHaveCount(0);
});

for (const theme of ["light", "dark"] as const) {
  test.describe(theme, () => {
    test.use({ colorScheme: theme, viewport: { width: 390, height: 844 } });
    test("axe finds nothing, and a narrow page does not scroll sideways", async ({
      page,
      site,
    }) => {
      await page.goto(`${site}/lessons/stack-and-heap`);
      const picture = await run(page, "stack/cost");
      await picture.getByText("The same numbers as a table").click();
      const { violations } = await new AxeBuilder({ page }).include("benchmarks-picture").analyze();
      expect(violations).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    });
  });
}
