import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { expect, openEditor, paste, snippet, test } from "./site.ts";

const ORDER = "layout/order";

/** The same types as the picture shows, asked by the program itself. */
const ODD = `package main

import (
	"sync/atomic"
	"unsafe"
)

type point struct {
	at    int64
	valid bool
}

type odd struct {
	ready bool
	// count is embedded in its line.
	count atomic.Int64 \`json:"count"\`
	point
	a, b  int16
	s, t, u, v string
	names [20]string
	none  struct{}
}

func main() {
	var x odd
	println("odd", unsafe.Sizeof(x), unsafe.Alignof(x))
	println("ready", unsafe.Offsetof(x.ready), unsafe.Sizeof(x.ready))
	println("count", unsafe.Offsetof(x.count), unsafe.Sizeof(x.count))
	println("point", unsafe.Offsetof(x.point), unsafe.Sizeof(x.point))
	println("a", unsafe.Offsetof(x.a), unsafe.Sizeof(x.a))
	println("b", unsafe.Offsetof(x.b), unsafe.Sizeof(x.b))
	println("s", unsafe.Offsetof(x.s), unsafe.Sizeof(x.s))
	println("t", unsafe.Offsetof(x.t), unsafe.Sizeof(x.t))
	println("u", unsafe.Offsetof(x.u), unsafe.Sizeof(x.u))
	println("v", unsafe.Offsetof(x.v), unsafe.Sizeof(x.v))
	println("names", unsafe.Offsetof(x.names), unsafe.Sizeof(x.names))
	println("none", unsafe.Offsetof(x.none), unsafe.Sizeof(x.none))
}
`;

/** The API's answer to a run. */
async function answer(page: Page, site: string, source: string, mode: string, options = {}) {
  const response = await page.request.post(`${site}/api/v1/runs`, {
    headers: { Accept: "application/json" },
    data: { source, mode, options },
  });
  expect(response.ok()).toBe(true);
  const { stdout, stderr } = (await response.json()) as { stdout: string; stderr: string };
  return { stdout, stderr };
}

/** Opens the lesson, puts code into the snippet where there is other code, and runs mode layout. */
async function open(page: Page, site: string, code?: string) {
  await page.goto(`${site}/lessons/struct-layout`);
  const lesson = snippet(page, ORDER);
  await lesson.getByRole("radio", { name: "layout", exact: true }).check();
  if (code) await paste(page, ORDER, code);
  await lesson.getByRole("button", { name: "Run", exact: true }).click();
  const picture = lesson.locator("layout-picture");
  await expect(picture.locator(".struct").first()).toBeVisible();
  return { lesson, picture };
}

/** A struct as it is drawn: its numbers, the fields of the table, and the bytes by what they are. */
async function drawn(struct: Locator, arch = "amd64") {
  await expect(struct.locator(".asking")).toHaveCount(0);
  const side = struct.locator(`.drawing[data-arch="${arch}"]`);
  const sizes = (await side.locator(".sizes").innerText()).replace(/\d+ → ?/gu, "");
  const rows = await struct.locator("tbody tr").all();
  const fields = await Promise.all(
    rows.map(async (row) => (await row.locator("td").allInnerTexts()).slice(0, 5)),
  );
  const cells = await side.locator(".cell").evaluateAll((all) =>
    all.map((cell) => ({
      isPadding: cell.classList.contains("padding"),
      from: Number((cell as HTMLElement).dataset.from),
      to: Number((cell as HTMLElement).dataset.to),
      left: cell.getBoundingClientRect().left,
      width: cell.getBoundingClientRect().width,
    })),
  );
  return { sizes, fields, cells };
}

/** What the tool's text says of a struct: its numbers, and the lines of its fields and padding. */
function told(text: string, name: string) {
  const head = new RegExp(
    `: ${name} on \\w+: size (\\d+), align (\\d+), padding (\\d+)\\n.*\\n((?: .*(?:\\n|$))*)`,
    "u",
  );
  const [, size, align, padding, lines = ""] = head.exec(text) ?? [];
  const rows = lines
    .trimEnd()
    .split("\n")
    .map((line) => line.trim().split(/\s+/u));
  const isPadding = (row: string[]) => row.at(-1) === "(padding)";
  const fields: string[][] = [];
  for (const row of rows) {
    const last = fields.at(-1);
    const [offset = "", bytes = "", aligned = "", ...name] = row;
    if (isPadding(row) && last) last[4] = bytes;
    else fields.push([name.join(" "), offset, bytes, aligned, "0"]);
  }
  return { size, align, padding, fields };
}

