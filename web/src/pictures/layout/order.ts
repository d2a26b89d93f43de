/** Another order of a struct's fields, in its source. */
import { fileNamedBy } from "../../txtar.ts";
import type { Declaration, Field, Struct } from "./layout.ts";

/** The declarations of a struct by their number as written, in some order. */
export type Order = readonly number[];

/** The order as written. */
export function writtenOrder({ declarations = [] }: Struct): Order {
  return declarations.map((_, at) => at);
}

/** `order` with what stands at `from` moved to `to`. */
export function moved(order: Order, from: number, to: number): Order {
  const rest = [...order];
  rest.splice(to, 0, ...rest.splice(from, 1));
  return rest;
}

/** Whether two orders are the same. */
export function isSame(one: Order, other: Order): boolean {
  return one.length === other.length && one.every((at, i) => at === other[i]);
}

/** The numbers of the fields that each declaration declares. */
export function fieldsOf({ declarations = [] }: Struct): number[][] {
  let next = 0;
  return declarations.map(({ fields }) => Array.from({ length: fields }, () => next++));
}

/**
 * By descending alignment, which leaves no gap between fields; otherwise as written. A field without a
 * size comes first: at the end it would cost padding.
 */
export function byAlignment(struct: Struct): Order {
  const fields = fieldsOf(struct);
  const first = (at: number): Field | undefined => struct.fields[fields[at]?.[0] ?? -1];
  const rank = (at: number) => {
    const field = first(at);
    return field?.size === 0 ? Number.POSITIVE_INFINITY : (field?.align ?? 0);
  };
  return [...writtenOrder(struct)].sort((a, b) =>
    rank(a) === rank(b) ? a - b : rank(b) - rank(a),
  );
}

/**
 * The source with the declarations of a struct in another order. Each takes its comments along; blank
 * lines and comments between them stay where they are. The source may be one file or several as txtar.
 */
export function reordered(source: string, struct: Struct, order: Order): string {
  const lines = source.split("\n");
  const { declarations = [] } = struct;
  const start = startOf(lines, struct.file);
  const [first] = declarations;
  if (!first || start === null) return source;
  const part = ({ line, end_line }: Declaration) => lines.slice(start + line - 1, start + end_line);
  const begin = start + first.line - 1;
  let at = begin;
  const written = declarations.flatMap((declaration, i) => {
    const between = lines.slice(at, start + declaration.line - 1);
    at = start + declaration.end_line;
    const here = declarations[order[i] ?? i];
    return [...between, ...(here ? part(here) : [])];
  });
  return [...lines.slice(0, begin), ...written, ...lines.slice(at)].join("\n");
}

/** At which line of the whole a file begins, from 0; null where it is not there. */
function startOf(lines: string[], file: string): number | null {
  let isNamed = false;
  for (const [at, line] of lines.entries()) {
    const name = fileNamedBy(line);
    if (name === file) return at + 1;
    isNamed ||= name !== undefined;
  }
  return isNamed ? null : 0;
}
