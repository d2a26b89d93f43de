/** Clients that were written for other servers, unchanged: codapi's widget, `present`, and the Playground's script. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Front, front, type Own } from "./fronts.ts";
import { expect, serve, stop, test } from "./site.ts";

const WIDGET = createRequire(import.meta.url).resolve("@antonz/codapi/dist/snippet.js");

/** From Debian's golang-golang-x-tools. */
const PRESENT = "/usr/share/golang-golang-x-tools/present";

const COLLECTS = `package main

import (
	"fmt"
	"runtime"
)

var kept *int

func main() {
	x := 42
	kept = &x
	runtime.GC()
	fmt.Println("the answer is", *kept)
}
`;

const escaped = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

/** Files of a site by their paths. */
function site(pages: Record<string, string>, files: Record<string, string> = {}): Own {
  return async (path) => {
    const page = pages[path];
    if (page !== undefined) return ["text/html; charset=utf-8", page];
    const file = files[path];
    return file === undefined ? undefined : ["text/javascript", await readFile(file)];
  };
}

const withWidget = (
  api: string,
) => `<!doctype html><title>A course</title><link rel="icon" href="data:,">
<script defer src="/snippet.js"></script>
<codapi-settings url="${api}"></codapi-settings>
<pre><code>${escaped(COLLECTS)}</code></pre>
<codapi-snippet sandbox="go" editor="basic"
  actions="Escape:escape Why:escape?level=2 Collector:run?GODEBUG=gctrace=1 Nothing:dance"></codapi-snippet>`;

test("codapi's widget runs code for a page of another site", async ({ page, faults }) => {
  let html = "";
  const course = await front(async (path) => site({ "/": html }, { "/snippet.js": WIDGET })(path));
  const service = await serve(["--allow-origin", course.origin]);
  try {
    html = withWidget(`${service.url}/v1`);
    await page.goto(course.origin);
    const output = page.locator("codapi-output");
    await page.getByRole("button", { name: "Run" }).click();
    await expect(output).toContainText("the answer is 42");
    await expect(page.locator("codapi-status")).toContainText("Done");
    await page.getByRole("link", { name: "Escape" }).click();
    await expect(output).toContainText("./main.go:11:2: moved to heap: x");
    await expect(output).not.toContainText("flow:");
    await page.getByRole("link", { name: "Why" }).click();
    await expect(output).toContainText("flow:");
    await page.getByRole("link", { name: "Collector" }).click();
    // Two pipes do not keep the order between them, and the runtime writes a line of its trace in many pieces.
    await expect(output).toContainText(" ms clock, ");
    await expect(output).toContainText("the answer is 42");
    await page.locator("pre code").first().click();
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type("package main\nfunc main() { y }");
    await page.getByRole("button", { name: "Run" }).click();
    await expect(output).toContainText("undefined: y");
    await expect(page.locator("codapi-status")).toContainText("Failed");
    await page.getByRole("link", { name: "Nothing" }).click();
    await expect(output).toContainText("404 - Unknown sandbox or command.");
  } finally {
    await stop(service.server);
    await course.close();
  }
  expect(faults.filter((fault) => !fault.startsWith("Failed to load resource"))).toEqual([]);
});

test("codapi's widget of a site that is not listed runs nothing", async ({
  page,
  site: own,
  faults,
}) => {
  const course = await front(site({ "/": withWidget(`${own}/v1`) }, { "/snippet.js": WIDGET }));
  try {
    await page.goto(course.origin);
    await page.getByRole("button", { name: "Run" }).click();
    await expect(page.locator("codapi-status")).toContainText("Failed");
    await expect(page.locator("codapi-output")).not.toContainText("42");
  } finally {
    await course.close();
  }
  expect(faults.splice(0).join("\n")).toContain("blocked by CORS policy");
});

const PLAYGROUND = `<!doctype html><title>A playground</title><link rel="icon" href="data:,">
<script src="/jquery.js"></script><script src="/playground.js"></script>
<textarea id="code" rows="12" cols="60"></textarea>
<button id="run">Run</button><button id="fmt">Format</button>
<label><input type="checkbox" id="imports">Imports</label><div id="output"></div>
<script>
  window.playground({ codeEl: "#code", outputEl: "#output", runEl: "#run", fmtEl: "#fmt",
    fmtImportEl: "#imports", shareEl: null, shareURLEl: null, toysEl: null, enableVet: true });
</script>`;

