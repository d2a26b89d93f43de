/** Runs of benchmarks that are kept to be compared, and what one is compared with. Pure functions. */
import type { ExitEvent, RunRequest } from "../../protocol.ts";
import { type Benchmark, counterpart, type Report } from "./format.ts";

/** So many earlier runs are kept. */
export const KEPT = 7;

/** A run, as far as it has come. */
export interface Run {
  /** Counts the runs of this snippet, from 1. */
  number: number;
  request: RunRequest;
  /** Whether the picture asked for it, so that its text stands nowhere else. */
  isOwn: boolean;
  /** What was printed; of a run that the picture asked for, with the commands that show the same in a terminal. */
  text: string;
  report: Report;
  /** How it ended; of several, how the first one that went wrong did. */
  exit: ExitEvent | null;
  /** Why it did not come to an end, in words. */
  lost: string;
}

/** What a benchmark is compared with: an earlier run, or another benchmark of the same run. */
export type Base = { run: number } | { benchmark: string } | null;

/** What a reader sees first: an earlier run of other code or with other settings, else the first benchmark of the run. */
export function usualBase(run: Run, earlier: readonly Run[]): Base {
  const { benchmarks } = run.report;
  const other = earlier.findLast(
    ({ request, report }) =>
      (request.source !== run.request.source || settings(request) !== settings(run.request)) &&
      benchmarks.some((benchmark) => counterpart(benchmark, report.benchmarks)),
  );
  if (other) return { run: other.number };
  const [first] = benchmarks;
  return first && benchmarks.length > 1 ? { benchmark: first.name } : null;
}

/** The values that a benchmark is compared with, if there are any. */
export function basisOf(
  benchmark: Benchmark,
  unit: string,
  base: Base,
  run: Run,
  earlier: readonly Run[],
): readonly number[] | undefined {
  if (base === null) return undefined;
  if ("benchmark" in base) {
    if (base.benchmark === benchmark.name) return undefined;
    return run.report.benchmarks.find(({ name }) => name === base.benchmark)?.units.get(unit);
  }
  const other = earlier.find(({ number }) => number === base.run);
  return other && counterpart(benchmark, other.report.benchmarks)?.units.get(unit);
}

/** The environment of a run, in a fixed order. */
function settings({ env }: RunRequest): string {
  return Object.keys(env)
    .filter((name) => env[name])
    .sort()
    .map((name) => `${name}=${env[name]}`)
    .join(" ");
}

/** What an earlier run is called, beside the one that is shown. */
export function nameOf(run: Run, shown: Run): string {
  const count = Math.max(0, ...sampleSizes(run.report));
  return [
    `Run ${run.number}`,
    run.request.source === shown.request.source ? "the same code" : "other code",
    settings(run.request),
    count === 1 ? "measured once" : `measured ${count} times`,
  ]
    .filter((part) => part)
    .join(", ");
}

/** Whether nothing more will come of a run. */
export function isOver({ exit, lost }: Run): boolean {
  return exit !== null || lost !== "";
}

/**
 * Filters with which the same is measured again: the reader's own, else one for each function, since the limit of time is
 * one for each run.
 */
export function filtersOf({ request, report }: Run): string[] {
  const { filter } = request.options;
  if (typeof filter === "string" && filter) return [filter];
  const functions = report.benchmarks.map(({ base }) => base.split("/")[0]);
  return [...new Set(functions)].map((name) => `^Benchmark${name}$`);
}

/** How often each benchmark was measured. */
export function sampleSizes({ benchmarks }: Report): number[] {
  return benchmarks.map(({ units }) =>
    Math.max(...[...units.values()].map(({ length }) => length)),
  );
}
