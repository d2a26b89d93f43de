/** What the compiler decided, out of a run's diagnostics. */
import type { Look } from "../marks.ts";
import type { DiagnosticEvent, Place } from "../protocol.ts";
import { lineInText, type Part } from "../txtar.ts";

/** A kind of decision that can be shown on the code. */
export interface Layer {
  /** The code of its diagnostics (docs/diagnostics.md). */
  code: string;
  label: string;
  look: Look;
}

/** The layers of a mode, those that cost something when the program runs first. Empty for a mode that decides nothing. */
export function layersOf(mode: string): readonly Layer[] {
  return mode === "escape" ? ofEscape : mode === "bounds" ? ofBounds : [];
}

const ofEscape: readonly Layer[] = [
  { code: "heap", label: "Heap", look: "heap" },
  { code: "leak", label: "Leaking parameters", look: "leak" },
  { code: "stack", label: "Stack", look: "stack" },
  { code: "inlined-call", label: "Inlined calls", look: "inline" },
  { code: "inline", label: "Can be inlined", look: "inline" },
  { code: "devirtualised", label: "Devirtualised", look: "direct" },
];

const ofBounds: readonly Layer[] = [
  { code: "bounds-kept", label: "Bounds checks", look: "check" },
  { code: "bounds-proved", label: "Proved away", look: "proved" },
];

/** A decision about a place in the code. */
export interface Decision {
  code: string;
  /** Where it is in the request's source as a whole. */
  line: number;
  column?: number | undefined;
  /** As the tool names the place. */
  at: string;
  message: string;
  /** What the function costs that is inlined or can be, where -m=2 says it. */
  cost?: number;
  /** The explanation, step by step. */
  steps: readonly Step[];
}

/** One line of an explanation. */
export interface Step {
  kind: "flow" | "from";
  /** Without the word that it begins with. */
  text: string;
  /** Where it is in the source as a whole; null where that is not the reader's. */
  line: number | null;
  column?: number | undefined;
  at: string;
}

/** What a diagnostic says; null if it is about no place in these files. */
export function decision(event: DiagnosticEvent, files: readonly Part[]): Decision | null {
  const { file, line, column, code, message } = event;
  if (file === undefined || line === undefined || !code) return null;
  const inText = lineInText(files, file, line);
  if (inText === null) return null;
  const cost = / with cost (\d+) as: /.exec(message)?.[1];
  return {
    code,
    line: inText,
    column,
    at: named(files, file, line, column),
    message,
    ...(cost && { cost: Number(cost) }),
    steps: (event.related ?? []).map((place) => step(place, files)),
  };
}

function step({ file, line, column, message }: Place, files: readonly Part[]): Step {
  const [, kind = "from", text = message] = /^(flow:|from) (.*)$/s.exec(message) ?? [];
  return {
    kind: kind === "flow:" ? "flow" : "from",
    text,
    line: lineInText(files, file, line),
    column,
    at: named(files, file, line, column),
  };
}

/** A place as it is shown: the file only where there is more than one. */
function named(files: readonly Part[], file: string, line: number, column?: number): string {
  const isOnly = files.length === 1 && files[0]?.name === file;
  return [...(isOnly ? [] : [file]), line, ...(column === undefined ? [] : [column])].join(":");
}

/** What tells one decision of a run from another. */
export function keyOf({ code, line, column, message }: Decision): string {
  return `${code} ${line}:${column ?? ""} ${message}`;
}

/** Inlined calls with the cost of what is called, where another decision says it. */
export function withCosts(decisions: readonly Decision[]): Decision[] {
  const costs = new Map<string, number>();
  for (const { message, cost } of decisions) {
    const name = /^can inline (.+) with cost \d+ as: /.exec(message)?.[1];
    if (name && cost !== undefined) costs.set(name, cost);
  }
  return decisions.map((decision) => {
    const name = /^inlining call to (.+)$/.exec(decision.message)?.[1];
    const cost = name === undefined ? undefined : costs.get(name);
    return cost === undefined ? decision : { ...decision, cost };
  });
}

/** Reasons and costs of a run with -m=2, put to the same decisions of a run without. */
export function withReasons(decisions: readonly Decision[], more: readonly Decision[]): Decision[] {
  const told = new Map(more.map((decision) => [keyOf(decision), decision]));
  return decisions.map((decision) => {
    const steps = told.get(keyOf(decision))?.steps;
    return steps?.length ? { ...decision, steps } : decision;
  });
}

/** The decisions of each line, in the order of lines and columns. */
export function byLine(decisions: readonly Decision[]): Map<number, Decision[]> {
  const lines = new Map<number, Decision[]>();
  const sorted = decisions.toSorted((a, b) => a.line - b.line || (a.column ?? 0) - (b.column ?? 0));
  for (const decision of sorted) {
    const same = lines.get(decision.line);
    if (same) same.push(decision);
    else lines.set(decision.line, [decision]);
  }
  return lines;
}
