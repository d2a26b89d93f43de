/** Keeps pages that were read for when there is no network: starts the service worker. */

/** In watch mode a page is always the newest, so nothing is kept there. */
export function keepPages(): void {
  const home = document.querySelector<HTMLAnchorElement>("a.wordmark")?.href;
  const isWatched = document.querySelector('meta[name="underhood-watch"]') !== null;
  if (!home || isWatched || !("serviceWorker" in navigator)) return;
  const { serviceWorker } = navigator;
  // The version of this script stands in its address; with another one the worker tidies up.
  const worker = new URL(`sw.js${new URL(import.meta.url).search}`, home);
  const wasControlled = serviceWorker.controller !== null;
  // After the page itself, which comes first.
  const start = async () => {
    await serviceWorker.register(worker);
    const { active } = await serviceWorker.ready;
    // The first page, and what it needs, came before there was a worker that saw them.
    if (!wasControlled) active?.postMessage([location.href, ...loaded()]);
  };
  const startQuietly = () => void start().catch(() => {});
  if (document.readyState === "complete") startQuietly();
  else addEventListener("load", startQuietly, { once: true });
}

function loaded(): string[] {
  return performance.getEntriesByType("resource").map(({ name }) => name);
}
