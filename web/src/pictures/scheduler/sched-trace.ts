/**
 * Reads what GODEBUG=schedtrace=N prints, with and without scheddetail=1 (schedtrace in runtime/proc.go,
 * Go 1.22 to 1.27). Pure.
 *
 * A line is written in many pieces, and what the program itself writes to standard error may come between
 * any two. Only lines that are whole are read. A piece is never cut, so the piece that each line has once
 * says how many lines there were. The runtime does not stop for a snapshot: parts of one may contradict.
 */
import { countMarks, TraceLines } from "../trace-lines.ts";

/** What a P does. */
export interface P {
  id: number;
  /** A number of runtime2.go: see `pStatus`. */
  status: number;
  /** Rises with each time slice that it begins: a goroutine that runs in the slice of another adds nothing. */
  schedTick: number;
  sysTick: number;
  /** The thread that has it. */
  m: number | null;
  queue: number;
  freeGs: number;
  timers: number;
}

/** A thread. */
export interface M {
  id: number;
  p: number | null;
  /** The goroutine that it runs, or is in a system call for. */
  g: number | null;
  isSpinning: boolean;
  /** Whether it sleeps until it is needed. */
  isBlocked: boolean;
  locks: number;
  /** The goroutine that is locked to it. */
  lockedG: number | null;
}

/** A goroutine. */
export interface G {
  id: number;
  /** A number of runtime2.go: see `gStatus`. */
  status: number;
  /** Why it waited last. It says something only while it waits. */
  reason: string;
  m: number | null;
  lockedM: number | null;
}

/** What scheddetail=1 adds. */
export interface Detail {
  gcWaiting: boolean;
  stopWait: number;
  ps: P[];
  ms: M[];
  gs: G[];
}

/** One moment. */
export interface Snapshot {
  /** Milliseconds since the first. */
  at: number;
  procs: number;
  idleProcs: number;
  threads: number;
  spinning: number;
  /** Null where the release does not tell. */
  needSpinning: number | null;
  idleThreads: number;
  /** Goroutines that wait in the queue of all. */
  global: number;
  /** Goroutines that wait in the queue of each P; null where the line of that P is lost or still to come. */
  queues: (number | null)[];
  /** How many time slices each P has begun; null as above, and where the release does not tell. */
  ticks: (number | null)[];
  /** Null without scheddetail. */
  detail: Detail | null;
}

const headLine =
  /^SCHED (\d+)ms: gomaxprocs=(\d+) idleprocs=(\d+) threads=(\d+) spinningthreads=(\d+)(?: needspinning=(\d+))? idlethreads=(\d+) runqueue=(\d+)(.*)$/;
const queuesRest = /^ \[ ?(\d+(?: \d+)*) ?\](?: schedticks=\[ (\d+(?: \d+)*) \])?$/;
const detailRest = /^ gcwaiting=(\w+) nmidlelocked=-?\d+ stopwait=(-?\d+) sysmonwait=\w+$/;
const pLine =
  /^ {2}P(\d+): status=(\d+) schedtick=(\d+) syscalltick=(\d+) m=(\d+|nil) runqsize=(\d+) gfreecnt=(-?\d+) timerslen=(\d+)$/;
const mLine =
  /^ {2}M(\d+): p=(\d+|nil) curg=(\d+|nil) mallocing=\d+ throwing=\d+ preemptoff=.* locks=(-?\d+) dying=\d+ spinning=(\w+) blocked=(\w+) lockedg=(\d+|nil)$/;
const gLine = /^ {2}G(\d+): status=(\d+)\((.*)\) m=(\d+|nil) lockedm=(\d+|nil)$/;

/** Pieces that a line of the trace has exactly once: of a snapshot, of a P or G, of an M. */
const marks = ["ms: gomaxprocs=", ": status=", ": p="];

/** A trace that grows. */
export class SchedTrace {
  readonly snapshots: Snapshot[] = [];
  /** How many lines of the trace are mixed with other output, and left out. */
  mixed = 0;
  #lines = new TraceLines();
  /** The snapshot whose further lines come now; null where its own line was not read. */
  #open: Snapshot | null = null;

