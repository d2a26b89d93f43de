/** Pages of another origin than the service's, which knows nothing of us, and snippets on them. */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Locator, Page } from "@playwright/test";
import { test as base, expect, serve, stop } from "./site.ts";

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

export const test = base.extend<object, { pages: Pages }>({
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

export const ESCAPES = `package main

func f() *int { x := 42; return &amp;x }

func main() { println(*f()) }
`;

export const CAPTURED = `<pre slot="output" data-go="1.27" data-stream="stderr">main.go:3:17: moved to heap: x</pre>`;

/** A page with this in its body, and the script of a service. */
export const page = (service: string, body: string, head = "") =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>${head}
  <script type="module" src="${service}/embed.js"></script></head><body><main><h1>A page</h1>${body}</main></body></html>`;

export const snippet = (attributes: string, code = ESCAPES, more = "") =>
  `<go-snippet ${attributes}><pre>${code}</pre>${more}</go-snippet>`;

export const run = (of: Locator) => of.getByRole("button", { name: "Run", exact: true }).click();

/** Replaces all of the code by typing, as a reader would. */
export async function type(page: Page, of: Locator, code: string): Promise<void> {
  await of.locator(":is(.still textarea, .cm-content)").click({ position: { x: 20, y: 20 } });
  await expect(of.locator(".cm-content")).toBeFocused();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(code);
}
