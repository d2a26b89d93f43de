/** Snippets on pages of another origin than the service's, which knows nothing of us. */
import { readFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { test as base, expect, serve, stop } from "./site.ts";

/** What a page takes for its snippets before any code is seen, compressed and without headers, in bytes. */
const MOST = 30 * 1024;

/** The address that the page of the documentation names. */
const DOCUMENTED = "http://127.0.0.1:8080";

/** A server of pages on loopback. */
interface Pages {
  origin: string;
  /** The service, which allows that origin. */
  service: string;
  /** Puts a page there, with more headers perhaps, and answers with its address. */
  put(html: string, headers?: Record<string, string>): string;
}

const close = (server: Server) =>
  new Promise((closed) => {
    server.close(closed);
    server.closeAllConnections();
  });

type Put = (path: string, answer: (response: ServerResponse) => void) => void;

async function pages(): Promise<{ origin: string; server: Server; put: Put }> {
  const all = new Map<string, (response: ServerResponse) => void>();
  const server = createServer((request, response) => {
    const answer = all.get(request.url ?? "");
    if (answer) return answer(response);
    response.statusCode = request.url === "/favicon.ico" ? 204 : 404;
    response.end();
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  const put: Put = (path, answer) => all.set(path, answer);
  return { origin: `http://127.0.0.1:${port}`, server, put };
}

const test = base.extend<object, { pages: Pages }>({
  pages: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from the pattern
    async ({}, use) => {
      const { origin, server, put } = await pages();
      const { url, server: service } = await serve(["--allow-origin", origin]);
      let count = 0;
      await use({
        origin,
        service: url,
        put(html, headers = {}) {
          const path = `/page-${++count}.html`;
          put(path, (response) => {
            response.writeHead(200, { "Content-Type": "text/html; charset=utf-8", ...headers });
            response.end(html);
          });
          return origin + path;
        },
      });
      await stop(service);
      await close(server);
    },
    { scope: "worker" },
  ],
});

const ESCAPES = `package main

func f() *int { x := 42; return &amp;x }

func main() { println(*f()) }
`;

const CAPTURED = `<pre slot="output" data-go="1.27" data-stream="stderr">main.go:3:17: moved to heap: x</pre>`;

/** A page with this in its body, and the script of a service. */
const page = (service: string, body: string, head = "") =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>${head}
  <script type="module" src="${service}/embed.js"></script></head><body><main><h1>A page</h1>${body}</main></body></html>`;

const snippet = (attributes: string, code = ESCAPES, more = "") =>
  `<go-snippet ${attributes}><pre>${code}</pre>${more}</go-snippet>`;

const run = (of: Locator) => of.getByRole("button", { name: "Run", exact: true }).click();

/** Replaces all of the code by typing, as a reader would. */
async function type(page: Page, of: Locator, code: string): Promise<void> {
  await of.locator(":is(.still textarea, .cm-content)").click({ position: { x: 20, y: 20 } });
  await expect(of.locator(".cm-content")).toBeFocused();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(code);
}

test("a page of another origin runs, changes and resets its snippets", async ({
  page: at,
  pages,
}) => {
  await at.goto(
    pages.put(
      page(
        pages.service,
        snippet('mode="escape" title="First"') +
          snippet('title="Second"', 'package main\n\nfunc main() { println("a" &lt; "b") }'),
      ),
    ),
  );
  const [first, second] = [at.locator("go-snippet").nth(0), at.locator("go-snippet").nth(1)];
  await run(first);
  await expect(first.locator(".snippet-output")).toContainText("main.go:3:17: moved to heap: x");
  await expect(first.getByText("Finished.").first()).toBeVisible();
  // The picture, with its marks on the code.
  await expect(first.getByRole("button", { name: "On the code" })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  await expect(first.locator("escape-picture")).toContainText(/heap/);
  await expect(first.locator(".cm-mark-heap").first()).toBeVisible();
  await run(second);
  await expect(second.locator(".snippet-output")).toHaveText("true");

  await type(at, second, "package main\n\nfunc main() { for { } }\n");
  await at.keyboard.press("ControlOrMeta+Enter");
  await second.getByRole("button", { name: "Stop" }).click();
  await expect(second.locator(".status-text")).toHaveText("Stopped by you.");
  await second.getByRole("button", { name: "Reset" }).click();
  await run(second);
  await expect(second.locator(".snippet-output")).toHaveText("true");
  await expect(first.locator(".snippet-output")).toContainText("moved to heap");
});

test("what the attributes say is what is run", async ({ page: at, pages }) => {
  const program = `package main

import "os"

func main() {
	println(len(os.Args), os.Args[1], os.Getenv("GOGC"))
}

-- other.go --
package main
`;
  await at.goto(
    pages.put(
      page(
        pages.service,
        `${snippet('args=\'["a b"]\' env="GOGC=50" knobs="GOGC"', program)}
        ${snippet('mode="asm" func="f" optimise="off" modes="escape"')}
        ${snippet('mode="escape" level="3" title="Bad"')}
        ${snippet('env="GOGC" title="Odd"')}
        <go-snippet title="Script"><script type="text/plain">package main

func main() { if 1 < 2 && 2 > 1 { println("<b>") } }</script></go-snippet>`,
      ),
    ),
  );
  const all = at.locator("go-snippet");
  await run(all.nth(0));
  await expect(all.nth(0).locator(".snippet-output")).toHaveText("2 a b 50");
  await all.nth(0).getByLabel("GOGC").fill("75");
  await at.keyboard.press("Enter");
  await expect(all.nth(0).locator(".snippet-output")).toHaveText("2 a b 75");
  await run(all.nth(1));
  await expect(all.nth(1).locator(".snippet-output")).toContainText("main.f STEXT");
  await expect(all.nth(1).locator(".snippet-output")).not.toContainText("main.main STEXT");
  await expect(all.nth(1).locator(".command")).toContainText("-N");
  await all.nth(1).getByRole("radio", { name: "escape" }).check();
  await run(all.nth(1));
  await expect(all.nth(1).locator(".snippet-output")).toContainText("moved to heap: x");
  // What the service refuses is its to explain.
  await run(all.nth(2));
  await expect(all.nth(2).locator(".problem")).toContainText("level: 1 or 2");
  await expect(all.nth(3).locator(".snippet-note")).toContainText('env="GOGC" is not NAME=VALUE');
  await run(all.nth(4));
  await expect(all.nth(4).locator(".snippet-output")).toHaveText("<b>");
});

test("pictures are drawn", async ({ page: at, pages }) => {
  const trace = `package main

var kept [][]byte

func main() {
	for range 2000 {
		kept = append(kept, make([]byte, 16&lt;&lt;10))
	}
}
`;
  const body =
    snippet('env="GODEBUG=gctrace=1" auto title="Heap"', trace) +
    snippet(
      'mode="layout" title="Layout"',
      "package main\n\ntype t struct { a bool; b int64 }\n\nfunc main() {}",
    ) +
    snippet('mode="escape" picture="off" title="None"');
  await at.goto(pages.put(page(pages.service, body)));
  const all = at.locator("go-snippet");
  // Nobody pressed Run.
  await expect(all.nth(0).locator("heap-picture canvas").first()).toBeVisible();
  await run(all.nth(1));
  await expect(all.nth(1).locator("layout-picture")).toContainText("padding");
  await run(all.nth(2));
  await expect(all.nth(2).locator(".snippet-output")).toContainText("moved to heap: x");
  await expect(all.nth(2).locator("escape-picture")).toHaveCount(0);
  await all.nth(2).getByRole("button", { name: "On the code" }).click();
  await expect(all.nth(2).locator("escape-picture")).toBeVisible();
});

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

test("what was captured is shown before the first run, and while no service answers", async ({
  page: at,
  pages,
  faults,
}) => {
  const { url, server } = await serve(["--allow-origin", pages.origin]);
  try {
    const lines = [
      { type: "started", go: "go1.27.3", mode: "escape", cached: false, command: "go build" },
      { type: "stderr", text: "main.go:3:17: moved to heap: x\n" },
      { type: "exit", status: "ok", code: 0 },
    ];
    const events = `<script slot="output" type="application/x-ndjson">${lines.map((line) => JSON.stringify(line)).join("\n")}</script>`;
    await at.goto(
      pages.put(
        page(
          url,
          snippet('mode="escape"', ESCAPES, CAPTURED) +
            snippet('mode="escape"', ESCAPES, events) +
            snippet(
              'mode="escape"',
              ESCAPES,
              '<script slot="output" type="application/x-ndjson">{</script>',
            ),
        ),
      ),
    );
    const all = at.locator("go-snippet");
    for (const [nth, go] of [
      [0, "go1.27"],
      [1, "go1.27.3"],
    ] as const) {
      await expect(all.nth(nth).locator(".stamp")).toHaveText(`Captured with ${go}.`);
      await expect(all.nth(nth).locator(".snippet-output")).toHaveText(
        "main.go:3:17: moved to heap: x",
      );
      await expect(all.nth(nth).getByRole("status").last()).toHaveText("");
    }
    await expect(all.nth(2).locator(".stamp")).toContainText("Not captured");
    await run(all.nth(0));
    await expect(all.nth(0).locator(".stamp")).toHaveText(
      /^Live with go1.*, run by 127\.0\.0\.1:\d+\.$/,
    );
    await stop(server);
    // Nor does the editor come then: the text area goes on.
    await all.nth(0).getByRole("textbox").fill("package main\n\nfunc main() {}\n");
    await run(all.nth(0));
    await expect(all.nth(0).locator(".why")).toHaveText(
      `${new URL(url).host} cannot be reached. Check the connection, then run it again. This is the captured output. It is of this page's own code.`,
    );
    await expect(all.nth(0).locator(".snippet-output")).toHaveText(
      "main.go:3:17: moved to heap: x",
    );
    faults.splice(0);
  } finally {
    await stop(server);
  }
});

