/** What snippets do on pages of another origin than the service's, which knows nothing of us. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { CAPTURED, ESCAPES, page, run, snippet, test, type } from "./embedding.ts";
import { expect, serve, stop } from "./site.ts";

/** The address that the page of the documentation names. */
const DOCUMENTED = "http://127.0.0.1:8080";

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
