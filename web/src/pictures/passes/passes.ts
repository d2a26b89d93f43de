/** A function after each pass, and what each changed. Plain data: nothing of the document is left in it. */

/** Text of a value or a block, in which other values and blocks are named. */
export type Part = string | { ref: string };

/** A value of the static single assignment form. */
export interface Value {
  /** `v12`. The compiler gives the number of a value that is gone to a new one. */
  id: string;
  /** Of the source; null where the compiler knows none. The output does not say of which file. */
  line: number | null;
  /** The operation with its type, constants, arguments, register and names. */
  parts: Part[];
  /** Whether nothing uses it. */
  isDead: boolean;
}

/** A basic block. */
export interface Block {
  id: string;
  isDead: boolean;
  /** The blocks that lead to it. */
  from: string[];
  values: Value[];
  /** How it ends, and where it leads. */
  end: Part[];
}

/** An instruction of the column `genssa`. */
export interface Instruction {
  /** The value or block that it is made of; empty where there is none. */
  of: string;
  line: number | null;
  text: string;
}

/** A function after a pass that changed it, or its instructions. */
export interface Stage {
  /** The pass. */
  name: string;
  /** Passes before it, after the stage before, that changed nothing. */
  quiet: string[];
  blocks: Block[];
  instructions: Instruction[];
}

/** A value and the block that it stands in. */
export interface Placed {
  value: Value;
  block: string;
}

/** What a pass changed. */
export interface Change {
  added: Set<string>;
  /** As they were. */
  removed: Map<string, Placed>;
  /** Those with another operation or other arguments, as they were. */
  changed: Map<string, Value>;
  /** Those that are the same in another block: the block before. */
  moved: Map<string, string>;
}

/** The text of some parts. */
export function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (typeof part === "string" ? part : part.ref)).join("");
}

/** The values of a function, by their names. */
export function valuesOf(blocks: readonly Block[]): Map<string, Placed> {
  const all = new Map<string, Placed>();
  for (const { id: block, values } of blocks)
    for (const value of values) all.set(value.id, { value, block });
  return all;
}

/** What became of a function. Instructions are no values, so nothing is said of them. */
export function changeOf(before: Stage | undefined, after: Stage): Change {
  const change: Change = {
    added: new Set(),
    removed: new Map(),
    changed: new Map(),
    moved: new Map(),
  };
  if (!before || after.instructions.length > 0) return change;
  const was = valuesOf(before.blocks);
  const is = valuesOf(after.blocks);
  for (const [id, { value, block }] of is) {
    const old = was.get(id);
    if (!old) change.added.add(id);
    else if (textOf(old.value.parts) !== textOf(value.parts)) change.changed.set(id, old.value);
    else if (old.block !== block) change.moved.set(id, old.block);
  }
  for (const [id, placed] of was) if (!is.has(id)) change.removed.set(id, placed);
  return change;
}

/** What happened to a value in a stage. */
export interface LifeEvent {
  stage: number;
  what: "first" | "added" | "changed" | "moved" | "removed" | "machine code";
  text: string;
}

/** All that happened to the values of this name, in order. After `removed`, it is another value. */
export function lifeOf(id: string, stages: readonly Stage[]): LifeEvent[] {
  const events: LifeEvent[] = [];
  let last: Placed | undefined;
  for (const [stage, { blocks, instructions }] of stages.entries()) {
    if (instructions.length > 0) {
      const made = instructions.filter(({ of }) => of === id);
      for (const { text } of made) events.push({ stage, what: "machine code", text });
      continue;
    }
    const now = placeOf(id, blocks);
    const text = now ? textOf(now.value.parts) : "";
    if (now && !last) events.push({ stage, what: stage === 0 ? "first" : "added", text });
    else if (now && last && textOf(last.value.parts) !== text)
      events.push({ stage, what: "changed", text });
    else if (now && last && last.block !== now.block)
      events.push({ stage, what: "moved", text: `from ${last.block} to ${now.block}` });
    else if (!now && last) events.push({ stage, what: "removed", text: "" });
    last = now;
  }
  return events;
}

function placeOf(id: string, blocks: readonly Block[]): Placed | undefined {
  for (const { id: block, values } of blocks) {
    const value = values.find((one) => one.id === id);
    if (value) return { value, block };
  }
  return undefined;
}

/** The values and blocks that use a value as an argument or a control. */
export function usersOf(id: string, blocks: readonly Block[]): string[] {
  const uses = (parts: readonly Part[]) =>
    parts.some((part) => typeof part !== "string" && part.ref === id);
  return blocks.flatMap((block) => [
    ...block.values.filter(({ parts }) => uses(parts)).map((value) => value.id),
    ...(uses(block.end) ? [block.id] : []),
  ]);
}
