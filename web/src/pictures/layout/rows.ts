/** The bytes of a struct as rows to draw. */
import { type Field, nameOf, type Struct } from "./layout.ts";

/** Bytes in a row. */
export const width = 8;

/** Bytes of a cache line, on the processors that most servers have. */
export const cacheLine = 64;

/** Bytes of one kind, from one offset to before another. */
export interface Piece {
  /** `inner` is padding within a field that is a struct itself. */
  kind: "field" | "padding" | "inner";
  /** The number of the field that they are of, or follow. */
  field: number;
  /** The name of the field, with those that it lies in. */
  label: string;
  from: number;
  to: number;
}

/** A row of the drawing: some bytes, or many full rows of one field that are not drawn. */
export type Row =
  | { kind: "bytes"; at: number; cells: Piece[] }
  | { kind: "fold"; at: number; rows: number; piece: Piece };

/** All bytes of a struct, in order. Fields without a size have none. */
export function piecesOf(struct: Struct): Piece[] {
  const pieces = struct.fields.flatMap((field, at) => [
    ...within(field, at, nameOf(field), 0),
    ...padding("padding", field, at, 0),
  ]);
  return pieces.filter(({ from, to }) => to > from);
}

function within(field: Field, of: number, label: string, start: number): Piece[] {
  const from = start + field.offset;
  if (!field.fields?.length)
    return [{ kind: "field", field: of, label, from, to: from + field.size }];
  return field.fields.flatMap((inner) => [
    ...within(inner, of, `${label}.${nameOf(inner)}`, from),
    ...padding("inner", inner, of, from),
  ]);
}

function padding(kind: Piece["kind"], field: Field, of: number, start: number): Piece[] {
  const from = start + field.offset + field.size;
  return [{ kind, field: of, label: "", from, to: from + field.padding }];
}

/** How many full rows of one field are drawn before they are folded. */
const fullRows = 4;

/** The rows of some pieces. A long field takes three rows, however long it is. */
export function rowsOf(pieces: readonly Piece[]): Row[] {
  const rows: Row[] = [];
  let cells: Piece[] = [];
  const put = (piece: Piece, from: number, to: number) => {
    if (from % width === 0) {
      cells = [];
      rows.push({ kind: "bytes", at: from, cells });
    }
    cells.push({ ...piece, from, to });
  };
  for (const piece of pieces) {
    for (let at = piece.from; at < piece.to; ) {
      const full = at % width === 0 ? Math.floor((piece.to - at) / width) : 0;
      if (full > fullRows) {
        put(piece, at, at + width);
        rows.push({ kind: "fold", at: at + width, rows: full - 2, piece });
        at += (full - 1) * width;
        put(piece, at, at + width);
        at += width;
        continue;
      }
      const end = Math.min(piece.to, at - (at % width) + width);
      put(piece, at, end);
      at = end;
    }
  }
  return rows;
}

/** How many cache lines some bytes lie in, if the first begins one. */
export function linesOf(size: number): number {
  return Math.ceil(size / cacheLine);
}

/** The cache lines that begin from one offset to before another: the first and the last, counted from 1. */
export function linesFrom(from: number, to: number): [first: number, last: number] | null {
  const [first, last] = [linesOf(from) + 1, linesOf(to)];
  return first > last ? null : [first, last];
}
