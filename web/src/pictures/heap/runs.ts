/** The runs that are laid over each other, and what of each is drawn. Pure. */
import type { RunRequest, TruncatedEvent } from "../../protocol.ts";
import { type Happening, idle, type RunState, reduce } from "../../run-state.ts";
import { godebug } from "../godebug.ts";
import { type Cycle, endOf, GcTrace } from "./gc-trace.ts";
import { nameOf } from "./settings.ts";

/** How many runs are kept, and so how many colours there are. */
export const mostRuns = 8;

/** Points of a line, in the order in which they are joined. */
export interface Points {
  x: number[];
  y: number[];
}

/** The lines of a run. `x` is in seconds since the program began. */
export interface Lines {
  /** MB in use: at the start of each cycle, at its end, and what was alive then. */
  heap: Points;
  /** MB, at the start of the cycle that had it as its goal. */
  goal: Points;
  /** Each time for which the world stood still, in ms, at the moment at which it did. */
  pauses: Points;
  /** Percent of the CPU time so far, at the end of each cycle. */
  share: Points;
}

/** One run and its trace. */
export class TracedRun {
  readonly trace = new GcTrace();
  readonly lines: Lines = {
    heap: { x: [], y: [] },
    goal: { x: [], y: [] },
    pauses: { x: [], y: [] },
    share: { x: [], y: [] },
  };
  state: RunState = idle;
  isShown = true;

  constructor(
    readonly request: RunRequest,
    /** Made of its settings. No two runs have the same. */
    readonly name: string,
    /** Which of the colours it has, from 0. */
    readonly colour: number,
  ) {}

  get cycles(): readonly Cycle[] {
    return this.trace.cycles;
  }

  /** That the trace was cut, if it was. */
  get cut(): TruncatedEvent | undefined {
    return this.state.truncated.find(({ stream }) => stream === "stderr");
  }

  hear(event: Happening): void {
    this.state = reduce(this.state, event);
    if (event.type !== "stderr") return;
    const known = this.cycles.length;
    this.trace.push(event.text);
    for (const cycle of this.cycles.slice(known)) draw(this.lines, cycle);
  }
}

function draw({ heap, goal, pauses, share }: Lines, cycle: Cycle): void {
  const end = endOf(cycle);
  heap.x.push(cycle.at, end, end);
  heap.y.push(...cycle.heap);
  goal.x.push(cycle.at);
  goal.y.push(cycle.goal);
  pauses.x.push(cycle.at, end - cycle.clock[2] / 1000);
  pauses.y.push(cycle.clock[0], cycle.clock[2]);
  share.x.push(end);
  share.y.push(cycle.cpuShare);
}

/** The runs, the oldest first. */
export class Runs {
  list: TracedRun[] = [];
  /** Every code that was run, in the order in which it came. */
  #codes: string[] = [];

  /** A run begins. It takes the place of one of the same name, or of the oldest when there are too many. */
  begin(request: RunRequest): TracedRun {
    const name = this.#name(request);
    const before = this.list.find((run) => run.name === name);
    const kept = this.list.filter((run) => run !== before).slice(before ? 0 : 1 - mostRuns);
    const colours = kept.map(({ colour }) => colour);
    const free = Array.from({ length: mostRuns }, (_, i) => i).find((i) => !colours.includes(i));
    const run = new TracedRun(request, name, before?.colour ?? free ?? 0);
    this.list = [...kept, run];
    return run;
  }

  remove(run: TracedRun): void {
    this.list = this.list.filter((other) => other !== run);
  }

  #name(request: RunRequest): string {
    if (!this.#codes.includes(request.source)) this.#codes.push(request.source);
    const others = [...godebug(request)].filter(([key]) => key !== "gctrace" && key !== "");
    const code = this.#codes.indexOf(request.source) + 1;
    return [
      nameOf(request.env),
      ...others.map(([key, value]) => `${key}=${value}`),
      ...(request.env.GOEXPERIMENT ? [request.env.GOEXPERIMENT] : []),
      ...(code > 1 ? [`code ${code}`] : []),
    ].join(" ");
  }
}

/** The index of the cycle that began nearest to a moment, in seconds; -1 where there is none. */
export function nearest(cycles: readonly Cycle[], seconds: number): number {
  let low = 0;
  let high = cycles.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cycles[middle]?.at ?? 0) < seconds) low = middle + 1;
    else high = middle;
  }
  const before = cycles[low - 1];
  const after = cycles[low];
  if (!before || !after) return before ? low - 1 : after ? low : -1;
  return seconds - before.at <= after.at - seconds ? low - 1 : low;
}
