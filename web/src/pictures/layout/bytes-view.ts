/** The bytes of a struct, to scale. */
import { html, nothing, type TemplateResult } from "lit";
import { nameOf, type Struct } from "./layout.ts";
import {
  cacheLine,
  linesFrom,
  linesOf,
  type Piece,
  piecesOf,
  type Row,
  rowsOf,
  width,
} from "./rows.ts";

/** What is drawn. */
export interface Bytes {
  struct: Struct;
  /** The number as written of each field of `struct`. */
  numbers: readonly number[];
  /** The field that the reader points at, by its number as written; null for none. */
  pointed: number | null;
  point: (field: number | null) => void;
  /** How many rows are drawn at most. */
  limit: number;
  more: () => void;
}

/** Rows of eight bytes. */
export function bytesView(bytes: Bytes): TemplateResult {
  const { struct, limit } = bytes;
  if (struct.size === 0) return html`<p class="soft">It has no bytes.</p>`;
  const rows = rowsOf(piecesOf(struct));
  const rest = rows.length - limit;
  return html`<div class="bytes" role="img" aria-label=${labelOf(struct)}
      @pointerleave=${() => bytes.point(null)}>
      <div class="scale">
        <span></span>${Array.from({ length: width }, (_, at) => html`<span>${at}</span>`)}
      </div>
      ${rows.slice(0, limit).map((row) => [lineView(row), rowView(row, bytes)])}
    </div>
    ${
      rest > 0
        ? html`<button type="button" @click=${bytes.more}>${Math.min(rest, limit)} more of ${rest} rows</button>`
        : nothing
    }`;
}

function labelOf({ name, size, padding }: Struct): string {
  const lines = linesOf(size);
  const inLines = lines > 1 ? `, ${lines} cache lines of ${cacheLine} bytes` : "";
  return `The bytes of ${name}: ${size}, of which ${padding} are padding${inLines}. The table has them by field.`;
}

/** The mark where a cache line begins, before a row. */
function lineView(row: Row) {
  if (row.at === 0 || row.at % cacheLine !== 0) return nothing;
  return html`<div class="line">cache line ${row.at / cacheLine + 1}</div>`;
}

function rowView(row: Row, bytes: Bytes): TemplateResult {
  if (row.kind === "fold") return foldView(row);
  return html`<div class="bytes-row">
    <span class="offset">${row.at}</span>${row.cells.map((cell) => cellView(cell, bytes))}
  </div>`;
}

function foldView({ at, rows, piece }: Extract<Row, { kind: "fold" }>): TemplateResult {
  const size = rows * width;
  const [first, last] = linesFrom(at, at + size) ?? [];
  const lines = first === last ? `line ${first} begins` : `lines ${first} to ${last} begin`;
  return html`<div class="fold">${rows} rows of <code>${piece.label || "padding"}</code>, ${size} bytes${
    first === undefined ? nothing : `: cache ${lines} here`
  }</div>`;
}

function cellView(cell: Piece, { struct, numbers, pointed, point }: Bytes): TemplateResult {
  const size = cell.to - cell.from;
  const field = struct.fields[cell.field];
  const number = numbers[cell.field] ?? cell.field;
  const isField = cell.kind === "field";
  const classes = [
    "cell",
    cell.kind,
    `at-${cell.from % width}`,
    `of-${size}`,
    number % 2 === 1 ? "odd" : "",
    pointed === number && cell.kind !== "padding" ? "pointed" : "",
  ];
  const where = size === 1 ? `byte ${cell.from}` : `bytes ${cell.from} to ${cell.to - 1}`;
  const place = cell.kind === "inner" ? "in" : "after";
  const padding = field ? `padding ${place} ${nameOf(field)}` : "padding";
  const what = isField ? cell.label : padding;
  const short = cell.kind === "inner" ? padding : "padding";
  const text = isField ? cell.label : size > 2 ? short : "pad";
  return html`<span class=${classes.join(" ")} title="${what}: ${where}" data-from=${cell.from} data-to=${cell.to}
    @pointerenter=${() => point(number)}><span>${text}</span></span>`;
}
