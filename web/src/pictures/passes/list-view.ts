/** The list of values: only the rows that can be seen are in the document. */
import { html, nothing, type TemplateResult } from "lit";
import type { Block, Part } from "./passes.ts";
import { idOf, lineOf, type Mark, type Row } from "./rows.ts";

/** What is shown, and whom it tells. */
export interface List {
  label: string;
  rows: readonly Row[];
  /** The first row that is drawn, and the first after them that is not. */
  from: number;
  to: number;
  /** The height of a row, in pixels. */
  height: number;
  /** The row that the keyboard is on; -1 for none. */
  active: number;
  /** The value that is followed; empty for none. */
  followed: string;
  /** A row was pressed, and perhaps the name of another value in it. */
  press: (row: number, ref: string) => void;
  keys: (event: KeyboardEvent) => void;
  scrolled: () => void;
}

const signs: Record<Exclude<Mark, "">, [sign: string, word: string]> = {
  added: ["+", "added"],
  changed: ["~", "changed"],
  moved: ["→", "moved"],
  removed: ["−", "removed"],
};

/** The list. */
export function listView(list: List): TemplateResult {
  const { label, rows, from, to, height, active, scrolled, keys, press } = list;
  const pressed = (event: MouseEvent) => {
    const target = event.target as Element;
    const row = target.closest<HTMLElement>("[data-row]")?.dataset.row;
    const ref = target.closest<HTMLElement>("[data-ref]")?.dataset.ref ?? "";
    if (row !== undefined) press(Number(row), ref);
  };
  return html`<div class="list" role="listbox" tabindex="0" aria-label=${label}
    aria-activedescendant=${active < 0 ? nothing : `row-${active}`}
    @scroll=${scrolled} @keydown=${keys} @click=${pressed}>
    <div role="presentation" .style=${`height: ${rows.length * height}px`}></div>
    <div class="window" role="presentation" .style=${`top: ${from * height}px`}>
      ${rows.slice(from, to).map((row, at) => rowView(row, from + at, list))}
    </div>
  </div>`;
}

function rowView(row: Row, at: number, { rows, active, followed }: List): TemplateResult {
  const isFollowed = followed !== "" && idOf(row) === followed;
  const classes = ["one", ...classesOf(row), at === active ? "active" : ""];
  return html`<div id="row-${at}" class=${classes.join(" ")} role="option" data-row=${at}
    aria-selected=${isFollowed} aria-setsize=${rows.length} aria-posinset=${at + 1}
    aria-disabled=${idOf(row) === ""}>${contentOf(row, followed)}</div>`;
}

function classesOf(row: Row): string[] {
  switch (row.kind) {
    case "block":
      return ["block", row.isGone ? "removed" : "", row.block.isDead ? "dead" : ""];
    case "value":
      return ["value", row.mark, row.value.isDead ? "dead" : ""];
    default:
      return [row.kind];
  }
}

function contentOf(row: Row, followed: string) {
  const name = (id: string) =>
    html`<span class=${`id ${id && id === followed ? "followed" : ""}`}>${id}</span>`;
  const place = html`<span class="place">${lineOf(row) ?? ""}</span>`;
  switch (row.kind) {
    case "block":
      return html`<span class="text">${headOf(row.block)}</span>${row.isGone ? " (removed)" : nothing}`;
    case "end":
      return html`<span class="text">${row.block.end.map((part) => partView(part, followed))}</span>`;
    case "instruction":
      return html`<span class="mark"></span>${name(row.instruction.of)} ${place}<span class="text">${row.instruction.text}</span>`;
    case "value": {
      const { value, mark } = row;
      const [sign, word] = mark ? signs[mark] : ["", ""];
      return html`<span class="mark" title=${word}>${sign}</span>${name(value.id)}${place}<span class="text"
        >${value.parts.map((part) => partView(part, followed))}</span>`;
    }
  }
}

function headOf({ id, from }: Block): string {
  return from.length > 0 ? `${id}: ← ${from.join(" ")}` : `${id}:`;
}

function partView(part: Part, followed: string) {
  if (typeof part === "string") return part;
  const { ref } = part;
  if (!ref.startsWith("v")) return ref;
  return html`<span class=${ref === followed ? "ref followed" : "ref"} data-ref=${ref}>${ref}</span>`;
}
