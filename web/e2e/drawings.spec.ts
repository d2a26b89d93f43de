import { expect, test } from "./site.ts";

/** Letters that are smaller cannot be read on a phone; in pixels of the screen. */
const LEGIBLE = 12;

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("every lesson has a drawing that is read aloud, and can be read", async ({ page, site }) => {
    await page.goto(site);
    const lessons = await page
      .locator('main a[href^="/lessons/"]')
      .evaluateAll((links) =>
        links.map((link) => new URL((link as HTMLAnchorElement).href).pathname),
      );
    expect(lessons.length).toBeGreaterThan(0);
    for (const path of new Set(lessons)) {
      await page.goto(site + path);
      const drawing = page.locator("figure > svg");
      await expect(drawing, path).not.toHaveCount(0);
      for (const svg of await drawing.all()) {
        const title = (await svg.locator("title").textContent()) ?? "";
        const text = (await svg.locator("desc").textContent()) ?? "";
        await expect(svg, path).toHaveRole("img");
        await expect(svg, path).toHaveAccessibleName(`${title} ${text}`);
        const hard = await svg.evaluate((element, legible) => {
          const { left, right } = element.getBoundingClientRect();
          const scale = (element as SVGSVGElement).getScreenCTM()?.a ?? 0;
          const parts = [...element.querySelectorAll("text, tspan")];
          const isHard = (part: Element) => {
            const size = Number.parseFloat(getComputedStyle(part).fontSize) * scale;
            const box = part.getBoundingClientRect();
            return size < legible || box.left < left - 1 || box.right > right + 1;
          };
          return parts.filter(isHard).map((part) => part.textContent);
        }, LEGIBLE);
        expect(hard, path).toEqual([]);
      }
    }
  });
});
