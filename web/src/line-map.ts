/** Which line became which when code was edited. */
import { diffArrays } from "diff";

/** Edits larger than this keep no line: to compare would take longer than a reader waits. */
const maxEditLength = 4000;

/** The lines of `before` that are still there unchanged, each with its line in `after`. Both count from 1. */
export function keptLines(before: string, after: string): Map<number, number> {
  const kept = new Map<number, number>();
  let old = 1;
  let now = 1;
  const parts = diffArrays(before.split("\n"), after.split("\n"), { maxEditLength }) ?? [];
  for (const { count = 0, added, removed } of parts) {
    if (!added && !removed) for (let at = 0; at < count; at++) kept.set(old + at, now + at);
    if (!added) old += count;
    if (!removed) now += count;
  }
  return kept;
}
