/**
 * The types of `POST /api/v1/runs`: what is sent, and the events that come back.
 * A leaf: it imports nothing. Fields are as the server documents them in `/api/openapi.json`.
 */

/** The body of a run request. */
export interface RunRequest {
  /** One Go file, or several in txtar form. */
  source: string;
  /** `run`, `escape`, `asm`, …: the server's closed set. */
  mode: string;
  /** Typed options of the mode. */
  options: Record<string, unknown>;
  /** Runtime environment: GODEBUG, GOGC and the few others that are allowed. */
  env: Record<string, string>;
  /** Arguments of the program. */
  args?: string[];
  /** What the program reads from standard input. */
  stdin?: string;
  /** The toolchain, such as `1.26`; the service's own choice without it. */
  go?: string;
}

/** One of the program's two output streams. */
export type Stream = "stdout" | "stderr";

/** How a run ended. */
export type ExitStatus =
  | "ok"
  | "build_failed"
  | "failed"
  | "signalled"
  | "timed_out"
  | "out_of_memory"
  | "output_limit"
  | "cancelled"
  | "internal";

interface Base {
  /** Number of the event in its run. */
  seq?: number;
  /** Milliseconds since the run was accepted. */
  t_ms?: number;
}

/** Waiting for a free place; `position` 1 is next. */
export interface QueuedEvent extends Base {
  type: "queued";
  position: number;
}

/** Work has begun. */
export interface StartedEvent extends Base {
  type: "started";
  go: string;
  mode: string;
  /** The output is that of an earlier, equal run. */
  cached: boolean;
  /** What a reader can paste into a terminal to get the same. */
  command: string;
}

/** A step (compile, link, exec, …) began, or ended when `wall_ms` is there. */
export interface StepEvent extends Base {
  type: "step";
  name: string;
  wall_ms?: number | null;
}

/** Output, as it was written. Never cut inside a character. */
export interface OutputEvent extends Base {
  type: Stream;
  text: string;
}

/** A place in the code that a message points at. Lines and columns count from 1. */
export interface Place {
  file: string;
  line: number;
  /** The compiler knows none beyond 254. */
  column?: number;
  message: string;
}

/** Something about a place in the code, or about the run as a whole where no place is named. */
export interface DiagnosticEvent extends Base, Partial<Omit<Place, "message">> {
  type: "diagnostic";
  message: string;
  severity: string;
  code?: string | null;
  related?: Place[];
}

/** What a tool wrote into a file. */
export interface ArtifactEvent extends Base {
  type: "artifact";
  name: string;
  mime: string;
  text: string;
}

/** A stream was cut after `limit_bytes`. */
export interface TruncatedEvent extends Base {
  type: "truncated";
  stream: Stream;
  limit_bytes: number;
}

/** The last event of every run. */
export interface ExitEvent extends Base {
  type: "exit";
  status: ExitStatus;
  /** The program's exit code, where it had one. */
  code?: number | null;
  /** Name or number of the signal that ended it. */
  signal?: string | number | null;
  wall_ms?: number | null;
  cpu_ms?: number | null;
  max_rss_bytes?: number | null;
}

/** Every event that this page understands. Others are passed over, so that new ones can be added. */
export type RunEvent =
  | QueuedEvent
  | StartedEvent
  | StepEvent
  | OutputEvent
  | DiagnosticEvent
  | ArtifactEvent
  | TruncatedEvent
  | ExitEvent;

/** A refused request, in the words of RFC 9457. */
export interface Problem {
  status: number;
  title: string;
  detail: string;
  /** What would have been accepted, where the server lists it. */
  allowed: string[];
  /** Seconds to wait before trying again. */
  retryAfter?: number;
}
