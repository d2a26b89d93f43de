/** Snippets and the page of another origin around them: neither is in the other's way. */
import AxeBuilder from "@axe-core/playwright";
import type { Locator } from "@playwright/test";
import { CAPTURED, ESCAPES, page, run, snippet, test } from "./embedding.ts";
import { expect } from "./site.ts";

/** What a page takes for its snippets before any code is seen, compressed and without headers, in bytes. */
const MOST = 30 * 1024;

/** Looks of what is in a snippet, and its size. */
async function looks(of: Locator): Promise<string[]> {
  return await of.evaluate((host) => {
    const root = host.shadowRoot;
    if (!root) throw new Error("the snippet has no shadow");
    const names = [
      "color",
      "backgroundColor",
      "fontFamily",
      "letterSpacing",
      "textTransform",
      "display",
    ];
    return [
      host,
      ...root.querySelectorAll(
        ".snippet-box, .snippet-title, .still pre, .button, .status-text, .err",
      ),
    ].map((element) => {
      const style = getComputedStyle(element) as unknown as Record<string, string>;
      const { width, height } = element.getBoundingClientRect();
      const look = element === host ? [] : names.map((name) => style[name]);
      return [element.className, Math.round(width), Math.round(height), ...look].join(" ");
    });
  });
}

/** All that a page could do to elements that it does not know. */
const HOSTILE = `<style>
  .place { color: lime; font: 40px/3 fantasy; letter-spacing: 1em; text-transform: uppercase; direction: rtl; text-align: right;
    visibility: hidden; cursor: none; white-space: nowrap }
  .place * { all: revert !important; color: lime !important; background: red !important; font: 40px/3 fantasy !important;
    letter-spacing: 1em !important; text-transform: uppercase !important; opacity: 0.2 !important; float: right !important;
    direction: rtl !important; padding: 40px !important; border: 9px solid !important; transform: rotate(9deg) !important;
    zoom: 3 !important; width: 20px !important; position: fixed !important; visibility: hidden !important;
    display: none !important; --surface: red !important; --mono: fantasy !important; --ink: lime !important }
</style>`;

test("no style of the page reaches a snippet, and none of its own the page", async ({
  page: at,
  pages,
}) => {
  const body = `<p id="probe" class="button snippet-box">text</p>
    <div class="place" style="width: 600px">${snippet('mode="escape" title="A"', ESCAPES, CAPTURED)}</div>`;
  const only = at.locator("go-snippet");
  await at.goto(pages.put(page(pages.service, body)));
  await expect(only.getByRole("button", { name: "Run" })).toBeVisible();
  const plain = await looks(only);
  expect(plain.length).toBeGreaterThan(6);
  const height = (await only.boundingBox())?.height ?? 0;
  await expect(at.locator("#probe")).toHaveCSS("display", "block");
  await expect(at.locator("#probe")).toHaveCSS("border-top-style", "none");
  await at.goto(pages.put(page(pages.service, body, HOSTILE)));
  await expect(only.getByRole("button", { name: "Run" })).toBeVisible();
  expect(await looks(only)).toEqual(plain);
  // Some pages make a rem 10 pixels. Only edges are thicker then.
  await at.goto(pages.put(page(pages.service, body, "<style>html { font-size: 62.5% }</style>")));
  await expect(only.getByRole("button", { name: "Run" })).toBeVisible();
  expect(Math.abs(((await only.boundingBox())?.height ?? 0) - height)).toBeLessThan(8);
  await run(only);
  await expect(only.locator(".cm-mark-heap").first()).toBeVisible();
});

