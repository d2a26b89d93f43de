import { execFileSync } from "node:child_process";
import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { binary, expect, openEditor, paste, snippet, test } from "./site.ts";

const PASSES = "pipeline/passes";

/** What the compiler wrote, from the API. */
async function artifact(page: Page, site: string, source: string, func: string): Promise<string> {
  const response = await page.request.post(`${site}/api/v1/runs`, {
    headers: { Accept: "application/json" },
    data: { source, mode: "ssa", options: { func } },
  });
  const { events } = (await response.json()) as { events: { type: string; text?: string }[] };
  return events.find(({ type }) => type === "artifact")?.text ?? "";
}

/** The document cut into columns by the tags alone: the passes of each, and its values by pass. */
function told(html: string) {
  const columns = html.split('<td id="').slice(1);
  const open = columns.filter((column) => /^[^"]*-exp"/u.test(column));
  return open.slice(2).map((column) => ({
    names: [...column.matchAll(/<h2>([^<]*?)(?: <span class="stats">[^<]*<\/span>)?<\/h2>/gu)].map(
      ([, name = ""]) => name,
    ),
    values: column.match(/<li class="ssa-long-value /gu)?.length ?? 0,
    blocks: column.match(/<ul class="b\d+ ssa-print-func /gu)?.length ?? 0,
    instructions: column.match(/<dd class="ssa-prog">/gu)?.length ?? 0,
  }));
}

async function open(page: Page, site: string) {
  await page.goto(`${site}/lessons/build-pipeline`);
  const lesson = snippet(page, PASSES);
  await lesson.getByRole("radio", { name: "ssa", exact: true }).check();
  await lesson.getByRole("button", { name: "Run", exact: true }).click();
  const picture = lesson.locator("passes-picture");
  await expect(picture.locator(".list")).toBeVisible();
  return { lesson, picture };
}

/** The table: what each pass left and changed. */
async function table(picture: Locator) {
  await picture.getByText("As a table").click();
  const rows = await picture.locator("details tbody tr").all();
  return Promise.all(rows.map(async (row) => row.locator("td").allInnerTexts()));
}

const source = (page: Page) =>
  openEditor(page, PASSES).then((editor) =>
    editor.evaluate((code) => (code as HTMLElement).innerText),
  );

test("passes, blocks and values are those of the artifact", async ({ page, site }) => {
  const { picture } = await open(page, site);
  const columns = told(await artifact(page, site, await source(page), "tenths"));
  expect(columns.length).toBeGreaterThan(10);
  const rows = await table(picture);
  const expected = columns.flatMap(({ names, values, blocks, instructions }) => [
    ...names.slice(0, -1).map((name) => [name, "changed nothing"]),
    instructions
      ? [names.at(-1), "", `${instructions} instructions`]
      : [names.at(-1), String(blocks), String(values)],
  ]);
  expect(rows.map((row) => row.slice(0, row.length === 2 ? 2 : 3))).toEqual(expected);
  const all = columns.flatMap(({ names }) => names);
  await expect(picture.locator(".head")).toContainText(
    `${columns.length} of ${all.length} steps changed something`,
  );
  // What varies from run to run is left out.
  await expect(picture).not.toContainText(/\d ns\b/u);

  // The slider goes through those that changed something, or through all.
  const options = () => picture.locator("select option").allInnerTexts();
  expect(await options()).toEqual(columns.map(({ names }, at) => `${at + 1}. ${names.at(-1)}`));
  await picture.getByLabel("Those that changed nothing too").check();
  await expect(picture.locator("select option")).toHaveCount(all.length);
  expect(
    (await options()).map((text) => text.replace(/^\d+\. | \(changed nothing\)$/gu, "")),
  ).toEqual(all);
});

test("what a pass added, removed and changed adds up", async ({ page, site }) => {
  const { picture } = await open(page, site);
  const rows = (await table(picture)).filter((row) => row.length > 2);
  let before = Number(rows[0]?.[2]);
  for (const [name, , values, added, removed] of rows.slice(1, -1)) {
    expect(before + Number(added) - Number(removed), name).toBe(Number(values));
    before = Number(values);
  }
  const at = rows.findIndex(([name]) => name === "opt");
  await picture.getByLabel("Pass by name").selectOption({ index: at });
  const counts = rows[at]?.slice(3) ?? [];
  for (const [i, word] of ["added", "removed", "changed", "moved"].entries())
    if (counts[i] !== "0")
      await expect(picture.locator(".summary")).toContainText(`${counts[i]} ${word}`);
});

test("a value is followed by keyboard from its birth to the instruction", async ({
  page,
  site,
}) => {
  const { lesson, picture } = await open(page, site);
  const list = picture.getByRole("listbox");
  await list.focus();
  const name = () =>
    list.evaluate((element) => {
      const active = element.getAttribute("aria-activedescendant");
      return element.querySelector(`#${active} .id`)?.textContent;
    });
  const product = picture.locator(".one", { hasText: "Mul64 <int>" }).first();
  const id = (await product.locator(".id").innerText()).trim();
  await page.keyboard.press("Home");
  for (let presses = 0; presses < 60 && (await name()) !== id; presses++)
    await page.keyboard.press("ArrowDown");
  expect(await name()).toBe(id);
  await page.keyboard.press("Enter");
  const life = picture.locator(".life");
  await expect(life.locator("li").first()).toContainText("Mul64 <int>");
  await expect(life.locator("li").last()).toContainText(/genssa.*IMULQ/su);
  await expect(picture.locator(".source .of-value")).toContainText("return w * h / 10");

  // Arrows go from pass to pass, and the value stays in sight.
  const select = picture.locator("select");
  const at = () => select.evaluate((element) => (element as HTMLSelectElement).selectedIndex);
  const before = await at();
  await list.press("ArrowRight");
  await expect.poll(at).toBe(before + 1);
  await expect(picture.locator(".one .id.followed")).toBeInViewport();
  // Each is spoken once: of the slider its own value is.
  const status = picture.getByRole("status");
  await expect(status).toHaveText(/^\w/u);
  await picture.getByRole("slider").press("ArrowRight");
  await expect.poll(at).toBe(before + 2);
  await expect(status).toHaveText("");
  await life.getByRole("button", { name: "genssa" }).click();
  await expect(picture.locator(".one", { has: page.locator(".id.followed") })).toContainText(
    "IMULQ",
  );

  // Back where it is a value, its line leads into the code.
  await life.getByRole("button", { name: "lower", exact: true }).click();
  await life.getByRole("button", { name: "Line 14" }).click();
  await expect(lesson.locator(".cm-pointed")).toContainText("return w * h / 10");
});

for (const version of ["1.25", "1.26", "1.27"]) {
  test(`a large function of Go ${version} stays usable, and the element works alone`, async ({
    page,
    site,
  }) => {
    const answer = await page.request.get(`${site}/api/v1/toolchains`);
    const { toolchains }: { toolchains: { go: string }[] } = await answer.json();
    const isReady = toolchains.some(({ go }) => go.startsWith(`go${version}.`));
    test.skip(!isReady, `Go ${version} is not ready; type: underhood toolchain install ${version}`);
    const args = ["run", "--mode", "ssa", "--opt", "func=large", "--go", version, "--json", "-"];
    const said = execFileSync(binary, args, { input: LARGE, encoding: "utf8", maxBuffer: 1 << 28 });
    const events = said
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; text?: string });
    const html = events.find(({ type }) => type === "artifact")?.text ?? "";
    expect(html.length).toBeGreaterThan(2_000_000);

    await page.goto(`${site}/lessons/build-pipeline`);
    await page.evaluate(
      async ({ events, source }) => {
        const place = "/assets/pictures/passes.js";
        await import(place);
        const picture = document.createElement("passes-picture") as HTMLElement & {
          begin: (request: unknown) => void;
          hear: (event: unknown) => void;
        };
        picture.id = "alone";
        document.querySelector("main")?.prepend(picture);
        picture.begin({ source, mode: "ssa", options: { func: "large" }, env: {} });
        for (const event of events) picture.hear(event);
      },
      { events, source: LARGE },
    );
    const picture = page.locator("#alone");
    const columns = told(html);
    await expect(picture.locator("details tbody tr")).toHaveCount(
      columns.flatMap(({ names }) => names).length,
    );
    const rows = (await table(picture)).filter((row) => row.length > 2);
    expect(rows.map(([name, , values]) => [name, values])).toEqual(
      columns.map(({ names, values, instructions }) => [
        names.at(-1),
        instructions ? `${instructions} instructions` : String(values),
      ]),
    );
    // Of thousands of rows, those in sight are in the document, also after going to the end.
    const list = picture.getByRole("listbox");
    const drawn = () => list.locator(".one").count();
    expect(await drawn()).toBeLessThan(80);
    await list.focus();
    await page.keyboard.press("End");
    await expect(list.locator(".one.active")).toBeInViewport();
    expect(await drawn()).toBeLessThan(80);
    expect(Number(await list.locator(".one").last().getAttribute("aria-posinset"))).toBeGreaterThan(
      400,
    );
  });
}

test("a build that fails leaves no old picture", async ({ page, site }) => {
  const { lesson, picture } = await open(page, site);
  await paste(page, PASSES, "package main\n\nfunc main() { x }\n");
  await lesson.getByRole("button", { name: "Run", exact: true }).click();
  await expect(picture).toContainText("The text below says why.");
  await expect(picture.getByRole("listbox")).toHaveCount(0);
});

for (const scheme of ["light", "dark"] as const) {
  test(`it can be seen and is accessible on a phone, ${scheme}`, async ({ page, site }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width: 390, height: 844 });
    const { picture } = await open(page, site);
    await picture.getByLabel("Pass by name").selectOption({ index: 6 });
    await picture.locator(".one.value").nth(4).click();
    await picture.getByText("As a table").click();
    const { violations } = await new AxeBuilder({ page }).include("passes-picture").analyze();
    expect(violations).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      390,
    );
  });
}

/** A function with much of everything: calls, maps, closures, bounds checks. */
const LARGE = `package main

import (
	"fmt"
	"sort"
	"strings"
)

func large(names []string, n int) (string, error) {
	m := map[string]int{}
	for i, s := range names {
		for j := 0; j < n; j++ {
			m[fmt.Sprintf("%s-%d", strings.ToUpper(s), i*j)] += len(s)
		}
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	defer func() { recover() }()
	var sum float64
	for i, k := range keys {
		var value any = float64(m[k]) / float64(i+1)
		switch v := value.(type) {
		case float64:
			sum += v * v
		case int:
			sum += float64(v)
		}
		if i > 1 && keys[i-1] > keys[i-2] {
			keys[i] = strings.TrimSpace(keys[i-1] + keys[i-2])
		}
	}
	if sum > 1e6 {
		return "", fmt.Errorf("too much: %v", sum)
	}
	return strings.Join(keys, ","), nil
}

func main() { fmt.Println(large([]string{"a", "bb"}, 3)) }
`;
