/**
 * Reads what GODEBUG=gctrace=1 and 2 print (runtime/mgc.go and mgcmark_*greenteagc.go of Go 1.25 to 1.27). Pure.
 *
 * The runtime writes a line in about 39 pieces, and what the program itself writes to standard error may
 * come between any two. Only lines that are whole, from their first letter to their last, are read. A
 * piece is never cut, so the piece that each line has once says how many lines there were.
 */
import { countMarks, TraceLines } from "../trace-lines.ts";

/** What was scanned, of all sizes or of one. */
export interface Scanned {
  /** Size of the objects, such as `48B`; `L` are those beyond the size classes, null are all. */
  size: string | null;
  objects: number;
  /** Null where the collector does not scan by spans. */
  spans: number | null;
}

/** One cycle, in the units of the trace. A MB is 2^20 bytes, rounded down. */
export interface Cycle {
  /** Counts from 1. */
  number: number;
  /** When it began, in seconds since the program did; known to a millisecond. */
  at: number;
  /** The collector's share of the CPU time since the program began, in percent. */
  cpuShare: number;
  /** Whether it was looking for goroutines that nothing can wake. */
  findsLeaks: boolean;
  /** By the clock, in ms: world stopped to end the sweep, marking beside the program, world stopped to end the mark. */
  clock: readonly [stop: number, mark: number, stop: number];
  /** CPU time in ms: of the first stop, of assists, of workers, of idle Ps, of the second stop. */
  cpu: readonly [stop: number, assist: number, workers: number, idle: number, stop: number];
  /** The heap in MB when it began, when it ended, and what of that was found alive. */
  heap: readonly [start: number, end: number, live: number];
  /** In MB: how large the heap was meant to become. */
  goal: number;
  /** MB to scan of stacks and of globals. */
  stacks: number;
  globals: number;
  /** GOMAXPROCS. */
  procs: number;
  /** Whether the program asked for it. */
  isForced: boolean;
  /** Of gctrace=2: all first, then by size. Empty without. */
  scanned: Scanned[];
}

const ms = String.raw`(\d+(?:\.\d+)?)`;
const cycleLine = new RegExp(
  String.raw`^gc (\d+) @(\d+\.\d+)s (\d+)%( \(checking for goroutine leaks\))?: ` +
    `${ms}\\+${ms}\\+${ms} ms clock, ${ms}\\+${ms}/${ms}/${ms}\\+${ms} ms cpu, ` +
    String.raw`(\d+)->(\d+)->(\d+) MB, (\d+) MB goal, (\d+) MB stacks, (\d+) MB globals, (\d+) P( \(forced\))?$`,
);
/** The sum after the `=` is what counts; a collector without spans prints only that. */
const scanLine =
  /^scan: (?:total|class (L|\d+B)) (?:\d+\+\d+\+\d+=)?(\d+) objs(?:, \d+\+\d+=(\d+) spans)?$/;

/** Pieces that a line of the trace has exactly once. */
const cycleMarks = [" ms clock, "];
const scanMarks = ["scan: total ", "scan: class "];

/** A cycle from its line; null for any other. */
export function readCycle(line: string): Cycle | null {
  const match = cycleLine.exec(line);
  if (!match) return null;
  const at = (group: number) => Number(match[group]);
  return {
    number: at(1),
    at: at(2),
    cpuShare: at(3),
    findsLeaks: match[4] !== undefined,
    clock: [at(5), at(6), at(7)],
    cpu: [at(8), at(9), at(10), at(11), at(12)],
    heap: [at(13), at(14), at(15)],
    goal: at(16),
    stacks: at(17),
    globals: at(18),
    procs: at(19),
    isForced: match[20] !== undefined,
    scanned: [],
  };
}

function readScanned(line: string): Scanned | null {
  const match = scanLine.exec(line);
  if (!match) return null;
  const [, size = null, objects, spans] = match;
  return { size, objects: Number(objects), spans: spans === undefined ? null : Number(spans) };
}

/** A trace that grows. */
export class GcTrace {
  readonly cycles: Cycle[] = [];
  /** How many lines of the trace are mixed with other output, and left out. */
  mixed = 0;
  #lines = new TraceLines();
  /** The cycle whose scan lines come now; null where its own line was not read. */
  #open: Cycle | null = null;

  /** Takes the next piece of standard error. */
  push(text: string): void {
    for (const line of this.#lines.push(text)) this.#take(line);
  }

  /** Whether a line of the trace has begun that has no end. */
  get isUnfinished(): boolean {
    return countMarks(this.#lines.rest, [...cycleMarks, ...scanMarks]) > 0;
  }

  #take(line: string): void {
    const cycle = readCycle(line);
    // The numbers rise. One that does not was not written by the collector.
    if (cycle && cycle.number > (this.cycles.at(-1)?.number ?? 0)) {
      this.cycles.push(cycle);
      this.#open = cycle;
      return;
    }
    const scanned = readScanned(line);
    if (scanned) {
      this.#open?.scanned.push(scanned);
      return;
    }
    const lost = countMarks(line, cycleMarks);
    if (lost > 0) this.#open = null;
    this.mixed += lost + countMarks(line, scanMarks);
  }
}

/** The two times for which the world stood still, in ms. */
export function pauses({ clock }: Cycle): readonly [number, number] {
  return [clock[0], clock[2]];
}

/** When a cycle was over, in seconds since the program began. */
export function endOf({ at, clock }: Cycle): number {
  return at + (clock[0] + clock[1] + clock[2]) / 1000;
}

/** What a whole trace comes to. */
export interface Summary {
  cycles: number;
  forced: number;
  /** The longest time for which the world stood still, and the sum of all, in ms. */
  longestPause: number;
  allPauses: number;
  /** The largest heap that a line names, in MB. */
  peak: number;
  /** The collector's share of the CPU at the last cycle, in percent; null without one. */
  cpuShare: number | null;
}

/** Sums a trace up. */
export function summary(cycles: readonly Cycle[]): Summary {
  const sum: Summary = {
    cycles: cycles.length,
    forced: 0,
    longestPause: 0,
    allPauses: 0,
    peak: 0,
    cpuShare: cycles.at(-1)?.cpuShare ?? null,
  };
  for (const cycle of cycles) {
    if (cycle.isForced) sum.forced += 1;
    sum.longestPause = Math.max(sum.longestPause, ...pauses(cycle));
    sum.allPauses += cycle.clock[0] + cycle.clock[2];
    sum.peak = Math.max(sum.peak, ...cycle.heap);
  }
  return sum;
}