test("what is drawn is what the tool says, and what the program says", async ({ page, site }) => {
  const { lesson, picture } = await open(page, site, ODD);
  const struct = picture.locator('.struct[data-struct="odd"]');
  const { sizes, fields, cells } = await drawn(struct);
  const text = told(await lesson.locator(".snippet-output").innerText(), "odd");
  expect(sizes).toContain(
    `${text.size} bytes · alignment ${text.align} · ${text.padding} of padding`,
  );
  expect(fields).toEqual(text.fields);

  const said = new Map(
    (await answer(page, site, ODD, "run")).stderr
      .trim()
      .split("\n")
      .map((line) => [line.split(" ")[0], line.split(" ").slice(1)]),
  );
  expect(said.get("odd")).toEqual([text.size, text.align]);
  for (const [name = "", offset, size] of fields)
    expect(said.get(name.split(" ")[0])).toEqual([offset, size]);

  // Bytes are drawn once each, and to scale; those of a long field that are not are said to be.
  const folded = await struct.locator(".fold").allInnerTexts();
  expect(folded).toHaveLength(1);
  const hidden = Number(/([\d,]+) bytes/u.exec(folded[0] ?? "")?.[1]);
  const bytes = cells.reduce((sum, { from, to }) => sum + to - from, 0);
  expect(bytes + hidden).toBe(Number(text.size));
  const one = cells.find(({ from, to }) => to - from === 1)?.width ?? 0;
  const eight = cells.find(({ from, to }) => to - from === 8)?.width ?? 0;
  expect(eight / one).toBeGreaterThan(7.5);
  expect(eight / one).toBeLessThan(8.5);
  const unused = cells.filter(({ isPadding }) => isPadding);
  expect(unused.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(Number(text.padding));
  // A cache line begins at each 64th byte: at a row, or among those that are folded.
  await expect(struct.locator(".line")).toHaveText(["cache line 2"]);
  expect(folded[0]).toContain("cache lines 3 to 7 begin");
});

test("a field moves by button, key and pointer, and the compiler says what it costs", async ({
  page,
  site,
}) => {
  const { lesson, picture } = await open(page, site);
  const struct = picture.locator('.struct[data-struct="loose"]');
  const names = async () => (await drawn(struct)).fields.map(([name = ""]) => name.split(/\s/u)[0]);
  await expect.poll(names).toEqual(["urgent", "id", "retry", "tries", "done"]);
  const before = await openEditor(page, ORDER).then((editor) => editor.innerText());

  const up = struct.getByRole("button", { name: "Move id up" });
  await up.click();
  await expect.poll(names).toEqual(["id", "urgent", "retry", "tries", "done"]);
  // The focus stays with the field.
  await expect(up).toBeFocused();
  await expect(struct.locator(".sizes")).toContainText("32 → 24 bytes 8 fewer");
  await expect(picture.getByRole("status")).toHaveText("loose: 24 bytes, as written 32.");

  await struct.getByRole("button", { name: "Move done up" }).focus();
  await page.keyboard.press("Alt+ArrowUp");
  await page.keyboard.press("Alt+ArrowUp");
  await expect.poll(names).toEqual(["id", "urgent", "done", "retry", "tries"]);

  const handle = (at: number) => struct.locator("tbody tr").nth(at).locator(".handle");
  await handle(4).scrollIntoViewIfNeeded();
  const [from, to] = [await handle(4).boundingBox(), await handle(1).boundingBox()];
  if (!from || !to) throw new Error("no handle");
  await page.mouse.move(from.x + 4, from.y + 4);
  await page.mouse.down();
  await page.mouse.move(to.x + 4, to.y + 4, { steps: 4 });
  await page.mouse.up();
  await expect.poll(names).toEqual(["id", "tries", "urgent", "done", "retry"]);
  await expect(struct.locator(".sizes")).toContainText("32 → 16 bytes 16 fewer");

  // The reader's code is as it was until the order is kept, and then a fresh run says the same of it.
  expect(await openEditor(page, ORDER).then((editor) => editor.innerText())).toBe(before);
  await struct.getByRole("button", { name: "Keep this order" }).click();
  await expect(picture.getByRole("status")).toHaveText("The order is in the code now.");
  const kept = await openEditor(page, ORDER).then((editor) => editor.innerText());
  expect(kept).not.toBe(before);
  const shown = await drawn(struct);
  const fresh = told((await answer(page, site, kept, "layout")).stdout, "loose");
  expect(shown.fields).toEqual(fresh.fields);
  expect(shown.sizes).toContain(`${fresh.size} bytes`);
  await lesson.getByRole("button", { name: "Run", exact: true }).click();
  await expect(lesson.locator(".snippet-output")).toContainText("loose on amd64: size 16,");
  expect((await drawn(struct)).fields).toEqual(fresh.fields);
});

test("the smallest order is what the compiler says it is, and goes back", async ({
  page,
  site,
}) => {
  const { picture } = await open(page, site, ODD);
  const struct = picture.locator('.struct[data-struct="odd"]');
  const written = await drawn(struct);
  await struct.getByRole("button", { name: "Smallest order" }).click();
  await expect(struct.locator(".sizes .less")).toBeVisible();
  const names = (await drawn(struct)).fields.map(([name = ""]) => name.split(" ")[0]);
  // a and b are declared together, so they stay together.
  expect(names).toEqual(["none", "count", "point", "s", "t", "u", "v", "names", "a", "b", "ready"]);
  await struct.getByRole("button", { name: "As written" }).click();
  await expect(struct.locator(".sizes .less")).toHaveCount(0);
  expect((await drawn(struct)).fields).toEqual(written.fields);
});

test("32 bits are beside 64, each as the compiler says", async ({ page, site }) => {
  const { picture } = await open(page, site, ODD);
  const struct = picture.locator('.struct[data-struct="odd"]');
  await picture.getByRole("button", { name: "32 bits: 386" }).click();
  await expect(struct.locator(".drawing")).toHaveCount(2);
  const { sizes, cells } = await drawn(struct, "386");
  const text = told((await answer(page, site, ODD, "layout", { arch: "386" })).stdout, "odd");
  expect(sizes).toContain(
    `${text.size} bytes · alignment ${text.align} · ${text.padding} of padding`,
  );
  const unused = cells.filter(({ isPadding }) => isPadding);
  expect(unused.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(Number(text.padding));
  // Nobody has measured what it takes on the heap there.
  expect(sizes).not.toContain("on the heap");
});

test("what cannot be moved says why, and what would not compile is told", async ({
  page,
  site,
}) => {
  const code = `package main

type short struct { a bool; b int }

type other short

type plain struct {
	a bool
	b int
	c bool
}

var x = plain{true, 1, false}

func main() { println(x.a, short{}.a, other{}.b) }
`;
  const { picture } = await open(page, site, code);
  const of = (name: string) => picture.locator(`.struct[data-struct="${name}"]`);
  await expect(of("short").locator(".fixed")).toHaveText(/some of its fields share a line/u);
  await expect(of("other").locator(".fixed")).toHaveText(/declared with another type/u);
  await expect(of("short").getByRole("button", { name: /^Move/u })).toHaveCount(0);
  await of("plain").getByRole("button", { name: "Move c up" }).click();
  await expect(of("plain").locator(".why")).toContainText("does not compile");
  await expect(of("plain").locator(".why")).toContainText("main.go:13:");
  await expect(of("plain").getByRole("button", { name: "Keep this order" })).toBeDisabled();
  await expect(of("plain").locator(".note.fixed")).toContainText(
    "Line 13: values are listed without",
  );
});

test("the element works alone, and offers nothing that needs a service", async ({ page, site }) => {
  await page.goto(`${site}/lessons/struct-layout`);
  const response = await page.request.post(`${site}/api/v1/runs`, {
    headers: { Accept: "application/json" },
    data: { source: ODD, mode: "layout" },
  });
  const { events } = (await response.json()) as { events: unknown[] };
  await page.evaluate(
    async ({ events, source }) => {
      const place = "/assets/pictures/layout.js";
      await import(place);
      const picture = document.createElement("layout-picture") as HTMLElement & {
        begin: (request: unknown) => void;
        hear: (event: unknown) => void;
      };
      picture.id = "alone";
      document.querySelector("main")?.prepend(picture);
      picture.begin({ source, mode: "layout", options: {}, env: {} });
      for (const event of events) picture.hear(event);
    },
    { events, source: ODD },
  );
  const struct = page.locator('#alone .struct[data-struct="odd"]');
  const { fields, sizes } = await drawn(struct);
  expect(fields.map(([name = ""]) => name.split(" ")[0])).toContain("names");
  expect(sizes).toContain("bytes · alignment 8");
  await expect(page.locator("#alone").getByRole("button")).toHaveCount(0);
});

test("a build that fails leaves no old picture", async ({ page, site }) => {
  const { lesson, picture } = await open(page, site);
  await paste(page, ORDER, "package main\n\nfunc main() { x }\n");
  await lesson.getByRole("button", { name: "Run", exact: true }).click();
  await expect(picture).toContainText("The text below says why.");
  await expect(picture.locator(".struct")).toHaveCount(0);
});

for (const scheme of ["light", "dark"] as const) {
  test(`it can be seen and is accessible on a phone, ${scheme}`, async ({ page, site }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width: 390, height: 844 });
    const { picture } = await open(page, site);
    await picture.getByRole("button", { name: "Smallest order" }).first().click();
    await picture.getByRole("button", { name: "32 bits: 386" }).click();
    await expect(picture.locator('.drawing[data-arch="386"] .sizes').first()).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).include("layout-picture").analyze();
    expect(violations).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      390,
    );
  });
}