  /** Takes the next piece of standard error. */
  push(text: string): void {
    for (const line of this.#lines.push(text)) this.#take(line);
  }

  /** Whether a line of the trace has begun that has no end. */
  get isUnfinished(): boolean {
    return countMarks(this.#lines.rest, marks) > 0;
  }

  #take(line: string): void {
    const snapshot = readSnapshot(line);
    // Time does not run backwards in a trace.
    if (snapshot && snapshot.at >= (this.snapshots.at(-1)?.at ?? 0)) {
      this.snapshots.push(snapshot);
      this.#open = snapshot;
      return;
    }
    if (this.#takePart(line)) return;
    if (countMarks(line, marks.slice(0, 1)) > 0) this.#open = null;
    this.mixed += countMarks(line, marks);
  }

  /** A line on a P, an M or a G. */
  #takePart(line: string): boolean {
    const p = readP(line);
    const m = p ? null : readM(line);
    const g = p || m ? null : readG(line);
    if (!p && !m && !g) return false;
    const detail = this.#open?.detail;
    if (p && detail && this.#open) {
      detail.ps.push(p);
      this.#open.queues[p.id] = p.queue;
      this.#open.ticks[p.id] = p.schedTick;
    }
    if (m) detail?.ms.push(m);
    if (g) detail?.gs.push(g);
    return true;
  }
}

/** A snapshot from its first line, which is its only one without scheddetail; null for any other. */
export function readSnapshot(line: string): Snapshot | null {
  const match = headLine.exec(line);
  if (!match) return null;
  const [, at, procs, idleProcs, threads, spinning, needSpinning, idleThreads, global, rest = ""] =
    match;
  const count = Number(procs);
  const short = queuesRest.exec(rest);
  const long = detailRest.exec(rest);
  if (!short && !long) return null;
  const unknown: null[] = Array(count).fill(null);
  return {
    at: Number(at),
    procs: count,
    idleProcs: Number(idleProcs),
    threads: Number(threads),
    spinning: Number(spinning),
    needSpinning: needSpinning === undefined ? null : Number(needSpinning),
    idleThreads: Number(idleThreads),
    global: Number(global),
    queues: short?.[1]?.split(" ").map(Number) ?? [...unknown],
    ticks: short?.[2]?.split(" ").map(Number) ?? [...unknown],
    detail: long
      ? { gcWaiting: long[1] === "true", stopWait: Number(long[2]), ps: [], ms: [], gs: [] }
      : null,
  };
}

function orNil(text: string | undefined): number | null {
  return text === undefined || text === "nil" ? null : Number(text);
}

function readP(line: string): P | null {
  const match = pLine.exec(line);
  if (!match) return null;
  const [, id, status, schedTick, sysTick, m, queue, freeGs, timers] = match;
  return {
    id: Number(id),
    status: Number(status),
    schedTick: Number(schedTick),
    sysTick: Number(sysTick),
    m: orNil(m),
    queue: Number(queue),
    freeGs: Number(freeGs),
    timers: Number(timers),
  };
}

function readM(line: string): M | null {
  const match = mLine.exec(line);
  if (!match) return null;
  const [, id, p, g, locks, spinning, blocked, lockedG] = match;
  return {
    id: Number(id),
    p: orNil(p),
    g: orNil(g),
    isSpinning: spinning === "true",
    isBlocked: blocked === "true",
    locks: Number(locks),
    lockedG: orNil(lockedG),
  };
}

function readG(line: string): G | null {
  const match = gLine.exec(line);
  if (!match) return null;
  const [, id, status, reason = "", m, lockedM] = match;
  return { id: Number(id), status: Number(status), reason, m: orNil(m), lockedM: orNil(lockedM) };
}

const pNames = ["idle", "running", "in a system call", "stopped for the collector", "dead"];
const gNames: Record<number, string> = {
  0: "new",
  1: "runnable",
  2: "running",
  3: "in a system call",
  4: "waiting",
  6: "dead",
  8: "moving its stack",
  9: "preempted",
  10: "leaked",
  11: "dead, kept for C",
};
/** Set while the collector looks at the stack of a goroutine. */
const scanBit = 0x1000;

/** The name of a P's status. */
export function pStatus(status: number): string {
  return pNames[status] ?? `status ${status}`;
}

/** What a goroutine does: its status, with the reason where it waits. */
export function gStatus({ status, reason }: Pick<G, "status" | "reason">): string {
  const plain = status & ~scanBit;
  const name = gNames[plain] ?? `status ${plain}`;
  const isScanned = status & scanBit ? ", its stack is scanned" : "";
  return (plain === 4 && reason ? `${name}: ${reason}` : name) + isScanned;
}

/**
 * How many time slices a P began in each ms since the snapshot before. Null where either is not known,
 * or no ms lies between.
 */
export function tickRate(snapshots: readonly Snapshot[], index: number, p: number): number | null {
  const now = snapshots[index];
  const before = snapshots[index - 1];
  const to = now?.ticks[p];
  const from = before?.ticks[p];
  if (!now || !before || typeof to !== "number" || typeof from !== "number") return null;
  // The counter has 32 bits.
  return now.at > before.at ? ((to - from) >>> 0) / (now.at - before.at) : null;
}
