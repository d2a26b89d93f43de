/** What of a trace is drawn in which lane. Pure. */
import type { Lane } from "./lanes.ts";
import { type Snapshot, tickRate } from "./sched-trace.ts";

/** What the lanes of the Ps show. */
export type Measure = "queue" | "rate";

/** A lane, with its name and what it says of one moment. */
export interface NamedLane extends Lane {
  name: string;
  /** The value at a snapshot, in words. */
  at: (index: number) => string;
}

const colours = {
  all: "var(--heap, #9a5300)",
  own: "var(--stack, #0b6480)",
  busy: "var(--soft, #51626c)",
  spinning: "var(--hl-type, #5a3fa0)",
  idle: "var(--line-strong, #a9b6bd)",
  stopped: "var(--bad, #b3261e)",
};

/** The colour of each status of a P that has one. */
export const statusColours: readonly (string | null)[] = [
  null,
  "var(--good, #1d6b3a)",
  colours.all,
  colours.stopped,
  null,
];

/** The keys to the lane of threads. */
export const threadColours: readonly (readonly [string, string])[] = [
  [colours.busy, "other threads"],
  [colours.spinning, "spinning"],
  [colours.idle, "idle"],
];

/** How many Ps there ever were. */
export function mostProcs(snapshots: readonly Snapshot[]): number {
  return snapshots.reduce((most, { queues, procs }) => Math.max(most, queues.length, procs), 0);
}

/** Whether the trace has the ticks of Ps. */
export function hasTicks(snapshots: readonly Snapshot[]): boolean {
  return snapshots.some(({ ticks }) => ticks.some((tick) => tick !== null));
}

/** A rate with as many digits as it bears. */
export function rateText(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : String(Math.round(rate));
}

const unknown = "not known";

/** All lanes, from above. */
export function lanesOf(snapshots: readonly Snapshot[], measure: Measure): NamedLane[] {
  const pick = (value: (snapshot: Snapshot) => number) => snapshots.map(value);
  const count = mostProcs(snapshots);
  const ofPs = Array.from({ length: count }, (_, p) =>
    snapshots.map((snapshot, i) =>
      measure === "queue" ? (snapshot.queues[p] ?? null) : tickRate(snapshots, i, p),
    ),
  );
  const most = mostOf(ofPs.flat());
  const global = pick((snapshot) => snapshot.global);
  const idle = pick(({ idleProcs }) => idleProcs);
  const threads = pick(({ threads }) => threads);
  return [
    {
      name: "Threads",
      most: mostOf(threads),
      parts: [
        {
          colour: colours.busy,
          // Numbers of one snapshot are read one after the other, and may not add up.
          values: pick((it) => Math.max(0, it.threads - it.idleThreads - it.spinning)),
        },
        { colour: colours.spinning, values: pick(({ spinning }) => spinning) },
        { colour: colours.idle, values: pick(({ idleThreads }) => idleThreads) },
      ],
      at: (i) => String(threads[i] ?? unknown),
    },
    {
      name: "Idle Ps",
      most: Math.max(1, count),
      parts: [{ colour: colours.idle, values: idle }],
      at: (i) => `${idle[i] ?? unknown}`,
    },
    {
      name: "Global queue",
      most: mostOf(global),
      parts: [{ colour: colours.all, values: global }],
      at: (i) => String(global[i] ?? unknown),
    },
    ...ofPs.map(
      (values, p): NamedLane => ({
        name: `P${p}`,
        most,
        parts: [{ colour: colours.own, values }],
        strip: snapshots.map(
          ({ detail }) =>
            statusColours[detail?.ps.find(({ id }) => id === p)?.status ?? -1] ?? null,
        ),
        at: (i) => {
          const value = values[i];
          if (typeof value !== "number") return unknown;
          return measure === "queue" ? String(value) : `${rateText(value)} / ms`;
        },
      }),
    ),
  ];
}

function mostOf(values: readonly (number | null)[]): number {
  return values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0) || 1;
}

/** One moment in words. */
export function momentSentence(snapshot: Snapshot): string {
  const { at, procs, idleProcs, threads, idleThreads, spinning, global, queues, detail } = snapshot;
  const waiting = queues.flatMap((queue, p) =>
    queue === null ? [`an unknown number for P${p}`] : queue > 0 ? [`${queue} for P${p}`] : [],
  );
  const queued = [...(global > 0 ? [`${global} for any P`] : []), ...waiting];
  return [
    `At ${at} ms: ${procs} ${procs === 1 ? "P" : "Ps"}, ${idleProcs} of them idle.`,
    queued.length > 0
      ? `Goroutines that wait to run: ${queued.join(", ")}.`
      : "No goroutine waits to run.",
    `${threads} threads, ${idleThreads} of them idle and ${spinning} spinning.`,
    ...(detail?.gcWaiting ? ["The collector waits to stop the program."] : []),
  ].join(" ");
}
