/** One listing, understood: its functions, what is folded, and where in the reader's code each instruction leads. Pure. */
import { type Fold, foldsOf } from "./folds.ts";
import type { Frame, Stacks } from "./inlining.ts";
import { type Func, type Instruction, type Place, parseListing } from "./listing.ts";

/** A line of the pane. */
export type Row =
  | { kind: "function"; func: number }
  | { kind: "fold"; func: number; fold: Fold; count: number; isOpen: boolean }
  | { kind: "instruction"; func: number; at: number };

/** A listing for one architecture. */
export interface Listing {
  arch: string;
  functions: readonly Func[];
  /** Of each function, the part that each instruction belongs to. */
  folds: readonly (Fold | null)[][];
  /** Of each function; null where nothing is known of inlining. */
  stacks: readonly (Stacks | null)[];
}

/** Understands a listing. Nothing is known of inlining yet. */
export function listingOf(text: string, arch: string): Listing {
  const functions = parseListing(text, arch);
  return {
    arch,
    functions,
    folds: functions.map((one) => foldsOf(arch, one)),
    stacks: functions.map(() => null),
  };
}

/** The functions in the order in which a reader looks for them: their own by where they stand, then what the compiler made. */
export function readersOrder(
  { functions }: Listing,
  rowOf: (place: Place) => number | undefined,
): { own: number[]; others: number[] } {
  const begins = functions.map(({ instructions: [text] }) => {
    const isWrapper = text?.operation === "TEXT" && /\bWRAPPER\b/.test(text.operands);
    return text?.place && !isWrapper ? rowOf(text.place) : undefined;
  });
  const all = functions.map((_, index) => index);
  const at = (index: number) => begins[index] ?? Number.POSITIVE_INFINITY;
  const own = all.filter((index) => begins[index] !== undefined).sort((a, b) => at(a) - at(b));
  return { own, others: all.filter((index) => begins[index] === undefined) };
}

/** The key of a folded part of a function of that name. */
export function foldKey(name: string, fold: Fold): string {
  return `${fold} ${name}`;
}

/** The lines of the pane: the functions in `order`, with the folded parts that are not `open` as a line each. */
export function rowsOf(
  { functions, folds }: Listing,
  order: readonly number[],
  open: ReadonlySet<string>,
): Row[] {
  return order.flatMap((func) => {
    const rows: Row[] = [{ kind: "function", func }];
    const parts = folds[func] ?? [];
    const counts = new Map<Fold, number>();
    for (const fold of parts) if (fold) counts.set(fold, (counts.get(fold) ?? 0) + 1);
    const told = new Set<Fold>();
    functions[func]?.instructions.forEach((_, at) => {
      const fold = parts[at];
      const isOpen = !fold || open.has(foldKey(functions[func]?.name ?? "", fold));
      if (fold && !told.has(fold)) {
        told.add(fold);
        rows.push({ kind: "fold", func, fold, count: counts.get(fold) ?? 0, isOpen });
      }
      if (isOpen) rows.push({ kind: "instruction", func, at });
    });
    return rows;
  });
}

/** Where an instruction comes from: its whole stack where that is known, else the innermost place that the listing has. */
export function framesOf(listing: Listing, func: number, one: Instruction): readonly Frame[] {
  const stack = one.size > 0 ? listing.stacks[func]?.get(one.pc) : undefined;
  if (stack) return stack;
  // The listing does not say in which function that place is.
  return one.place ? [{ function: "", ...one.place }] : [];
}

/** How many instructions that take room were made of a line of the code: of it itself, and through a call that stands on it. */
export interface Made {
  itself: number;
  through: number;
}

/** What was made of the lines of the code, by row. */
export function madeOf(
  listing: Listing,
  order: readonly number[],
  rowOf: (place: Place) => number | undefined,
): Map<number, Made> {
  const made = new Map<number, Made>();
  for (const func of order) {
    for (const one of listing.functions[func]?.instructions ?? []) {
      if (one.size === 0) continue;
      const rows = framesOf(listing, func, one).map(rowOf);
      const [inner, ...outer] = rows;
      const of = (row: number) => {
        const found = made.get(row) ?? { itself: 0, through: 0 };
        made.set(row, found);
        return found;
      };
      if (inner !== undefined) of(inner).itself++;
      for (const row of new Set(outer)) {
        if (row !== undefined && row !== inner) of(row).through++;
      }
    }
  }
  return made;
}