test("too many runs are told with the seconds to wait", async ({ page: at, pages, faults }) => {
  await at.route("**/api/v1/runs", (route) =>
    route.fulfill({
      status: 429,
      headers: {
        "Access-Control-Allow-Origin": pages.origin,
        "Access-Control-Expose-Headers": "retry-after",
        "Retry-After": "7",
        "Content-Type": "application/problem+json",
      },
      body: JSON.stringify({ title: "Too many runs", detail: "Wait a little." }),
    }),
  );
  await at.goto(pages.put(page(pages.service, snippet(""))));
  await run(at.locator("go-snippet"));
  await expect(at.locator("go-snippet .problem")).toContainText("Try again in 7 seconds.");
  faults.splice(0);
});

test("snippets come and go, and follow their page", async ({ page: at, pages }) => {
  await at.goto(pages.put(page(pages.service, "")));
  await expect.poll(() => at.evaluate(() => Boolean(customElements.get("go-snippet")))).toBe(true);
  await at.evaluate(() => {
    const made = document.createElement("go-snippet");
    document.querySelector("main")?.append(made);
    made.textContent = 'package main\n\nfunc main() { println("first") }';
  });
  const only = at.locator("go-snippet");
  await run(only);
  await expect(only.locator(".snippet-output")).toHaveText("first");
  await at.evaluate(() => {
    const made = document.querySelector<HTMLElement>("go-snippet");
    if (!made) throw new Error("gone");
    made.textContent = "package main\n\nfunc main() { select {} }";
    made.title = "Another";
    document.querySelector("main")?.prepend(made);
  });
  await expect(only.locator(".snippet-title")).toHaveText("Another");
  await expect(only.locator(".still pre")).toContainText("select");
  await type(at, only, 'package main\n\nfunc main() { println("mine") }\n');
  await at.evaluate(() => {
    const made = document.querySelector("go-snippet");
    if (made) made.textContent = "package main\n\nfunc main() {}";
  });
  // What the reader typed stays until it is put back.
  await run(only);
  await expect(only.locator(".snippet-output")).toHaveText("mine");
  await only.getByRole("button", { name: "Reset" }).click();
  await run(only);
  await expect(only.getByText("It printed nothing.")).toBeVisible();
  const other = "package main\n\nfunc main() { println(1) }\n";
  await type(at, only, other);
  await at.evaluate(() => {
    const gone = document.querySelector("go-snippet");
    Reflect.set(window, "gone", gone);
    gone?.remove();
  });
  await expect(only).toHaveCount(0);
  // What was typed is there when it comes back, and the editor when it is wanted.
  await at.evaluate(() => document.querySelector("main")?.append(Reflect.get(window, "gone")));
  await expect(only.getByRole("textbox")).toHaveValue(other);
  await expect(only.locator(".editor")).toHaveCount(0);
  await type(at, only, `${other}// more\n`);
  await run(only);
  await expect(only.locator(".snippet-output")).toHaveText("1");
});

