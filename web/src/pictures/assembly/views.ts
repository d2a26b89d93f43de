/** What the picture draws: rows of both panes, and what is known of what is pointed at. */
import { html, nothing, type TemplateResult } from "lit";
import { type Fold, foldNames } from "./folds.ts";
import { plainName } from "./inlining.ts";
import { explain } from "./mnemonics/explain.ts";
import type { Pane, Spot } from "./pane.ts";
import type { SourceLine } from "./source.ts";

/** A row of a pane. */
interface Drawn {
  cells: TemplateResult;
  classes: string;
  isOpen?: boolean;
}

const cell = (classes: string, text: string | number) =>
  html`<span role="gridcell" class=${classes}>${text}</span>`;

/** A row of the code: its number, how many instructions were made of it, its text. */
export function sourceRow(line: SourceLine, made: number, classes: string): Drawn {
  if (line.line === 0) {
    return {
      cells: html`<span role="gridcell" aria-colspan="3">${line.text}</span>`,
      classes: `separator ${classes}`,
    };
  }
  const count = html`<span role="gridcell" class="made" title="instructions made of this line">${made || ""}</span>`;
  return {
    cells: html`${cell("number", line.line)}${count}${cell("text", line.text.replaceAll("\t", "    "))}`,
    classes,
  };
}

/** A row of a listing. */
export function listingRow(
  pane: Pane,
  number: number,
  look: { bytes: boolean; columns: number; classes: (func: number, at: number) => string },
): Drawn {
  const row = pane.rows[number];
  const func = row && pane.func(row.func);
  if (!row || !func) return { cells: html``, classes: "" };
  const whole = (text: TemplateResult | string) =>
    html`<span role="gridcell" aria-colspan=${look.columns}>${text}</span>`;
  if (row.kind === "function") {
    const soft = html`<span class="soft">${func.size} bytes</span>`;
    return { cells: whole(html`${plainName(func.name)}  ${soft}`), classes: "head" };
  }
  if (row.kind === "fold") {
    const [name, what] = foldNames[row.fold];
    const lines = row.count === 1 ? "1 line" : `${row.count} lines`;
    return {
      cells: whole(html`${row.isOpen ? "▾" : "▸"} <span title=${what}>${name}, ${lines}</span>`),
      classes: "fold",
      isOpen: row.isOpen,
    };
  }
  const one = func.instructions[row.at];
  if (!one) return { cells: html``, classes: "" };
  return {
    cells: html`${cell("pc", one.pc)}${cell("places", pane.places(row.func, row.at))}${
      look.bytes ? cell("bytes", pane.bytes(row.func, row.at)) : nothing
    }${cell("operation", one.operation)}${cell("operands", one.operands)}`,
    classes: `${one.size === 0 ? "quiet" : ""} ${look.classes(row.func, row.at)}`,
  };
}

/** What is known of what is pointed at. */
export function detailView(
  spot: Spot | null,
  panes: readonly Pane[],
  lines: readonly SourceLine[],
  isWhole: boolean,
): TemplateResult {
  if (spot && "source" in spot) return lineView(spot.source, panes, lines);
  const pane = spot && panes.find(({ listing }) => listing.arch === spot.arch);
  if (spot && pane) {
    return "part" in spot
      ? partView(pane, spot.func, spot.part)
      : instructionView(pane, spot.func, spot.at, isWhole);
  }
  return html`<p class="soft">Point at a line or an instruction, or walk with the arrow keys, to see what belongs to it.
    A click, or Enter, keeps it, opens what is folded, and shows a function alone; Escape lets go. The number beside a
    line says how many instructions were made of it.</p>`;
}

/** What is known of a folded part, or of a whole function. */
function partView(pane: Pane, index: number, part: Fold | "function"): TemplateResult {
  const func = pane.func(index);
  if (!func) return html``;
  const name = html`<code>${plainName(func.name)}</code>`;
  if (part === "function") {
    return html`<p>${name}</p><p>${func.size} bytes, ${func.instructions.length} lines of the listing${
      func.attributes ? html`, <code>${func.attributes}</code>` : nothing
    }. ${pane.order.length === 1 ? "Enter or a click shows the others too." : "Enter or a click shows it alone."}</p>`;
  }
  const [title, what] = foldNames[part];
  return html`<p>${title} of ${name}</p><p>${what} Enter or a click opens and folds it.</p>`;
}

function lineView(
  row: number,
  panes: readonly Pane[],
  lines: readonly SourceLine[],
): TemplateResult {
  const line = lines[row];
  if (!line?.line) return html`<p>A new file begins.</p>`;
  return html`<p><code>${line.file}:${line.line}</code></p>
    ${panes.map((pane) => {
      const { itself = 0, through = 0 } = pane.made.get(row) ?? {};
      const more = through > 0 ? `, and ${through} of functions that were inlined here` : "";
      return html`<p><span class="soft">${pane.listing.arch}</span> ${
        itself + through === 0
          ? "No instruction was made of it."
          : `${itself} ${itself === 1 ? "instruction was" : "instructions were"} made of it${more}.`
      }</p>`;
    })}`;
}

function instructionView(pane: Pane, func: number, at: number, isWhole: boolean): TemplateResult {
  const one = pane.instruction(func, at);
  const frames = pane.frames(func, at);
  if (!one) return html``;
  const said = explain(pane.listing.arch, one.operation);
  const bytes = pane.bytes(func, at);
  const target = pane.target(one);
  return html`<p><code>${one.operation} ${one.operands}</code></p>
    <p>${said}${target === null ? nothing : ` Leads to ${target}.`}
      <span class="soft">${bytes ? html`At ${one.pc}: <code>${bytes}</code>` : "No machine code."}</span></p>
    ${
      frames.length === 0
        ? html`<p class="soft">The compiler names no line for it.</p>`
        : html`<ol aria-label="Where it comes from">${frames.map(
            (frame, depth) => html`<li>${depth === 0 ? "made of" : "called on"}
              <code>${frame.file}:${frame.line}${frame.column === undefined ? nothing : `:${frame.column}`}</code>${
                frame.function ? html` in <code>${plainName(frame.function)}</code>` : nothing
              }</li>`,
          )}</ol>`
    }
    ${
      isWhole || one.size === 0
        ? nothing
        : html`<p class="soft">This is the innermost line. Through which calls it came here is not known.</p>`
    }`;
}