test("the Playground's own script compiles, vets and formats here", async ({
  page,
  site: service,
}) => {
  installed();
  // go vet loads more than a build does, and a build server is slow.
  test.slow();
  const inTime = expect.configure({ timeout: 90_000 });
  const scripts = { "/jquery.js": "jquery.js", "/playground.js": "playground.js" };
  const files = Object.fromEntries(
    Object.entries(scripts).map(([path, name]) => [path, join(PRESENT, "static", name)]),
  );
  const playground = await front(site({ "/": PLAYGROUND }, files), () => service);
  try {
    await page.goto(playground.origin);
    const code = page.locator("#code");
    const output = page.locator("#output");
    const run = page.getByRole("button", { name: "Run" });
    await code.fill(COLLECTS);
    await run.click();
    await inTime(output).toContainText("the answer is 42");
    await inTime(output).toContainText("Program exited.");
    await code.fill('package main\n\nimport "fmt"\n\nfunc main() { fmt.Printf("%d", "x") }\n');
    await run.click();
    await inTime(output).toContainText("prog.go:5:27: fmt.Printf format %d has arg");
    await inTime(output).toContainText("Go vet exited.");
    await code.fill("package main\n\nfunc main() { x }\n");
    await run.click();
    await inTime(output).toContainText("./prog.go:3:15: undefined: x");
    await inTime(output).toContainText("Go build failed.");
    await code.fill(
      'package main\n\nimport "testing"\n\nfunc TestX(t *testing.T) { t.Fail() }\n\nfunc TestY(t *testing.T) {}\n',
    );
    await run.click();
    await inTime(output).toContainText("1 test failed.");
    await code.fill("package main\nfunc main() {fmt.Println(1)}");
    await page.getByLabel("Imports").check();
    await page.getByRole("button", { name: "Format" }).click();
    await inTime(code).toHaveValue(
      'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println(1) }\n',
    );
    await code.fill("package main\nfunc main() {");
    await page.getByRole("button", { name: "Format" }).click();
    await inTime(output).toContainText("prog.go:2:14: expected '}'");
  } finally {
    await playground.close();
  }
});

test("slides of present run here, are heard at once, and are killed", async ({
  page,
  site: service,
}) => {
  installed();
  const folder = await mkdtemp(join(tmpdir(), "underhood-talk-"));
  await writeFile(
    join(folder, "talk.slide"),
    "# A talk\n\n## Code\n\n.play ticks.go /START/,/END/\n",
  );
  await writeFile(
    join(folder, "ticks.go"),
    '//go:build OMIT\n\npackage main\n\nimport (\n\t"fmt"\n\t"time"\n)\n\n// START OMIT\nfunc main() {\n' +
      '\tfor i := 1; ; i++ {\n\t\tfmt.Println("tick", i)\n\t\ttime.Sleep(300 * time.Millisecond)\n\t}\n}\n// END OMIT\n',
  );
  const slides = spawn(
    "present",
    ["-http=127.0.0.1:0", `-content=${folder}`, `-base=${PRESENT}`, "-notes=false"],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let talk: Front | undefined;
  try {
    const own = await listening(slides.stderr);
    talk = await front(
      async () => undefined,
      (path) => (path === "/socket" ? service : own),
    );
    // Its styles name fonts of another host.
    await page.route(
      (url) => url.hostname !== "127.0.0.1",
      (route) => route.abort(),
    );
    await page.goto(`${talk.origin}/talk.slide#2`);
    const slide = page.locator("article.current");
    await slide.getByRole("button", { name: "Run" }).first().click();
    const output = slide.locator(".output pre");
    await expect(output).toContainText("tick 1");
    await expect(output).not.toContainText("tick 5");
    await expect(output).toContainText("tick 3");
    await slide.getByRole("button", { name: "Kill" }).click();
    await expect(output).toContainText("Program exited: killed");
  } finally {
    slides.kill();
    await talk?.close();
    await rm(folder, { recursive: true });
  }
});

test("our own pages may open the socket", async ({ page, site: service }) => {
  await page.goto(service);
  const heard = await page.evaluate(
    () =>
      new Promise((done, failed) => {
        const socket = new WebSocket(`ws://${location.host}/socket`);
        const all: string[] = [];
        socket.onopen = () =>
          socket.send(
            JSON.stringify({
              Id: "0",
              Kind: "run",
              Body: 'package main\n\nfunc main() { print("hello") }\n',
            }),
          );
        socket.onmessage = ({ data }) => {
          const { Kind, Body } = JSON.parse(data);
          all.push(`${Kind} ${Body}`);
          if (Kind === "end") done(all);
        };
        socket.onerror = () => failed(new Error("no socket"));
      }),
  );
  expect(heard).toEqual(["stderr hello", "end "]);
});

/** Fails with what to type where the package is missing. */
function installed(): void {
  expect(existsSync(PRESENT), "missing: apt-get install golang-golang-x-tools").toBe(true);
}

/** Where `present` says that it is. */
async function listening(stderr: NodeJS.ReadableStream): Promise<string> {
  const said: string[] = [];
  for await (const line of createInterface({ input: stderr })) {
    const url = /(http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (url) {
      stderr.resume();
      return url;
    }
    said.push(line);
  }
  throw new Error(`present did not start:\n${said.join("\n")}`);
}
