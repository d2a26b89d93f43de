/**
 * Keeps what a reader has opened, for when there is no network. A page is always asked for anew, and the kept one is
 * shown only when no answer comes; files whose address has their version are taken as they were kept. So what is
 * shown online is never old, and offline a page has the scripts and styles that it was read with.
 */
import { isKept, isVersioned, mentions } from "./kept.ts";

declare const self: ServiceWorkerGlobalScope;

const cacheName = "underhood";

/** What is not there offline, in words; without styles, since the page's policy forbids them in it. */
const absent = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>Offline · Underhood</title>
<h1>There is no network</h1><p>This page was not opened before, so it was not kept. Pages that were:</p>`;

self.addEventListener("install", () => void self.skipWaiting());

self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([self.clients.claim(), tidyUp()]));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !isKept(request.url, self.registration.scope)) return;
  event.respondWith(isVersioned(request.url) ? keptFirst(request) : newestFirst(request));
});

/** The addresses that a page needed before there was a worker. */
self.addEventListener("message", (event: ExtendableMessageEvent) => {
  const urls = (Array.isArray(event.data) ? event.data : []).map(String);
  const wanted = urls.map(withoutHash).filter((url) => isKept(url, self.registration.scope));
  event.waitUntil(
    Promise.allSettled(
      wanted.map(async (url) => {
        const cache = await caches.open(cacheName);
        if (!(await cache.match(url))) await keep(url, await fetch(url));
      }),
    ),
  );
});

function withoutHash(url: string): string {
  return url.split("#", 1)[0] ?? url;
}

async function keptFirst(request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  return (await cache.match(request)) ?? fetched(request);
}

async function newestFirst(request: Request): Promise<Response> {
  try {
    return await fetched(request);
  } catch (error) {
    const cache = await caches.open(cacheName);
    // A server of files adds the slash that a link may lack.
    const found =
      (await cache.match(request)) ?? (await cache.match(`${withoutHash(request.url)}/`));
    if (found) return found;
    if (request.mode === "navigate") return whatThereIs(cache);
    throw error;
  }
}

async function fetched(request: Request): Promise<Response> {
  const response = await fetch(request);
  await keep(withoutHash(request.url), response);
  return response;
}

/** Errors, answers of others and redirects are not kept. */
async function keep(url: string, response: Response): Promise<void> {
  if (!response.ok || response.type !== "basic" || response.redirected) return;
  const cache = await caches.open(cacheName);
  try {
    await cache.put(url, response.clone());
  } catch {
    // There is no room; the page is shown all the same.
  }
}

async function whatThereIs(cache: Cache): Promise<Response> {
  const pages = await pagesIn(cache);
  const links = [...pages].map(([url, text]) => {
    const title = /<title>([^<]*)<\/title>/.exec(text)?.[1] ?? url;
    return `<li><a href="${url.replaceAll('"', "%22")}">${title}</a></li>`;
  });
  return new Response(`${absent}<ul>${links.join("")}</ul></html>`, {
    status: 503,
    headers: { "Content-Type": "text/html; charset=utf-8" },
  });
}

/** The pages that are kept, with their text. */
async function pagesIn(cache: Cache): Promise<Map<string, string>> {
  const pages = new Map<string, string>();
  for (const request of await cache.keys()) {
    const response = await cache.match(request);
    if (response?.headers.get("content-type")?.startsWith("text/html"))
      pages.set(request.url, await response.text());
  }
  return pages;
}

/** Removes files of earlier versions that no kept page needs, neither by itself nor by what it needs. */
async function tidyUp(): Promise<void> {
  const cache = await caches.open(cacheName);
  const open = [...(await pagesIn(cache)).values()];
  const left = new Set(
    (await cache.keys()).map(({ url }) => url).filter((url) => url.includes("/assets/")),
  );
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    for (const url of [...left].filter((one) => mentions(text ?? "", one))) {
      left.delete(url);
      const response = /\.(js|css)(\?|$)/.test(url) ? await cache.match(url) : undefined;
      if (response) open.push(await response.text());
    }
  }
  await Promise.all([...left].map((url) => cache.delete(url)));
}
