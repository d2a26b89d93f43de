/** What the server wrote into the page as JSON. */

import type { Question } from "./predict.ts";
import type { RunRequest } from "./protocol.ts";

/** One way of running an example. */
export interface Variant {
  name: string;
  mode: string;
  label: string;
  options: Record<string, unknown>;
  env: Record<string, string>;
  /** Environment variables that the reader is offered to change. */
  knobs: string[];
  /** What is asked before it is run. */
  predict?: Question;
  /** What a share is run with, and no example is. */
  args?: string[];
  stdin?: string;
  go?: string;
}

/** An example without a variant, which the server does not write. */
export const noChoice: Variant = {
  name: "",
  mode: "run",
  label: "Run",
  options: {},
  env: {},
  knobs: [],
};

/** What a `<go-snippet>` holds. */
export interface SnippetData {
  /** Path of the example, `topic/name`. */
  example: string;
  title: string;
  source: string;
  variants: Variant[];
  /** Name of the variant to begin with. */
  variant: string;
}

/** A mode of the runner. */
export interface Mode {
  name: string;
  label: string;
}

/** What all snippets of a page share. */
export interface PageData {
  /** The sentence for each exit status. */
  endings: Record<string, string>;
  modes: Mode[];
  /** Whether the page's own service keeps what readers share. */
  shares?: boolean;
  /** Present where the page is a file of an exported site. */
  exported?: Exported;
}

/** What an exported site has in place of a service of its own. */
export interface Exported {
  /** The service that runs what readers send, without a slash at its end. */
  api: string | null;
}

/** Reads the snippet's own data. */
export function snippetData(element: Element): SnippetData {
  const json = element.querySelector("script.snippet-data")?.textContent ?? "";
  return JSON.parse(json) as SnippetData;
}

/** Reads the page's data; a page without any gets none of its sentences. */
export function pageData(): PageData {
  const json = document.getElementById("underhood-page")?.textContent;
  const data = json ? (JSON.parse(json) as Partial<PageData>) : {};
  return { ...data, endings: data.endings ?? {}, modes: data.modes ?? [] };
}

/** The service that runs code, as a prefix of its addresses; null where there is none. */
export function serviceOf({ exported }: PageData): string | null {
  return exported ? exported.api : "";
}

/** What a request holds of a variant, beside its environment. */
export function sentOf(
  variant: Variant,
): Pick<RunRequest, "mode" | "options" | "args" | "stdin" | "go"> {
  const { mode, options, args, stdin, go } = variant;
  return {
    mode,
    options,
    ...(args && { args }),
    ...(stdin && { stdin }),
    ...(go && { go }),
  };
}

/** Begins the names of modes. The colon keeps them apart from an author's. */
const otherMode = "mode:";

/** Whether it is a mode that no variant uses. */
export function isOtherMode({ name }: Variant): boolean {
  return name.startsWith(otherMode);
}

/**
 * The variants of an example, and after them the modes that none of them uses, so that any
 * code can be looked at in every way.
 */
export function choices(snippet: SnippetData, modes: readonly Mode[]): Variant[] {
  const used = new Set(snippet.variants.map((variant) => variant.mode));
  const others = modes
    .filter((mode) => !used.has(mode.name))
    .map(({ name, label }) => ({
      name: `${otherMode}${name}`,
      mode: name,
      label,
      options: {},
      env: {},
      knobs: [],
    }));
  return [...snippet.variants, ...others];
}
