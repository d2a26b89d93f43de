/** Every lesson has a picture that explains it. */
import { expect, snippet, test } from "./site.ts";

/** Where a lesson's pictures are: the example, its variant, and the name of the element. */
const pictures: Record<string, [example: string, variant: string, element: string][]> = {
  "stack-and-heap": [
    ["stack/two-places", "escape", "escape-picture"],
    ["stack/cost", "bench", "benchmarks-picture"],
  ],
  "escape-analysis": [
    ["escape/return-pointer", "escape", "escape-picture"],
    ["escape/inlining", "no-inlining", "changes-picture"],
  ],
  allocator: [["alloc/batch", "bench", "benchmarks-picture"]],
  "garbage-collector": [["gc/growing-heap", "trace", "heap-picture"]],
  "struct-layout": [["layout/order", "layout", "layout-picture"]],
  "unsafe-pointers": [["unsafe/arithmetic", "layout", "layout-picture"]],
  interfaces: [
    ["iface/dispatch", "asm-interface", "assembly-picture"],
    ["iface/cost", "bench", "benchmarks-picture"],
  ],
  scheduler: [["sched/queues", "schedtrace", "scheduler-picture"]],
  introspection: [["introspect/memory", "gctrace", "heap-picture"]],
  "build-pipeline": [
    ["pipeline/steps", "build", "sizes-picture"],
    ["pipeline/passes", "ssa", "passes-picture"],
  ],
  "reading-assembly": [
    ["assembly/frame", "asm", "assembly-picture"],
    ["assembly/bounds", "bounds", "changes-picture"],
  ],
  "cheat-sheet": [
    ["sheet/headers", "layout", "layout-picture"],
    ["sheet/meters", "gctrace", "heap-picture"],
  ],
};

test("no lesson is without a picture", async ({ page, site }) => {
  await page.goto(site);
  const links = page.locator('.card a[href^="/lessons/"]');
  const paths = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  const named = Object.keys(pictures).map((lesson) => `/lessons/${lesson}`);
  expect([...new Set(paths)].sort()).toEqual(named.sort());
});

for (const [lesson, of] of Object.entries(pictures)) {
  for (const [example, variant, element] of of) {
    test(`${lesson}: ${example} ${variant} shows ${element}`, async ({ page, site }) => {
      await page.goto(`${site}/lessons/${lesson}`);
      const shown = snippet(page, example);
      // With one way of running it there is nothing to choose.
      const choice = shown.locator(`input[type=radio][value="${variant}"]`);
      if ((await choice.count()) > 0) await choice.check();
      await shown.getByRole("button", { name: "Run", exact: true }).click();
      await shown.locator(".status.good").waitFor({ timeout: 60_000 });
      const button = shown.locator(`button[data-picture="${element}"]`);
      if ((await button.getAttribute("aria-pressed")) !== "true") await button.click();
      await expect(shown.locator(element)).toBeVisible();
    });
  }
}
