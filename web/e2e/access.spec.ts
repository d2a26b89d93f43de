/** What axe finds on every page that the site has, and whether all of it can be reached by keyboard. */
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, snippet, test } from "./site.ts";

/** Home, and what it leads to; the site itself says which pages it has. */
async function pagesOf(page: Page, site: string): Promise<string[]> {
  await page.goto(site);
  const found = await page
    .locator("a[href^='/']")
    .evaluateAll((links) =>
      links.map((link) => new URL((link as HTMLAnchorElement).href).pathname),
    );
  const pages = [...new Set(found)];
  // Home, the map, the questions, and twelve lessons.
  expect(pages.length).toBeGreaterThanOrEqual(15);
  return pages;
}

/** Scripts have taken the page over. */
async function settled(page: Page): Promise<void> {
  await expect(page.locator("site-search button")).toBeAttached();
}

/** What axe finds. In the dark only colours are another matter, and a look at all else takes long. */
async function faultsOf(page: Page, what: string): Promise<string[]> {
  const isDark = await page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches);
  const axe = new AxeBuilder({ page });
  const { violations } = await (isDark
    ? axe.withRules(["color-contrast", "link-in-text-block"])
    : axe
  ).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ html, failureSummary }) => `${what}: ${id}: ${html.slice(0, 160)}\n${failureSummary}`,
    ),
  );
}

for (const width of [390, 1280]) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`${width} pixels, ${colorScheme}`, () => {
      // What moves has other colours on its way.
      test.use({
        viewport: { width, height: 900 },
        colorScheme,
        contextOptions: { reducedMotion: "reduce" },
      });

      test("axe finds nothing on any page", async ({ page, site }) => {
        test.setTimeout(240_000);
        const found: string[] = [];
        for (const path of [...(await pagesOf(page, site)), "/no-such-page"]) {
          await page.goto(site + path);
          await settled(page);
          // A closed part hides what is in it from axe.
          await page.evaluate(() => {
            for (const details of document.querySelectorAll("details")) details.open = true;
          });
          found.push(...(await faultsOf(page, path)));
        }
        expect(found).toEqual([]);
      });

      test("nor in the dialogs, and after a run", async ({ page, site }) => {
        await page.goto(`${site}/lessons/garbage-collector`);
        await settled(page);
        const trace = snippet(page, "gc/trace");
        await trace.getByRole("button", { name: "Run" }).click();
        await expect(trace.locator(".status.good")).toBeVisible();
        const found = await faultsOf(page, "after a run");
        await page.locator("h1").click();
        await page.keyboard.press("/");
        await page.getByRole("combobox", { name: "Search" }).fill("gogc");
        await expect(page.getByRole("dialog").getByRole("option").first()).toBeVisible();
        await settled(page);
        found.push(...(await faultsOf(page, "search")));
        await page.getByRole("combobox", { name: "Search" }).fill("quokka");
        found.push(...(await faultsOf(page, "search without a hit")));
        await page.keyboard.press("Escape");
        await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
        await settled(page);
        found.push(...(await faultsOf(page, "shortcuts")));
        expect(found).toEqual([]);
      });

      test("nor while one revises", async ({ page, site }) => {
        await page.goto(`${site}/revise`);
        await page.getByRole("button", { name: /^All/ }).click();
        const found = await faultsOf(page, "a question");
        await page.getByRole("button", { name: "Show the answer" }).click();
        found.push(...(await faultsOf(page, "an answer")));
        expect(found).toEqual([]);
      });

      test("nor on what answers a form", async ({ page, site }) => {
        await page.goto(site);
        await post(page, { example: "escape/return-pointer", variant: "escape", source: program });
        await expect(page.getByRole("region", { name: "Output" })).toContainText("moved to heap");
        await settled(page);
        const found = await faultsOf(page, "a run's page");
        await page.goto(site);
        await post(page, { example: "nothing/here", variant: "", source: "" });
        await expect(page.getByText("What is allowed")).toBeVisible();
        await settled(page);
        found.push(...(await faultsOf(page, "a refusal")));
        expect(found).toEqual([]);
      });
    });
  }
}

test.describe("390 pixels", () => {
  test.use({ viewport: { width: 390, height: 900 } });

  test("no table is wider than the page", async ({ page, site }) => {
    const wide: string[] = [];
    let count = 0;
    for (const path of await pagesOf(page, site)) {
      await page.goto(site + path);
      for (const table of await page.getByRole("table").all()) {
        count += 1;
        if (await table.evaluate((it) => it.scrollWidth > it.clientWidth))
          wide.push(`${path}: ${(await table.textContent())?.slice(0, 40)}`);
      }
    }
    expect(count).toBeGreaterThan(10);
    expect(wide).toEqual([]);
  });
});