test("the mode that a reader chose stays while the author changes something else", async ({
  page: at,
  pages,
}) => {
  await at.goto(pages.put(page(pages.service, snippet('modes="asm vet"'))));
  const only = at.locator("go-snippet");
  const set = (name: string, value: string) =>
    only.evaluate((element, [name, value]) => element.setAttribute(name, value), [
      name,
      value,
    ] as const);
  await only.getByRole("radio", { name: "asm" }).check();
  await set("title", "Other");
  await expect(only.locator(".snippet-title")).toHaveText("Other");
  await expect(only.getByRole("radio", { checked: true })).toHaveValue("asm");
  await set("mode", "escape");
  await expect(only.getByRole("radio", { checked: true })).toHaveValue("escape");
});

test("code blocks of a generator are made into snippets", async ({ page: at, pages }) => {
  const blocks = `<pre><code class="language-go runnable mode=escape level=2">${ESCAPES}</code></pre>
    <pre><code class="language-go">not to be run</code></pre>
    <pre><button>Copy</button><code class="language-go runnable hljs" data-title="Named"><span>package</span> main

func main() { println("b") }</code></pre>`;
  const head = `<script type="module" src="${pages.service}/embed.js" data-upgrade></script>`;
  await at.goto(
    pages.put(`<!doctype html><html lang="en"><title>A book</title>${head}<main>${blocks}</main>`),
  );
  const all = at.locator("go-snippet");
  await expect(all).toHaveCount(2);
  await expect(at.getByText("not to be run")).toBeVisible();
  await run(all.nth(0));
  await expect(all.nth(0).locator(".snippet-output")).toContainText("flow: ~r0 ← &x");
  await expect(all.nth(1).locator(".snippet-title")).toHaveText("Named");
  await run(all.nth(1));
  await expect(all.nth(1).locator(".snippet-output")).toHaveText("b");
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

test("the page of the documentation works as it stands", async ({ page: at, pages }) => {
  const file = fileURLToPath(new URL("../../docs/embedding/plain.html", import.meta.url));
  await at.route(`${DOCUMENTED}/**`, (route) =>
    route.continue({ url: route.request().url().replace(DOCUMENTED, pages.service) }),
  );
  await at.goto(pages.put(await readFile(file, "utf8")));
  const all = at.locator("go-snippet");
  await expect(all).toHaveCount(3);
  await expect(all.nth(0).locator(".snippet-output")).toContainText("moved to heap: u");
  const captured = await all.nth(0).locator(".snippet-output").textContent();
  await run(all.nth(0));
  await expect(all.nth(0).locator(".stamp")).toContainText("Live");
  // What it shows as captured is what is said today.
  await expect.poll(() => all.nth(0).locator(".snippet-output").textContent()).toBe(captured);
  await run(all.nth(1));
  await expect(all.nth(1).locator("heap-picture canvas").first()).toBeVisible();
  await run(all.nth(2));
  await expect(all.nth(2).locator(".snippet-output")).toContainText("SHRQ");
  await expect(all.nth(2).getByRole("textbox")).toHaveAttribute("readonly");
});