test("charts are sharp where the page makes a rem 10 pixels, and follow when it no longer does", async ({
  page: at,
  pages,
}) => {
  const program = `package main

import "time"

var kept []byte

func main() {
	for range 200 {
		kept = make([]byte, 1<<20)
		time.Sleep(time.Millisecond)
	}
}
`;
  const body =
    snippet('env="GODEBUG=gctrace=1" title="Heap"', program) +
    snippet('env="GODEBUG=schedtrace=20" title="Scheduler"', program);
  await at.goto(pages.put(page(pages.service, body, "<style>html { font-size: 62.5% }</style>")));
  const all = at.locator("go-snippet");
  for (const nth of [0, 1]) {
    await run(all.nth(nth));
    await expect(all.nth(nth).locator(".status-text")).toHaveText("Finished.");
  }
  /** The largest difference between a canvas and the pixels that it is shown on. */
  const blur = () =>
    at.locator("go-snippet canvas").evaluateAll((all) =>
      (all as HTMLCanvasElement[]).flatMap((canvas) => {
        const { width, height } = canvas.getBoundingClientRect();
        return [canvas.width - width * devicePixelRatio, canvas.height - height * devicePixelRatio];
      }),
    );
  await expect(at.locator("go-snippet canvas")).toHaveCount(3);
  const most = async () => Math.max(...(await blur()).map(Math.abs));
  await expect.poll(most).toBeLessThan(1.5);
  // The mark is under the pointer.
  const plot = all.nth(0).locator(".u-over").first();
  await plot.scrollIntoViewIfNeeded();
  const box = await plot.boundingBox();
  const left = (box?.x ?? 0) + 200;
  await at.mouse.move(left, (box?.y ?? 0) + 40);
  await expect
    .poll(async () => Math.abs(((await plot.locator(".u-cursor-x").boundingBox())?.x ?? 0) - left))
    .toBeLessThan(2);
  await at.addStyleTag({ content: "html { font-size: 100% !important }" });
  await expect(all.nth(0).locator(".embedded")).toHaveCSS("zoom", "1");
  await expect.poll(most).toBeLessThan(1.5);
});

test("a strict policy of the page lets it work, with the service on its lists", async ({
  page: at,
  pages,
}) => {
  const policy = `default-src 'none'; script-src ${pages.service}; connect-src ${pages.service}`;
  await at.goto(
    pages.put(page(pages.service, snippet('mode="escape"')), {
      "Content-Security-Policy": `${policy}; require-trusted-types-for 'script'`,
      "Cross-Origin-Embedder-Policy": "require-corp",
    }),
  );
  const only = at.locator("go-snippet");
  await run(only);
  await expect(only.locator(".snippet-output")).toContainText("moved to heap: x");
  await expect(only.locator(".cm-mark-heap").first()).toBeVisible();
  await expect(only.locator(".snippet-box")).toHaveCSS("border-top-style", "solid");
  // That it broke nothing of the policy is held by the fixture `faults`.
});

test("a policy that does not list the service is named", async ({ page: at, pages, faults }) => {
  await at.goto(
    pages.put(page(pages.service, snippet('mode="escape"', ESCAPES, CAPTURED)), {
      "Content-Security-Policy": `script-src ${pages.service}; connect-src 'self'`,
    }),
  );
  const only = at.locator("go-snippet");
  await run(only);
  await expect(only.locator(".why")).toContainText(
    `Content-Security-Policy lets it connect to no ${pages.service}: its connect-src has to list that.`,
  );
  expect(faults.splice(0).join("\n")).toContain("connect-src");
});

test("a service that does not allow the page says how it would", async ({
  page: at,
  pages,
  site,
  faults,
}) => {
  await at.goto(pages.put(page(site, snippet('mode="escape"'))));
  const only = at.locator("go-snippet");
  await run(only);
  await expect(only.locator(".status-text")).toHaveText(
    `${new URL(site).host} runs no code for this page. Its operator allows that with serve --allow-origin ${pages.origin}.`,
  );
  await expect(only.getByRole("status").last()).toContainText("--allow-origin");
  expect(faults.splice(0).join("\n")).toContain("blocked by CORS policy");
});

