/** A real server for the tests: the built binary on a free port of loopback. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { test as base, expect, type Locator, type Page } from "@playwright/test";

/** The built program. */
export const binary =
  process.env.UNDERHOOD_TEST_BINARY ??
  fileURLToPath(new URL("../../target/debug/underhood", import.meta.url));

/** `underhood serve` with these options, once it is ready. */
export async function serve(
  options: string[] = [],
): Promise<{ url: string; server: ChildProcess }> {
  const shares = await mkdtemp(join(tmpdir(), "underhood-shares-"));
  const server = spawn(binary, ["serve", "--listen", "127.0.0.1:0", ...options], {
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      ...process.env,
      // What an earlier run of these tests built is not to answer.
      UNDERHOOD_CACHE_DISK: "0B",
      // Nor is what they share to stay.
      UNDERHOOD_SHARES: shares,
      // A build server is slower than a reader is patient.
      UNDERHOOD_BUILD_SECONDS: "30",
      UNDERHOOD_RUN_SECONDS: "30",
      // All tests are one client.
      UNDERHOOD_RATE_RUNS: "off",
      UNDERHOOD_RATE_REQUESTS: "off",
    },
  });
  server.once("exit", () => void rm(shares, { recursive: true, force: true }));
  const said: string[] = [];
  for await (const line of createInterface({ input: server.stderr })) {
    const url = /^listening on (http:\/\/\S+)$/.exec(line)?.[1];
    if (url) {
      server.stderr.resume();
      return { url, server };
    }
    said.push(line);
  }
  throw new Error(`the server did not start:\n${said.join("\n")}`);
}

export async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  server.kill("SIGTERM");
  await once(server, "exit");
}

/** A copy of our lessons and examples that an author is at work on, and where it is served. */
export interface Draft {
  folder: string;
  site: string;
}

type Worker = { site: string };
type Each = { faults: string[]; draft: Draft };

/** Tests get `site`, the server's address, or a `draft` of their own, and fail when the page reports a fault or breaks its CSP. */
export const test = base.extend<Each, Worker>({
  site: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from the pattern
    async ({}, use) => {
      const { url, server } = await serve();
      await use(url);
      await stop(server);
    },
    { scope: "worker" },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: as above
  draft: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), "underhood-draft-"));
    for (const part of ["lessons", "examples-go"]) {
      await cp(fileURLToPath(new URL(`../../${part}`, import.meta.url)), join(folder, part), {
        recursive: true,
      });
    }
    const { url, server } = await serve(["--watch", folder]);
    await use({ folder, site: url });
    await stop(server);
    await rm(folder, { recursive: true });
  },
  faults: [
    async ({ page }, use) => {
      const faults = listen(page);
      await use(faults);
      // A refused request is logged by the browser itself, and is what some tests ask for.
      const own = faults.filter((fault) => !fault.startsWith("Failed to load resource"));
      expect(own).toEqual([]);
    },
    { auto: true },
  ],
});

/** All that a page reports as an error from now on. */
export function listen(page: Page): string[] {
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  return faults;
}

/** Replaces all of a snippet's code by pasting, as a reader would. */
export async function paste(page: Page, example: string, code: string): Promise<void> {
  const editor = await openEditor(page, example);
  await page.keyboard.press("ControlOrMeta+a");
  await editor.evaluate((element, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    element.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }),
    );
  }, code);
}

/** Clicks into a snippet's code, and answers with the editor that comes. */
export async function openEditor(page: Page, example: string) {
  const code = snippet(page, example).locator(".snippet-code");
  // At its left: to click into the middle of a long line would scroll the code.
  await code.locator(":is(.still textarea, .cm-content)").click({ position: { x: 20, y: 20 } });
  return code.locator(".cm-content");
}

/** Chooses one of the modes that no variant of the example uses. */
export async function chooseMode(page: Page, example: string, label: string): Promise<void> {
  await snippet(page, example).getByLabel("Other modes").selectOption({ label });
}

/**
 * What a snippet shows of one stream, in one piece: the runtime writes a line in many pieces, and what the program
 * itself prints may come between them.
 */
export async function streamOf(lesson: Locator, stream: "stdout" | "stderr"): Promise<string> {
  const spans = lesson.locator(`.snippet-output pre .${stream === "stdout" ? "out" : "err"}`);
  const stretches = await spans.evaluateAll((all) =>
    all.map((span) => {
      // The newline at the end of a stretch stands after its span.
      const after = span.nextSibling;
      return (span.textContent ?? "") + (after instanceof Text ? after.data : "");
    }),
  );
  return stretches.join("");
}

export function snippet(page: Page, example: string) {
  return page.locator(`go-snippet[id="${example}"]`);
}

export { expect };
