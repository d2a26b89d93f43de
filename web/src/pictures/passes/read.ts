/**
 * Reads columns of the compiler's HTML. The browser's own parser makes a document of a column that is never
 * shown: no script in it runs, nothing is loaded, and only texts and classes are taken from it.
 */
import type { Column } from "./columns.ts";
import type { Block, Instruction, Part, Stage, Value } from "./passes.ts";

/** A line of the source, or the name of a file. */
export type SourceLine = { file: string } | { number: number; text: string };

function parsed(html: string): Document {
  return new DOMParser().parseFromString(html.replace(withOwnWill, tame), "text/html");
}

/** A tag with a handler or a style. Neither would do anything, but the page's policy would complain of each. */
const withOwnWill = /<[a-z][^<>]*\s(?:style|on[a-z]+)=[^<>]*>/gu;

function tame(tag: string): string {
  return tag.replace(/\s(?:style|on[a-z]+)="[^"]*"/gu, "");
}

/** The function after a pass. */
export function readStage({ names, html }: Column): Stage {
  const page = parsed(html);
  return {
    name: names.at(-1) ?? "",
    quiet: names.slice(0, -1),
    blocks: [...page.querySelectorAll("ul.ssa-print-func")].map(readBlock),
    instructions: [...page.querySelectorAll("dd.ssa-prog")].map(readInstruction),
  };
}

function readBlock(list: Element): Block {
  const [id = "", ...from] = [
    ...list.querySelectorAll(":scope > .ssa-start-block > .ssa-block"),
  ].map(({ textContent }) => textContent ?? "");
  const end = list.querySelector(":scope > .ssa-end-block");
  return {
    id,
    isDead: list.classList.contains("dead-block"),
    from,
    values: [...list.querySelectorAll("li.ssa-long-value")].map(readValue),
    end: end ? partsOf([...end.childNodes]) : [],
  };
}

/** `v10 (7) = Less64 <bool> v7 v9`, with the first name and the line in elements of their own. */
function readValue(item: Element): Value {
  const [name, , place, ...rest] = item.firstElementChild?.childNodes ?? [];
  return {
    id: name?.textContent ?? "",
    line: lineOf(place),
    parts: partsOf(rest).map((part, at) =>
      at === 0 && typeof part === "string" ? part.replace(/^ = /u, "") : part,
    ),
    isDead: item.classList.contains("dead-value"),
  };
}

function partsOf(nodes: readonly ChildNode[]): Part[] {
  const parts: Part[] = [];
  for (const node of nodes) {
    const text = node.textContent ?? "";
    const isRef =
      node instanceof Element && node.matches(".ssa-value, .ssa-block") && /^[vb]\d+$/u.test(text);
    const last = parts.at(-1);
    if (isRef) parts.push({ ref: text });
    else if (typeof last === "string") parts[parts.length - 1] = last + text;
    else parts.push(text);
  }
  return parts;
}

function readInstruction(item: Element): Instruction {
  const place = item.querySelector(".line-number");
  return {
    of: item.previousElementSibling?.textContent ?? "",
    line: lineOf(place),
    text: (item.textContent ?? "").replaceAll("\t", " "),
  };
}

/** The class of a line is `l7`. */
function lineOf(node: ChildNode | null | undefined): number | null {
  const name = node instanceof Element ? /^l(\d+)$/u.exec(node.classList[0] ?? "")?.[1] : undefined;
  return name === undefined ? null : Number(name);
}

/** The source of the function and of those that were put into it. */
export function readSources({ html }: Column): SourceLine[] {
  return [...parsed(html).querySelectorAll("pre > div")].flatMap((line): SourceLine[] => {
    const file = line.querySelector(":scope > strong");
    if (file) return [{ file: file.textContent ?? "" }];
    const number = lineOf(line);
    return number === null
      ? []
      : [{ number, text: (line.textContent ?? "").replace(/^\u00a0$/u, "") }];
  });
}
