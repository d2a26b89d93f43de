/** The artifact `inlining.json` of mode `asm`: through which calls each instruction was inlined. */
import type { Func } from "./listing.ts";

/** A place in a function: of the instruction, or of the call by which it came there. */
export interface Frame {
  function: string;
  file: string;
  /** From 1. */
  line: number;
  /** In bytes, from 1. Known of calls only. */
  column?: number;
}

/** The stacks of a function's instructions, by their offset; the innermost place first. */
export type Stacks = ReadonlyMap<number, readonly Frame[]>;

interface Artifact {
  functions: {
    symbol: string;
    stacks: Frame[][];
    instructions: [pc: number, stack: number][];
  }[];
}

/**
 * The stacks of each of `functions`, which are those of the same listing; null where there are none for one.
 * Two functions of one name stand in the same order in both.
 */
export function readInlining(text: string, functions: readonly Func[]): (Stacks | null)[] {
  const { functions: told } = JSON.parse(text) as Artifact;
  const bySymbol = new Map<string, Artifact["functions"]>();
  for (const one of told) {
    bySymbol.set(one.symbol, [...(bySymbol.get(one.symbol) ?? []), one]);
  }
  return functions.map(({ name }) => {
    const found = bySymbol.get(name)?.shift();
    if (!found) return null;
    const at = (number: number) => found.stacks[number] ?? [];
    return new Map(found.instructions.map(([pc, number]) => [pc, at(number)]));
  });
}

/** A function's name as a reader knows it: without the hash that the compiler puts between `#` to tell copies of a closure apart. */
export function plainName(name: string): string {
  return name.replace(/#[^#]*#/g, "");
}
