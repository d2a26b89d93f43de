/** The runs that the picture makes beside the reader's own. */
import type { DiagnosticEvent, ExitEvent, RunEvent, RunRequest } from "../../protocol.ts";
import { parts } from "../../txtar.ts";
import { type Decision, decision } from "../decisions.ts";
import { type Counts, counts, report } from "./allocations.ts";
import { counting } from "./counting.ts";

type Run = (request: RunRequest, signal: AbortSignal) => AsyncGenerator<RunEvent>;

/** What a counting run came to. */
export interface Counted {
  /** Null where nothing could be counted. */
  counts: Counts | null;
  /** What has to be known of it, or why there is nothing; empty if it went as it should. */
  note: string;
}

/** Runs the program of an escape run and counts what it allocates. */
export async function count(run: Run, request: RunRequest, signal: AbortSignal): Promise<Counted> {
  const mark = `c${[...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(36)).join("")}`;
  const program = counting(request.source, mark);
  if (!program) return { counts: null, note: "There is no func main() to run." };
  let stdout = "";
  let stderr = "";
  let exit: ExitEvent | null = null;
  const asked = { ...request, source: program.source, mode: "run", options: {} };
  for await (const event of run(asked, signal)) {
    if (event.type === "stdout") stdout += event.text;
    if (event.type === "stderr") stderr += event.text;
    if (event.type === "exit") exit = event;
  }
  const told = report(stdout, mark);
  if (told.returned === null) return { counts: null, note: whyNot(exit, stderr) };
  const notes = [
    told.returned ? "" : "main did not come to its end. This is what was allocated until then.",
    told.isWhole ? "" : "A part of the report was lost in the program's own output: it was more.",
  ];
  return { counts: counts(told, parts(request.source)), note: notes.join(" ").trim() };
}

/** Why there is no report: it is written when `main` ends. */
function whyNot(exit: ExitEvent | null, stderr: string): string {
  switch (exit?.status) {
    case "build_failed":
      return `The program that counts does not build: ${stderr.split("\n").find((line) => line.includes(".go:")) ?? ""}`;
    case "timed_out":
      return "Nothing could be counted: the program did not end in time, and the report is written at its end.";
    case "out_of_memory":
      return "Nothing could be counted: the program needed more memory than it may.";
    case "output_limit":
      return "Nothing could be counted: the program printed more than it may.";
    case "ok":
    case "failed":
    case "signalled":
      return "Nothing could be counted: the program ended before its main did, by os.Exit or a fatal error.";
    default:
      return "Nothing could be counted: the run did not come to its end.";
  }
}

/** The decisions of the same code with reasons, from a run with -m=2. */
export async function explained(
  run: Run,
  request: RunRequest,
  signal: AbortSignal,
): Promise<Decision[]> {
  const files = parts(request.source);
  const told: DiagnosticEvent[] = [];
  const asked = { ...request, options: { ...request.options, level: 2 } };
  for await (const event of run(asked, signal)) if (event.type === "diagnostic") told.push(event);
  return told.flatMap((event) => decision(event, files) ?? []);
}
