/** One listing beside the code: what is shown of it, and where its rows lead. Pure. */
import type { Fold } from "./folds.ts";
import type { Frame } from "./inlining.ts";
import { branchTarget, bytesOf, type Func, type Instruction, type Place } from "./listing.ts";
import {
  framesOf,
  type Listing,
  type Made,
  madeOf,
  type Row,
  readersOrder,
  rowsOf,
} from "./model.ts";
import { rowFinder, type SourceLine } from "./source.ts";

/** What is pointed at: a line of the code by its row, an instruction, or the line that stands for a folded part or for a function. */
export type Spot =
  | { source: number }
  | { arch: string; func: number; at: number }
  | { arch: string; func: number; part: Fold | "function" };

/** The rows of the code that an instruction leads to, the innermost first; undefined for a place in another file. */
type Rows = readonly (number | undefined)[];

/** The most characters of the column of places. */
const PLACES = 14;

/** A listing, and what of it is shown. */
export class Pane {
  readonly rows: readonly Row[];
  /** The functions that are shown. */
  readonly order: readonly number[];
  readonly own: readonly number[];
  readonly others: readonly number[];
  /** What was made of each row of the code, by the functions that are shown. */
  readonly made: ReadonlyMap<number, Made>;
  /** Characters of the widest instruction's parts. */
  readonly widths: { places: number; operands: number };
  /** By row of the code, the first row that was made of it, and of a call on it; null until it is needed. */
  #firsts: { lit: Map<number, number>; near: Map<number, number> } | null = null;
  readonly #rowOf: (place: Place) => number | undefined;

  /** Shows the functions whose names are `chosen`, or all for null, with the folded parts whose keys are `open`. */
  constructor(
    readonly listing: Listing,
    lines: readonly SourceLine[],
    chosen: ReadonlySet<string> | null,
    open: ReadonlySet<string>,
  ) {
    this.#rowOf = rowFinder(lines);
    const { own, others } = readersOrder(listing, this.#rowOf);
    this.own = own;
    this.others = others;
    const isShown = (index: number) => chosen?.has(listing.functions[index]?.name ?? "") ?? true;
    this.order = [...own, ...others].filter(isShown);
    this.rows = rowsOf(listing, this.order, open);
    this.made = madeOf(listing, this.order, this.#rowOf);
    this.widths = this.#widths();
  }

  func(index: number): Func | undefined {
    return this.listing.functions[index];
  }

  instruction(func: number, at: number): Instruction | undefined {
    return this.func(func)?.instructions[at];
  }

  frames(func: number, at: number): readonly Frame[] {
    const one = this.instruction(func, at);
    return one ? framesOf(this.listing, func, one) : [];
  }

  /** The rows of the code that an instruction leads to. */
  leadsTo(func: number, at: number): Rows {
    return this.frames(func, at).map(this.#rowOf);
  }

  /** Its places in short: `6‹18‹22`. */
  places(func: number, at: number): string {
    const short = (frame: Frame) => {
      const own = this.#rowOf(frame) !== undefined;
      return own ? `${frame.line}` : `${frame.file.split("/").at(-1)}:${frame.line}`;
    };
    return this.frames(func, at).map(short).join("‹");
  }

  /** Its machine code. */
  bytes(func: number, at: number): string {
    const of = this.func(func);
    const one = this.instruction(func, at);
    return of && one ? bytesOf(of, one) : "";
  }

  /** Whether the instruction of `spot` is a branch that leads to this one. */
  isTarget(spot: Spot | null, func: number, at: number): boolean {
    if (!spot || !("at" in spot) || spot.arch !== this.listing.arch || spot.func !== func)
      return false;
    const from = this.instruction(func, spot.at);
    const to = this.instruction(func, at);
    return from !== undefined && to !== undefined && to.size > 0 && this.target(from) === to.pc;
  }

  /** The row at which a function of that name begins, -1 for none. */
  headOf(name: string): number {
    return this.rows.findIndex(
      (row) => row.kind === "function" && this.func(row.func)?.name === name,
    );
  }

  /** Where a branch leads. */
  target(one: Instruction): number | null {
    return branchTarget(this.listing.arch, one);
  }

  /** How an instruction belongs to what is pointed at: made of the same line, of a call on that line, or not at all. */
  belongs(lit: Rows, isSource: boolean, func: number, at: number): "lit" | "near" | "" {
    const row = lit[0];
    if (row === undefined) return "";
    const [inner, ...outer] = this.leadsTo(func, at);
    if (inner === row) return "lit";
    return isSource && outer.includes(row) ? "near" : "";
  }

  /** The first row that belongs to what is pointed at, -1 for none. */
  firstOf([inner]: Rows, isSource: boolean): number {
    if (inner === undefined) return -1;
    this.#firsts ??= this.#findFirsts();
    const { lit, near } = this.#firsts;
    return lit.get(inner) ?? (isSource ? near.get(inner) : undefined) ?? -1;
  }

  #findFirsts() {
    const lit = new Map<number, number>();
    const near = new Map<number, number>();
    this.rows.forEach((row, number) => {
      if (row.kind !== "instruction") return;
      this.leadsTo(row.func, row.at).forEach((line, depth) => {
        const firsts = depth === 0 ? lit : near;
        if (line !== undefined && !firsts.has(line)) firsts.set(line, number);
      });
    });
    return { lit, near };
  }

  #widths(): { places: number; operands: number } {
    let places = 4;
    let operands = 20;
    for (const func of this.order) {
      this.func(func)?.instructions.forEach((one, at) => {
        places = Math.max(places, this.places(func, at).length);
        operands = Math.max(operands, one.operands.length);
      });
    }
    return { places: Math.min(places, PLACES), operands };
  }
}
