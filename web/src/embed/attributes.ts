/** What an author writes on `<go-snippet>` of another site, as plain data. Pure. */
import type { Variant } from "../page-data.ts";

/** Options of modes. Which of them a mode takes, and which values, the service says. */
const optionNames = [
  "arch",
  "count",
  "filter",
  "func",
  "goamd64",
  "inline",
  "inlining",
  "level",
  "optimise",
  "race",
  "strip",
] as const;

/** All attributes that are read. `theme` is read by the styles alone. */
export const attributeNames: readonly string[] = [
  ...optionNames,
  "api",
  "args",
  "auto",
  "env",
  "go",
  "knobs",
  "mode",
  "modes",
  "picture",
  "readonly",
  "title",
];

/** What is asked for. */
export interface Asked {
  /** The mode with its options, and after it the others on offer. */
  choices: [Variant, ...Variant[]];
  title: string | null;
  isReadOnly: boolean;
  /** Whether it runs once it is seen. */
  isAuto: boolean;
  /** Whether the picture of a run is shown before anyone asks for it. */
  hasPicture: boolean;
  /** The service; null for the one that the script came from. */
  api: string | null;
  /** What the author has to mend, in words. */
  mistakes: readonly string[];
}

/** Reads the attributes. `base` is the address of the page. */
export function asked(attribute: (name: string) => string | null, base: string): Asked {
  const mistakes: string[] = [];
  const words = (name: string) => (attribute(name) ?? "").split(/\s+/).filter((word) => word);
  const flag = (name: string) => {
    const value = attribute(name);
    return value !== null && !isOff(value);
  };
  const options: Record<string, unknown> = {};
  for (const name of optionNames) {
    const value = attribute(name);
    if (value !== null) options[name] = option(value.trim());
  }
  const env: Record<string, string> = {};
  for (const word of words("env")) {
    const at = word.indexOf("=");
    if (at > 0) env[word.slice(0, at)] = word.slice(at + 1);
    else mistakes.push(`env="${word}" is not NAME=VALUE, such as env="GODEBUG=gctrace=1".`);
  }
  const mode = attribute("mode")?.trim() || "run";
  const knobs = words("knobs");
  const others = words("modes").filter((other) => other !== mode);
  const go = attribute("go")?.trim();
  const args = list(attribute("args") ?? "", mistakes);
  const plain = (name: string): Variant => ({
    name,
    mode: name,
    label: name,
    options: {},
    env: {},
    knobs: [],
    ...(args.length > 0 && { args }),
    ...(go && { go }),
  });
  return {
    choices: [{ ...plain(mode), options, env, knobs }, ...[...new Set(others)].map(plain)],
    title: attribute("title")?.trim() || null,
    isReadOnly: flag("readonly"),
    isAuto: flag("auto"),
    hasPicture: !isOff(attribute("picture") ?? "on"),
    api: service(attribute("api"), base, mistakes),
    mistakes,
  };
}

function isOff(value: string): boolean {
  return ["off", "false", "no"].includes(value.trim().toLowerCase());
}

/** An attribute without a value, such as `race`, switches on. Digits are a number; the service reads a number as text where it takes that. */
function option(value: string): unknown {
  if (value === "") return "on";
  return /^\d{1,9}$/.test(value) ? Number(value) : value;
}

/** Words, or a JSON array of strings where an argument has a space in it. */
function list(text: string, mistakes: string[]): string[] {
  if (!text.trim().startsWith("[")) return text.split(/\s+/).filter((word) => word);
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  } catch {
    // As below.
  }
  mistakes.push(`args="${text}" is neither words nor a JSON array of strings, such as ["a b"].`);
  return [];
}

function service(text: string | null, base: string, mistakes: string[]): string | null {
  if (text === null) return null;
  const url = text.trim() && URL.canParse(text, base) ? new URL(text, base) : null;
  if (url && /^https?:$/.test(url.protocol)) {
    return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
  }
  mistakes.push(`api="${text}" is not the address of a service, such as https://run.example.org.`);
  return null;
}

/** Code without the blank lines before and after it, and with one newline at its end. */
export function trimmed(text: string): string {
  const code = text
    .replace(/\r\n?/g, "\n")
    .replace(/^(?:[ \t]*\n)+/, "")
    .trimEnd();
  return code === "" ? "" : `${code}\n`;
}
