/** Numbers and endings in plain words. Pure. */
import type { ExitEvent, TruncatedEvent } from "./protocol.ts";
import { currentStep, type RunState, type Step } from "./run-state.ts";

/** What is said of an ending when the page brought no sentence for its status. */
const plainEndings: Record<string, string> = {
  ok: "Finished.",
  build_failed: "It does not build.",
  failed: "Ended with exit code {code}.",
  signalled: "Ended by signal {signal}.",
  timed_out: "Stopped: the time was up.",
  out_of_memory: "Stopped: the memory was used up.",
  output_limit: "Stopped: it printed more than is kept.",
  cancelled: "Stopped.",
  internal: "The server failed, not your code. Please run it again.",
};

/**
 * The sentence of an ending. `endings` are the page's own sentences, by status; `{code}`,
 * `{signal}`, `{limit}` and any other field of the exit event are filled in. A sentence whose
 * blank cannot be filled gives way to one without it.
 */
export function endingSentence(exit: ExitEvent, endings: Record<string, string>): string {
  const candidates = [endings[exit.status], plainEndings[exit.status]];
  for (const sentence of candidates) {
    const filled = sentence && fill(sentence, exit);
    if (filled) return filled;
  }
  return "Ended.";
}

function fill(sentence: string, exit: ExitEvent): string | undefined {
  const fields = exit as unknown as Record<string, unknown>;
  let whole = true;
  const filled = sentence.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = fields[name];
    if (value === undefined || value === null || value === "") whole = false;
    return String(value);
  });
  return whole ? filled : undefined;
}

/** A time: `0.4 ms`, `38 ms`, `1.24 s`, `12 s`. */
export function milliseconds(ms: number): string {
  if (ms < 1) return `${Math.max(0, ms).toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  return `${seconds < 9.995 ? seconds.toFixed(2) : Math.round(seconds)} s`;
}

/** A size, in the binary units that Go's own traces use: `512 B`, `1.5 MiB`, `24 MiB`. */
export function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const text = unit === 0 || value >= 9.95 ? String(Math.round(value)) : value.toFixed(1);
  return `${text.replace(/\.0$/, "")} ${units[unit]}`;
}

/** Name and value of what a run cost, as far as the server told. */
export function costs(exit: ExitEvent): [name: string, value: string][] {
  const list: [string, string][] = [];
  if (typeof exit.wall_ms === "number") list.push(["Wall", milliseconds(exit.wall_ms)]);
  if (typeof exit.cpu_ms === "number") list.push(["CPU", milliseconds(exit.cpu_ms)]);
  if (typeof exit.max_rss_bytes === "number") list.push(["Memory", bytes(exit.max_rss_bytes)]);
  return list;
}

/** What is said of a stream that was cut. */
export function cutNote(event: TruncatedEvent): string {
  return `${event.stream} was cut after ${bytes(event.limit_bytes)}. What came later was thrown away.`;
}

const stepWords: Record<string, string> = {
  compile: "Compiling",
  build: "Building",
  link: "Linking",
  exec: "Running",
  run: "Running",
};

/** What is going on, while a step is. */
export function stepSentence(step: Step): string {
  return `${stepWords[step.name] ?? step.name}…`;
}

/** How long to wait, in words. */
export function waitSentence(seconds: number): string {
  return seconds <= 1 ? "Try again in a second." : `Try again in ${seconds} seconds.`;
}

/** One line on where the run is, or how it ended. */
export function statusSentence(state: RunState, endings: Record<string, string>): string {
  switch (state.phase) {
    case "idle":
      return "";
    case "sent":
      return "Sending…";
    case "queued":
      return (state.position ?? 1) <= 1
        ? "Next in the queue…"
        : `Number ${state.position} in the queue…`;
    case "running": {
      const step = currentStep(state);
      return step ? stepSentence(step) : "Running…";
    }
    case "ended":
      return state.exit ? endingSentence(state.exit, endings) : "Ended.";
    case "stopped":
      return "Stopped by you.";
    case "refused":
      return state.problem?.title ?? "Refused.";
    case "lost":
      return state.message ?? "The connection was lost.";
  }
}

/** Whether the line above tells of something that went wrong. */
export function isBad(state: RunState): boolean {
  if (state.phase === "refused" || state.phase === "lost") return true;
  return state.phase === "ended" && state.exit?.status !== "ok";
}
