/** Watch mode: the page reloads itself when an author has changed what it shows. No part of other pages. */
import type { GoSnippet } from "./go-snippet.ts";
import { readPlace, showPlace } from "./reading-place.ts";

const placeKey = "underhood-place";

/** Follows the page's mark, which the server tells anew after each change. */
function follow(meta: HTMLMetaElement): void {
  const page = meta.dataset.page ?? location.pathname;
  const address = `/-/changes?page=${encodeURIComponent(page)}`;
  let source: EventSource | null = null;
  const listen = () => {
    source?.close();
    // Browsers open few connections to a server; only the page in sight takes one.
    source = document.hidden ? null : new EventSource(address);
    source?.addEventListener("mark", ({ data }) => {
      if (data === meta.content) withdraw();
      else if (isAtWork()) offer();
      else reload();
    });
  };
  document.addEventListener("visibilitychange", listen);
  window.addEventListener("pagehide", () => source?.close());
  window.addEventListener("pageshow", (event) => event.persisted && listen());
  listen();
}

/** Whether a reload would take something from the reader. */
function isAtWork(): boolean {
  return [...document.querySelectorAll<GoSnippet>("go-snippet")].some((one) => one.isAtWork);
}

function reload(): void {
  const place = { path: location.pathname, ...readPlace() };
  try {
    sessionStorage.setItem(placeKey, JSON.stringify(place));
    history.scrollRestoration = "manual";
  } catch {
    // Without storage the browser finds the place as well as it can.
  }
  location.reload();
}

/** Goes back to where the reader was before `reload`. */
function goBack(): void {
  try {
    const kept = sessionStorage.getItem(placeKey);
    sessionStorage.removeItem(placeKey);
    const place = kept ? JSON.parse(kept) : null;
    if (place?.path === location.pathname) {
      showPlace(place);
      // Snippets are drawn by their script only after this one.
      addEventListener("load", () => requestAnimationFrame(() => showPlace(place)), { once: true });
    }
  } catch {
    // Nothing was kept.
  }
  history.scrollRestoration = "auto";
}

let offered: HTMLElement | null = null;

function offer(): void {
  if (offered) return;
  const bar = document.createElement("div");
  bar.className = "reload-offer";
  bar.setAttribute("role", "status");
  const text = document.createElement("p");
  text.textContent =
    "This page has changed. Code that you typed stays, and Reset shows the new code.";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = "Reload";
  button.addEventListener("click", reload);
  bar.append(text, button);
  document.body.append(bar);
  offered = bar;
}

/** The page is again as it was. */
function withdraw(): void {
  offered?.remove();
  offered = null;
}

const meta = document.querySelector<HTMLMetaElement>('meta[name="underhood-watch"]');
if (meta) {
  // One of an earlier visit to this address would show what it has kept.
  void navigator.serviceWorker?.getRegistrations().then((all) => {
    for (const one of all) void one.unregister();
  });
  goBack();
  follow(meta);
}
