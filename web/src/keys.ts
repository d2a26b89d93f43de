/** Does what the keyboard's shortcuts say, and puts the buttons of search and help into the page. Small: all pages load it at once. */
import { type Act, actOf, isApple, singleKeys } from "./shortcuts.ts";

/** The search and the sheet are loaded when they are first asked for. */
const openSearch = opener(async () => (await import("./search-dialog.ts")).openSearch);
const openHelp = opener(async () => (await import("./help-sheet.ts")).openHelp);

const acts: Record<Act, () => void> = {
  search: openSearch,
  help: openHelp,
  map: () => follow('.pages a[data-page="map"]'),
  revise: () => follow('.pages a[data-page="revise"]'),
  theme: nextTheme,
  previous: () => follow("a[rel=prev]"),
  next: () => follow("a[rel=next]"),
  up: () => toSnippet(-1),
  down: () => toSnippet(1),
};

/** Listens to the keys from now on, and brings the buttons. */
export function followKeys(): void {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const letters = singleKeys() && !isTyping(event);
    const act = actOf(event, letters, isApple());
    // A dialog has its own keys.
    if (!act || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    acts[act]();
  });
  button("site-search", "Search", openSearch);
  button("shortcut-help", "Keyboard shortcuts", openHelp);
}

/** Opens what `load` brings. From the second time on at once, so that no key that follows is lost. */
function opener(load: () => Promise<() => void>): () => void {
  let open: (() => void) | undefined;
  return () => {
    if (open) open();
    else
      void load().then((loaded) => {
        open = loaded;
        open();
      });
  };
}

/** Without scripts these buttons would do nothing, so the server writes their places only. */
function button(place: string, text: string, open: () => void): void {
  const host = document.querySelector(place);
  const made = document.createElement("button");
  made.type = "button";
  const words = document.createElement("span");
  words.textContent = text;
  made.append(words);
  made.addEventListener("click", open);
  host?.append(made);
}

/** Whether the key goes into a field or an editor, which may be inside of a shadow. */
function isTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement)
    return !["button", "checkbox", "radio", "submit"].includes(target.type);
  return target.isContentEditable || target.matches("textarea, select");
}

function follow(link: string): void {
  document.querySelector<HTMLAnchorElement>(link)?.click();
}

function nextTheme(): void {
  const choices = [...document.querySelectorAll<HTMLInputElement>("theme-switch input")];
  const now = choices.findIndex((choice) => choice.checked);
  choices[(now + 1) % choices.length]?.click();
}

/** How far below the window's top a snippet may begin and still be the one that is looked at, in pixels. */
const atTop = 100;

/** Moves the focus to a snippet, from where Ctrl or ⌘ with Enter runs it and Tab goes on into it. */
function toSnippet(step: 1 | -1): void {
  const boxes = [...document.querySelectorAll<HTMLElement>("go-snippet .snippet-box")];
  const focused = boxes.findIndex((box) => box.contains(document.activeElement));
  const tops = boxes.map((box) => box.getBoundingClientRect().top);
  // Without a focus it goes from what stands at the window's top.
  const below = focused >= 0 ? focused + 1 : tops.findIndex((top) => top > atTop);
  const above = focused >= 0 ? focused - 1 : tops.findLastIndex((top) => top < 0);
  const box = boxes[step > 0 ? below : above];
  if (!box) return;
  box.tabIndex = -1;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", box.querySelector(".snippet-title")?.textContent ?? "");
  box.focus({ preventScroll: true });
  box.scrollIntoView({ block: "start" });
}
