/** What is known of a run, as a pure function of its events. The output's text is kept elsewhere. */
import type {
  ArtifactEvent,
  DiagnosticEvent,
  ExitEvent,
  Problem,
  RunEvent,
  Stream,
  TruncatedEvent,
} from "./protocol.ts";

/** How far a run has come. */
export type Phase =
  | "idle"
  | "sent"
  | "queued"
  | "running"
  | "ended"
  | "stopped"
  | "refused"
  | "lost";

/** One step of the work. `wallMs` is there once it is over. */
export interface Step {
  name: string;
  wallMs?: number;
}

/** Everything the page shows of a run, apart from its output. */
export interface RunState {
  readonly phase: Phase;
  /** Place in the queue while `phase` is `queued`; 1 is next. */
  readonly position?: number;
  readonly go?: string;
  readonly cached: boolean;
  readonly command?: string;
  readonly steps: readonly Step[];
  /** Characters that came on each stream. */
  readonly chars: Readonly<Record<Stream, number>>;
  /** Those about the run as a whole. */
  readonly diagnostics: readonly DiagnosticEvent[];
  /** What tools wrote into files. */
  readonly artifacts: readonly ArtifactEvent[];
  readonly truncated: readonly TruncatedEvent[];
  readonly exit?: ExitEvent;
  readonly problem?: Problem;
  /** Why the run was lost. */
  readonly message?: string;
}

/** What can happen to a run: its events, and what happens on this side of the connection. */
export type Happening =
  | RunEvent
  | { type: "sent" }
  | { type: "stopped" }
  | { type: "refused"; problem: Problem }
  | { type: "lost"; message: string };

/** Before the first run. */
export const idle: RunState = {
  phase: "idle",
  cached: false,
  steps: [],
  chars: { stdout: 0, stderr: 0 },
  diagnostics: [],
  artifacts: [],
  truncated: [],
};

/** Whether a run is under way. */
export function isBusy(state: RunState): boolean {
  return state.phase === "sent" || state.phase === "queued" || state.phase === "running";
}

/** Whether nothing of a run comes after this. */
export function isEnd({ type }: Happening): boolean {
  return ["exit", "stopped", "refused", "lost"].includes(type);
}

/** How a run ended: the status that it exited with, or what happened on this side; null while it goes on. */
export function endingOf(event: Happening): string | null {
  if (event.type === "exit") return event.status;
  return isEnd(event) ? event.type : null;
}

/** The step that is going on now. */
export function currentStep(state: RunState): Step | undefined {
  return state.steps.findLast((step) => step.wallMs === undefined);
}

/** The state after `event`. Once a run is over, nothing but a new one changes it. */
export function reduce(state: RunState, event: Happening): RunState {
  if (event.type === "sent") return { ...idle, phase: "sent" };
  if (!isBusy(state)) return state;
  switch (event.type) {
    case "queued":
      return { ...state, phase: "queued", position: event.position };
    case "started":
      return {
        ...state,
        phase: "running",
        go: event.go,
        cached: event.cached,
        command: event.command,
      };
    case "step":
      return { ...state, phase: "running", steps: withStep(state.steps, event) };
    case "stdout":
    case "stderr":
      return {
        ...state,
        phase: "running",
        chars: { ...state.chars, [event.type]: state.chars[event.type] + event.text.length },
      };
    case "diagnostic":
      // What is said of a file is there in the tools' own words.
      if (event.file !== undefined) return state;
      return { ...state, diagnostics: [...state.diagnostics, event] };
    case "artifact":
      return { ...state, artifacts: [...state.artifacts, event] };
    case "truncated":
      return { ...state, truncated: [...state.truncated, event] };
    case "exit":
      return { ...state, phase: "ended", exit: event };
    case "stopped":
      return { ...state, phase: "stopped" };
    case "refused":
      return { ...state, phase: "refused", problem: event.problem };
    case "lost":
      return { ...state, phase: "lost", message: event.message };
  }
}

/** A step is told twice, at its start and at its end, or only at its end. */
function withStep(
  steps: readonly Step[],
  event: { name: string; wall_ms?: number | null },
): readonly Step[] {
  if (typeof event.wall_ms !== "number") return [...steps, { name: event.name }];
  const ended: Step = { name: event.name, wallMs: event.wall_ms };
  const at = steps.findLastIndex((step) => step.name === event.name && step.wallMs === undefined);
  return at < 0 ? [...steps, ended] : steps.map((step, i) => (i === at ? ended : step));
}
