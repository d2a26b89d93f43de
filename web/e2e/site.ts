/** A real server for the tests: the built binary on a free port of loopback. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { test as base, expect, type Page } from "@playwright/test";

const binary =
  process.env.UNDERHOOD_BINARY ??
  fileURLToPath(new URL("../../target/debug/underhood", import.meta.url));

async function start(): Promise<{ url: string; server: ChildProcess }> {
  const server = spawn(binary, ["serve", "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "ignore", "pipe"],
    // What an earlier run of these tests built is not to answer.
    env: { ...process.env, UNDERHOOD_CACHE_DISK: "0B" },
  });
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

type Worker = { site: string };
type Each = { faults: string[] };

/** Tests get `site`, the server's address, and fail when the page reports a fault or breaks its CSP. */
export const test = base.extend<Each, Worker>({
  site: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from the pattern
    async ({}, use) => {
      const { url, server } = await start();
      await use(url);
      server.kill("SIGTERM");
      if (server.exitCode === null) await once(server, "exit");
    },
    { scope: "worker" },
  ],
  faults: [
    async ({ page }, use) => {
      const faults: string[] = [];
      page.on("pageerror", (error) => faults.push(String(error)));
      page.on("console", (message) => {
        // A refused request is logged by the browser itself, and is what some tests ask for.
        if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
          faults.push(message.text());
      });
      await use(faults);
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],
});

/** Replaces all of a snippet's code by pasting, as a reader would. */
export async function paste(page: Page, example: string, code: string): Promise<void> {
  const editor = snippet(page, example).locator(".cm-content");
  await editor.click();
  await page.keyboard.press("ControlOrMeta+a");
  await editor.evaluate((element, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    element.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }),
    );
  }, code);
}

export function snippet(page: Page, example: string) {
  return page.locator(`go-snippet[id="${example}"]`);
}

export { expect };
