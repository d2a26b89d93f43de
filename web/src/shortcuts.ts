/** The keyboard's shortcuts: one table, from which both the handler and the sheet come. */

/** What a key of the table does; `keys.ts` has a function for each. */
export type Act =
  | "search"
  | "help"
  | "map"
  | "revise"
  | "theme"
  | "previous"
  | "next"
  | "up"
  | "down";

/** A line of the table. */
export interface Shortcut {
  /** Each of them does it. `Mod+` is Ctrl, and ⌘ on Apple's machines. A space stands between keys that are shown as one. */
  keys: readonly string[];
  does: string;
  /** Absent where a part of the page has the key itself. */
  act?: Act;
}

/** A group of them, as the sheet shows it. */
export interface Group {
  title: string;
  shortcuts: readonly Shortcut[];
}

export const groups: readonly Group[] = [
  {
    title: "Everywhere",
    shortcuts: [
      { keys: ["/", "Mod+K"], does: "Search", act: "search" },
      { keys: ["m"], does: "Skill map", act: "map" },
      { keys: ["r"], does: "Revise", act: "revise" },
      { keys: ["t"], does: "Light, system, dark", act: "theme" },
      { keys: ["?"], does: "This sheet", act: "help" },
    ],
  },
  {
    title: "When revising",
    shortcuts: [{ keys: ["1 2 3 4"], does: "How well you knew it" }],
  },
  {
    title: "In a lesson",
    shortcuts: [
      { keys: ["n"], does: "Next lesson", act: "next" },
      { keys: ["p"], does: "Previous lesson", act: "previous" },
      { keys: ["j"], does: "Next snippet", act: "down" },
      { keys: ["k"], does: "Previous snippet", act: "up" },
    ],
  },
  {
    title: "In a snippet",
    shortcuts: [
      { keys: ["Mod+Enter"], does: "Run it" },
      { keys: ["Esc Tab"], does: "Leave the editor" },
    ],
  },
];

/** What of a key press matters here. */
export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/**
 * What a key press is to do. `letters` says whether keys without Ctrl or ⌘ count: they do not while one types, nor for
 * those who switched them off. Shift is not asked for, since it takes it to type `?`, and `/` on many keyboards.
 */
export function actOf(press: Press, letters: boolean, isApple: boolean): Act | undefined {
  const mod = isApple ? press.metaKey : press.ctrlKey;
  const other = isApple ? press.ctrlKey : press.metaKey;
  if (press.altKey || other || (!mod && !letters)) return undefined;
  const name = mod ? `Mod+${press.key.toUpperCase()}` : press.key;
  return groups.flatMap((group) => group.shortcuts).find(({ keys }) => keys.includes(name))?.act;
}

/** Whether this is one of Apple's machines, where ⌘ is what Ctrl is elsewhere. */
export function isApple(): boolean {
  return /^(Mac|iP)/.test(navigator.platform);
}

const key = "underhood-single-keys";

/** Whether keys without Ctrl or ⌘ do anything. They do unless the reader has switched them off in this browser. */
export function singleKeys(): boolean {
  try {
    return localStorage.getItem(key) !== "off";
  } catch {
    return true;
  }
}

/** Keeps the choice. False where storage is switched off or full. */
export function chooseSingleKeys(on: boolean): boolean {
  try {
    if (on) localStorage.removeItem(key);
    else localStorage.setItem(key, "off");
    return true;
  } catch {
    return false;
  }
}