test("the whole of a lesson is reached by Tab, and each stop is seen", async ({ page, site }) => {
  test.setTimeout(120_000);
  // Where the focus goes the page is at once.
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto(`${site}/lessons/stack-and-heap`);
  await settled(page);
  await expect(page.locator("go-snippet .snippet-reset").first()).toBeAttached();

  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to the text" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();

  const expected = await page.evaluate(mark);
  const reached: string[] = [];
  const unseen: string[] = [];
  for (let stops = 0; stops < 300; stops++) {
    let stop = await page.evaluate(stopAtFocus);
    // The page may follow the focus some frames later.
    for (let tries = 0; stop && !stop.isSeen && tries < 10; tries++) {
      await page.evaluate(() => new Promise((done) => setTimeout(done, 200)));
      stop = await page.evaluate(stopAtFocus);
    }
    if (!stop) break;
    reached.push(stop.name);
    if (!stop.isSeen) unseen.push(stop.name);
    await page.keyboard.press("Tab");
  }
  expect(unseen).toEqual([]);
  expect(expected.filter((name) => !reached.includes(name))).toEqual([]);
  expect(reached.filter((name) => name.startsWith("editor")).length).toBeGreaterThanOrEqual(5);

  // And the skip link leads past the head.
  await page.goto(`${site}/lessons/stack-and-heap`);
  await settled(page);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.closest("main") !== null)).toBe(true);
});

test("who wants less motion gets none", async ({ page, site }) => {
  for (const [reducedMotion, moves] of [
    ["reduce", false],
    ["no-preference", true],
  ] as const) {
    await page.emulateMedia({ reducedMotion });
    // The map's next step glows.
    await page.goto(`${site}/map`);
    await settled(page);
    const behaviour = await page
      .locator(":root")
      .evaluate((root) => getComputedStyle(root).scrollBehavior);
    expect(behaviour).toBe(moves ? "smooth" : "auto");
    await page.getByRole("button", { name: "Search" }).click();
    const styles = await page.evaluate(() =>
      [...document.querySelectorAll("*")].flatMap((element) => {
        const { animationName, transitionDuration } = getComputedStyle(element);
        return [animationName, ...transitionDuration.split(", ")];
      }),
    );
    expect(styles.some((style) => style !== "none" && style !== "0s")).toBe(moves);
  }
});

const program = `package main

func f() *int {
	x := 1
	return &x
}

func main() { f() }
`;

/** Sends the form of a snippet, as a browser without scripts does; axe itself is a script. */
async function post(page: Page, fields: Record<string, string>): Promise<void> {
  await Promise.all([
    page.waitForURL("**/run"),
    page.evaluate((fields) => {
      const form = document.createElement("form");
      form.method = "post";
      form.action = "/run";
      for (const [name, value] of Object.entries(fields)) {
        const field = document.createElement("textarea");
        field.name = name;
        field.value = value;
        form.append(field);
      }
      document.body.append(form);
      form.submit();
    }, fields),
  ]);
}

/** Names all that can be acted on in the page, for `stopAtFocus`; of radio buttons that belong together only the one that Tab stops at. */
function mark(): string[] {
  const all = document.querySelectorAll<HTMLElement>(
    ":is(a[href], button, input, select, summary, [tabindex='0']):not(.snippet-code *), .snippet-code",
  );
  const names: string[] = [];
  for (const [index, element] of [...all].entries()) {
    const isRadio = element instanceof HTMLInputElement && element.type === "radio";
    const isOff = element.matches(":disabled, [hidden], [hidden] *, [type=hidden]");
    if (isOff || (isRadio && !element.checked) || !element.checkVisibility()) continue;
    const kind = element.matches(".snippet-code") ? "editor" : element.tagName.toLowerCase();
    // The contents' summary cannot be closed where they stand beside the text.
    if (getComputedStyle(element).pointerEvents === "none") continue;
    const label = element.textContent || element.getAttribute("aria-label") || "";
    element.dataset.stop = `${kind} ${index} ${label.trim().slice(0, 40)}`;
    names.push(element.dataset.stop);
  }
  return names;
}

/** Where the focus is, and whether something shows that: an outline or a shadow, on it or around it. Null at the page's end. */
function stopAtFocus(): { name: string; isSeen: boolean } | null {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement) || active === document.body) return null;
  const shows = (element: Element | null | undefined) => {
    if (!element) return false;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
  };
  const around = [
    active,
    active.closest("label"),
    active.nextElementSibling,
    active.closest(".snippet-box"),
  ];
  const { top, bottom } = active.getBoundingClientRect();
  const isInView = bottom > 0 && top < innerHeight;
  return {
    // Its editor comes with the focus, and Tab goes past it.
    name:
      active.closest<HTMLElement>(".snippet-code")?.dataset.stop ??
      active.dataset.stop ??
      active.tagName.toLowerCase(),
    isSeen: around.some(shows) && isInView,
  };
}