test("the first load is small, and the rest comes when it is wanted", async ({
  page: at,
  pages,
}) => {
  const client = await at.context().newCDPSession(at);
  await client.send("Network.enable");
  await client.send("Network.clearBrowserCache");
  const addresses = new Map<string, string>();
  const sizes = new Map<string, number>();
  client.on("Network.requestWillBeSent", ({ requestId, request }) =>
    addresses.set(requestId, request.url),
  );
  const headers = new Map<string, number>();
  client.on("Network.responseReceived", ({ requestId, response }) =>
    headers.set(requestId, response.encodedDataLength),
  );
  client.on("Network.loadingFinished", ({ requestId, encodedDataLength }) =>
    sizes.set(
      addresses.get(requestId) ?? requestId,
      encodedDataLength - (headers.get(requestId) ?? 0),
    ),
  );
  await at.goto(pages.put(page(pages.service, `<div style="height: 300vh"></div>${snippet("")}`)), {
    waitUntil: "networkidle",
  });
  await expect(at.locator("go-snippet .snippet-box")).toBeAttached();
  const ours = () => [...sizes].filter(([address]) => address.startsWith(pages.service));
  const sum = ours().reduce((sum, [, size]) => sum + size, 0);
  const list = ours()
    .map(([address, size]) => `${size} ${address}`)
    .join("\n");
  expect(ours().length, list).toBeGreaterThan(3);
  expect(sum, list).toBeGreaterThan(MOST / 2);
  expect(sum, list).toBeLessThanOrEqual(MOST);
  expect(list).not.toMatch(/\/(editor|highlight|escape)-/);
  await at.locator("go-snippet").scrollIntoViewIfNeeded();
  await expect(at.locator("go-snippet .hl-keyword").first()).toBeVisible();
  expect(
    ours()
      .map(([address]) => address)
      .join("\n"),
  ).not.toContain("/editor-");
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, contextOptions: { reducedMotion: "reduce" } });

    test("axe finds nothing, and the keyboard is enough", async ({ page: at, pages }) => {
      const body =
        snippet('mode="escape" title="First"', ESCAPES, CAPTURED) +
        snippet('knobs="GOGC" modes="asm"');
      await at.goto(
        pages.put(page(pages.service, body, '<meta name="color-scheme" content="light dark">')),
      );
      const first = at.locator("go-snippet").first();
      await expect(first.locator(".hl-keyword").first()).toBeVisible();
      await at.keyboard.press("Tab");
      await expect(first.getByRole("textbox", { name: "Code of First" })).toBeFocused();
      await expect(first.locator(".cm-content")).toBeFocused();
      await at.keyboard.press("Enter");
      await at.keyboard.press("ArrowDown");
      await at.keyboard.press("Tab");
      await expect(first.locator(".cm-content")).toBeFocused();
      await at.keyboard.press("Escape");
      await at.keyboard.press("Tab");
      await expect(first.getByRole("button", { name: "Run", exact: true })).toBeFocused();
      await at.keyboard.press("Enter");
      await expect(first.locator(".stamp")).toContainText("Live");
      await expect(first.getByRole("status").last()).toHaveText("Finished.");
      await expect(first.locator("escape-picture")).toBeVisible();
      const { violations } = await new AxeBuilder({ page: at }).analyze();
      expect(
        violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`)),
      ).toEqual([]);
    });

    test("a snippet is light or dark as its page is, or as it is told", async ({
      page: at,
      pages,
    }) => {
      const background = (of: Locator) =>
        of.locator(".snippet-box").evaluate((box) => getComputedStyle(box).backgroundColor);
      const [light, dark] = ["rgb(255, 255, 255)", "rgb(24, 32, 38)"];
      const system = colorScheme === "light" ? light : dark;
      const body = ["", 'theme="light"', 'theme="dark"', 'theme="system"']
        .map((theme) => snippet(theme))
        .join("");
      for (const [scheme, page_] of [
        ["", light],
        ["light", light],
        ["dark", dark],
        ["light dark", system],
      ] as const) {
        const head = scheme ? `<style>:root { color-scheme: ${scheme} }</style>` : "";
        await at.goto(pages.put(page(pages.service, body, head)));
        const all = at.locator("go-snippet");
        await expect(all.nth(3).locator(".snippet-box")).toBeVisible();
        const found = await Promise.all([0, 1, 2, 3].map((nth) => background(all.nth(nth))));
        expect(found, scheme).toEqual([page_, light, dark, system]);
      }
    });
  });
}

test("without the script the code is there to be read", async ({ page: at, pages }) => {
  await at.goto(pages.put(snippet("", ESCAPES, CAPTURED)));
  await expect(at.getByText("func f() *int")).toBeVisible();
  await expect(at.getByText("moved to heap: x")).toBeVisible();
});
