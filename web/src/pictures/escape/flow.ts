/** The way of a value to where it escapes: steps to halt at, and arrows between them. */
import type { Arrow, Mark } from "../../marks.ts";
import type { Decision, Step } from "../decisions.ts";

/** One assignment of an explanation, and why the compiler makes it. */
export interface Hop {
  /** `DST ← SRC`; null for reasons that stand before any. */
  flow: Step | null;
  reasons: readonly Step[];
}

/** The steps of an explanation by the assignment that they belong to. */
export function hops(steps: readonly Step[]): Hop[] {
  const found: { flow: Step | null; reasons: Step[] }[] = [];
  for (const step of steps) {
    if (step.kind === "flow") found.push({ flow: step, reasons: [] });
    else if (found.length === 0) found.push({ flow: null, reasons: [step] });
    else found.at(-1)?.reasons.push(step);
  }
  return found;
}

/** Where a reader halts on the way: at each reason, and at an assignment without one. */
export function halts(steps: readonly Step[]): Step[] {
  return hops(steps).flatMap(({ flow, reasons }) =>
    reasons.length > 0 ? reasons : flow ? [flow] : [],
  );
}

/** What the code shows at the halt with this number: where the value is, and the way that it came. */
export function way(decision: Decision, halt: number): { marks: Mark[]; arrows: Arrow[] } {
  const stops = halts(decision.steps).slice(0, halt + 1);
  const now = stops.at(-1);
  const arrows: Arrow[] = [];
  let from: { line: number; column?: number | undefined } = decision;
  for (const { line, column } of stops) {
    if (line === null || (line === from.line && column === from.column)) continue;
    const to = { line, column };
    arrows.push({ from, to, now: false });
    from = to;
  }
  const last = arrows.at(-1);
  if (last && now?.line === last.to.line && now.column === last.to.column) last.now = true;
  if (!now || now.line === null) return { marks: [], arrows };
  const { line, column, kind, text } = now;
  return { marks: [{ line, column, look: "step", text: `${kind} ${text}` }], arrows };
}
