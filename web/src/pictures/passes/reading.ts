/** The compiler's document, read column by column as the page has time for it. */
import { type Column, columnsOf, functionOf } from "./columns.ts";
import { type Change, changeOf, type Placed, type Stage, valuesOf } from "./passes.ts";
import { readSources, readStage, type SourceLine } from "./read.ts";

/** Columns that are no passes. */
const others = ["sources", "AST"];

/** A stage that was read, with what is computed of it once. */
export interface Read {
  stage: Stage;
  /** What became of the stage before. */
  change: Change;
  values: ReadonlyMap<string, Placed>;
  /** How many values, or instructions. */
  count: number;
}

/** A step of the slider: a stage, or a pass that changed nothing since the stage before. */
export interface Step {
  name: string;
  /** The number of the stage that is shown. */
  stage: number;
  isQuiet: boolean;
}

/** A document, and how far it is read. */
export class Reading {
  /** The function's name. */
  readonly name: string;
  readonly sources: readonly SourceLine[];
  /** The stages that were read, in order. */
  readonly read: Read[] = [];
  readonly #columns: readonly Column[];

  constructor(document: string) {
    const columns = columnsOf(document);
    const sources = columns.find(({ names: [name] }) => name === "sources");
    this.name = functionOf(document);
    this.sources = sources ? readSources(sources) : [];
    this.#columns = columns.filter(({ names: [name = ""] }) => !others.includes(name));
  }

  /** How many stages there are. */
  get stages(): number {
    return this.#columns.length;
  }

  /** Whether all are read. */
  get isComplete(): boolean {
    return this.read.length === this.#columns.length;
  }

  /** Reads for about so many milliseconds, one column at least. */
  more(milliseconds: number): void {
    const until = performance.now() + milliseconds;
    for (const column of this.#columns.slice(this.read.length)) {
      const stage = readStage(column);
      const change = changeOf(this.read.at(-1)?.stage, stage);
      const values = valuesOf(stage.blocks);
      this.read.push({ stage, change, values, count: values.size + stage.instructions.length });
      if (performance.now() > until) return;
    }
  }

  /** What the slider goes through: all passes, or those that changed something. Known before they are read. */
  steps(all: boolean): Step[] {
    return this.#columns.flatMap(({ names }, stage) =>
      names.flatMap((name, at): Step[] => {
        const isQuiet = at < names.length - 1;
        if (isQuiet && !all) return [];
        return [{ name, stage: isQuiet ? Math.max(0, stage - 1) : stage, isQuiet }];
      }),
    );
  }
}
