/** What the list shows of a stage: a row for each block's beginning, each value and each block's end. */
import type { Block, Change, Instruction, Stage, Value } from "./passes.ts";

/** What happened to a value in the stage that is shown. */
export type Mark = "added" | "changed" | "moved" | "removed" | "";

/** A row. */
export type Row =
  | { kind: "block"; block: Block; isGone: boolean }
  | { kind: "value"; value: Value; mark: Mark }
  | { kind: "end"; block: Block }
  | { kind: "instruction"; instruction: Instruction };

/** The rows of a stage. What was removed stands at the end of the block that it was in. */
export function rowsOf(stage: Stage, before: Stage | undefined, change: Change): Row[] {
  if (stage.instructions.length > 0)
    return stage.instructions.map((instruction) => ({ kind: "instruction", instruction }));
  const removed = new Map<string, Row[]>();
  for (const { value, block } of change.removed.values()) {
    const rows = removed.get(block) ?? [];
    rows.push({ kind: "value", value, mark: "removed" });
    removed.set(block, rows);
  }
  const is = new Set(stage.blocks.map(({ id }) => id));
  const rows = stage.blocks.flatMap((block): Row[] => [
    { kind: "block", block, isGone: false },
    ...block.values.map((value): Row => ({ kind: "value", value, mark: markOf(value.id, change) })),
    ...(removed.get(block.id) ?? []),
    { kind: "end", block },
  ]);
  const gone = (before?.blocks ?? []).filter(({ id }) => !is.has(id));
  return [
    ...rows,
    ...gone.flatMap((block): Row[] => [
      { kind: "block", block, isGone: true },
      ...(removed.get(block.id) ?? []),
    ]),
  ];
}

function markOf(id: string, change: Change): Mark {
  if (change.added.has(id)) return "added";
  if (change.changed.has(id)) return "changed";
  return change.moved.has(id) ? "moved" : "";
}

/** The value that a row is of; empty where it is of none. */
export function idOf(row: Row | undefined): string {
  if (row?.kind === "value") return row.value.id;
  return row?.kind === "instruction" && row.instruction.of.startsWith("v")
    ? row.instruction.of
    : "";
}

/** The line of the source that a row is of. */
export function lineOf(row: Row | undefined): number | null {
  if (row?.kind === "value") return row.value.line;
  return row?.kind === "instruction" ? row.instruction.line : null;
}
