/** What a program allocated, line by line, out of the report of a program that counts. */
import { lineInText, type Part } from "../../txtar.ts";
import type { Decision } from "../decisions.ts";

/** A call on the stack of an allocation. */
interface Frame {
  Func: string;
  /** Empty outside of the reader's files. */
  File: string;
  Line: number;
  /** Whether its code stands in that of the next frame. */
  Inlined: boolean;
}

/** What was reported. */
export interface Report {
  records: readonly { Objects: number; Bytes: number; Frames: readonly Frame[] }[];
  /** Whether the reader's `main` came to its end; null where the report has no end. */
  returned: boolean | null;
  /** How many small objects shared a block with another, which the records leave out. */
  shared: number;
  /** Whether all records came through. What goroutines still write may run into them. */
  isWhole: boolean;
}

/** Reads the report out of a program's output. `mark` begins each of its lines. */
export function report(stdout: string, mark: string): Report {
  const records: Report["records"][number][] = [];
  let returned: boolean | null = null;
  let shared = 0;
  let sent = 0;
  for (const line of stdout.split("\n")) {
    if (!line.startsWith(mark)) continue;
    const said = read(line.slice(mark.length));
    if (!said) continue;
    if ("Returned" in said) ({ Returned: returned, Shared: shared, Records: sent } = said);
    else records.push({ ...said, Frames: said.Frames ?? [] });
  }
  return { records, returned, shared, isWhole: records.length === sent };
}

/** What one line allocated. */
export interface LineCount {
  objects: number;
  bytes: number;
  /** Of these, by code of the line itself and what the compiler put there. */
  own: number;
  /** Functions that the line calls, and how many objects each allocated. Those of package runtime are the compiler's choice. */
  by: Map<string, number>;
}

/** What a whole run allocated. */
export interface Counts {
  lines: Map<number, LineCount>;
  /** For calls of inlined functions: the lines of those whose allocations were made there. */
  inlined: Map<number, Set<number>>;
  /** With no line of the reader's among its callers. */
  outside: { objects: number; bytes: number };
  shared: number;
}

/** A line of a report; null for one that was cut off. */
function read(json: string) {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

/** Each allocation counted once, on the innermost line of the reader's. */
export function counts({ records, shared }: Report, files: readonly Part[]): Counts {
  const found: Counts = {
    lines: new Map(),
    inlined: new Map(),
    outside: { objects: 0, bytes: 0 },
    shared,
  };
  for (const { Objects: objects, Bytes: bytes, Frames: frames } of records) {
    const at = frames.findIndex(({ File }) => File !== "");
    const frame = frames[at];
    const line = frame ? lineInText(files, frame.File, frame.Line) : null;
    if (line === null) {
      found.outside.objects += objects;
      found.outside.bytes += bytes;
      continue;
    }
    const count = found.lines.get(line) ?? { objects: 0, bytes: 0, own: 0, by: new Map() };
    found.lines.set(line, count);
    count.objects += objects;
    count.bytes += bytes;
    const called = frames[at - 1]?.Func ?? "";
    if (called === "" || called.startsWith("runtime.")) count.own += objects;
    if (called !== "" && !isPlain(called))
      count.by.set(called, (count.by.get(called) ?? 0) + objects);
    for (let next = at; frames[next]?.Inlined; next++) {
      const caller = frames[next + 1];
      const call = caller ? lineInText(files, caller.File, caller.Line) : null;
      if (call !== null) found.inlined.set(call, (found.inlined.get(call) ?? new Set()).add(line));
    }
  }
  return found;
}

/** The allocator itself: that it allocated says nothing. */
function isPlain(name: string): boolean {
  return /^runtime\.(malloc\w*|newobject)$/.test(name);
}

/** Where what -m says of a line and what the run allocated differ, in words; null where they agree. */
export function difference(
  decisions: readonly Decision[],
  line: number,
  { lines, inlined, shared }: Counts,
): string | null {
  const saysHeap = decisions.some(({ code }) => code === "heap");
  const count = lines.get(line);
  if (saysHeap && !count?.own) {
    const elsewhere = inlined.get(line);
    if (elsewhere)
      return `Counted on ${list([...elsewhere], "line", "lines")}, where the inlined code stands.`;
    return (
      "-m says heap, and nothing was recorded here. Either the line was not reached, its function was inlined " +
      "and the copies keep it on the stack, or the value needed no memory of its own, as a constant." +
      (shared > 0 ? " Or it is one of the small objects that shared a block." : "")
    );
  }
  if (saysHeap || !count) return null;
  const by = [...count.by.keys()];
  if (by.length === 0) return "-m says no heap here, and the run allocated.";
  const isRuntime = by.every((name) => name.startsWith("runtime."));
  const who = list(by, "", "");
  return isRuntime
    ? `-m says no heap here. The runtime allocates when the program runs: ${who}.`
    : `-m says no heap here. It is allocated in what the line calls: ${who}.`;
}

function list(items: readonly (string | number)[], one: string, many: string): string {
  const most = 4;
  const shown = items.slice(0, most).join(", ");
  const rest = items.length > most ? ` and ${items.length - most} more` : "";
  return `${items.length === 1 ? one : many} ${shown}${rest}`.trim();
}
