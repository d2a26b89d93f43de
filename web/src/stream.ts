/** Starts a run and yields its events as they arrive. */
import { EventStreamParser } from "./event-stream.ts";
import { isProblem, readProblem } from "./problem.ts";
import type { Problem, RunEvent, RunRequest } from "./protocol.ts";

/** The server refused the request, and said why. */
export class RefusedError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
  }
}

/** The run was lost on its way here: the words are for the reader. */
export class LostError extends Error {}

/** Nothing answered, or nothing that this page may read: the two look alike to it. */
export class UnreachableError extends LostError {}

const known = new Set<string>([
  "queued",
  "started",
  "step",
  "stdout",
  "stderr",
  "diagnostic",
  "artifact",
  "truncated",
  "exit",
]);

/** Reads one message. Null for a type of event that this page does not know. */
export function parseEvent(data: string): RunEvent | null {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    throw new LostError("The server sent an event that is not JSON. Please run it again.");
  }
  if (typeof value !== "object" || value === null || !("type" in value)) {
    throw new LostError("The server sent an event without a type. Please run it again.");
  }
  return known.has(String(value.type)) ? (value as RunEvent) : null;
}

/** Reads the events out of a body until `exit`; a body that stops before it is an error. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<RunEvent> {
  const parser = new EventStreamParser();
  const text = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      for (const message of parser.push(text.decode(value, { stream: true }))) {
        const event = parseEvent(message);
        if (event) yield event;
        if (event?.type === "exit") return;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  throw new LostError(
    "The connection closed before the run had ended. What came until then is shown. Please run it again.",
  );
}

/**
 * Sends a run to a service and yields its events. Aborting `signal` closes the connection, which ends the run.
 * Throws RefusedError, LostError, or the abort's own error.
 */
export async function* startRun(
  service: string,
  request: RunRequest,
  signal: AbortSignal,
): AsyncGenerator<RunEvent> {
  let response: Response;
  try {
    response = await fetch(`${service}/api/v1/runs`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
      body: JSON.stringify(request),
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new UnreachableError(
      "The server cannot be reached. Check the connection, then run it again.",
    );
  }
  // What stands in front of a service that is down answers in its place.
  if ([502, 503, 504].includes(response.status) && !isProblem(response))
    throw new LostError("The server does not answer. Please try again later.");
  if (!response.ok) throw new RefusedError(await readProblem(response));
  const type = response.headers.get("content-type") ?? "";
  if (!type.startsWith("text/event-stream") || !response.body) {
    throw new LostError(
      "The server answered with something other than a run. Please reload the page.",
    );
  }
  try {
    yield* readEvents(response.body);
  } catch (error) {
    if (signal.aborted || error instanceof LostError) throw error;
    throw new LostError(
      "The connection broke before the run had ended. What came until then is shown. Please run it again.",
    );
  }
}
