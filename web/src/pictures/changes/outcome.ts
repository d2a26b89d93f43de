/** What a run decided, as plain data that can be compared with that of another run. */
import { parser } from "@lezer/go";
import type { DiagnosticEvent, RunRequest } from "../../protocol.ts";
import { endingOf, type Happening } from "../../run-state.ts";
import { lineInText, type Part, parts } from "../../txtar.ts";
import { decision } from "../decisions.ts";

/** Something that was decided about a place. */
export interface Said {
  /** The code of the diagnostic, or `call …` for one in the machine code. */
  code: string;
  /** What was decided on: the message without numbers that any edit changes. */
  subject: string;
  message: string;
  /** Where it is in the source as a whole. */
  line: number;
  column?: number | undefined;
  /** As the tool names the place. */
  at: string;
}

/** What one run came to. */
export interface Outcome {
  request: RunRequest;
  /** The toolchain, as `go1.27.3`. */
  go: string;
  /** Whether the compiler came to its end. Where it did not, it decided nothing. */
  isWhole: boolean;
  /** Whether it ended otherwise than by its code: nothing is known of that, then. */
  isLost: boolean;
  said: readonly Said[];
  /** For machine code: how many of each instruction a function has. */
  instructions: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** The codes that -m tells without -m=2. Two runs of different levels are compared by these. */
const ofLevelOne = new Set([
  ...["heap", "stack", "leak", "inline", "inlined-call", "devirtualised", "zero-copy"],
  ...["bounds-proved", "self-assignment", "uintptr"],
]);

/** Gathers what a run says. */
export class Hearing {
  readonly #files: readonly Part[];
  readonly #said: Said[] = [];
  #go = "";
  #text = "";
  #ending: string | null = null;

  constructor(readonly request: RunRequest) {
    this.#files = parts(request.source);
  }

  /** Whether it is over. */
  get isOver(): boolean {
    return this.#ending !== null;
  }

  take(event: Happening): void {
    if (event.type === "started") this.#go = event.go;
    if (event.type === "stdout" && this.request.mode === "asm") this.#text += event.text;
    if (event.type === "diagnostic") this.#said.push(...said(event, this.#files));
    this.#ending ??= endingOf(event);
  }

  /** What it came to, once it is over. */
  outcome(): Outcome {
    const { calls, instructions } = machineCode(this.#text, this.#files);
    return {
      request: this.request,
      go: this.#go,
      isWhole: this.#ending === "ok",
      isLost: this.#ending !== "ok" && this.#ending !== "build_failed",
      said: [...this.#said, ...calls],
      instructions,
    };
  }
}

function said(event: DiagnosticEvent, files: readonly Part[]): Said[] {
  const told = decision(event, files);
  if (!told || told.code === "compile-error" || told.code === "vet") return [];
  const { code, message, line, column, at } = told;
  const subject = message
    .replace(/ with cost \d+ as: .*$/s, "")
    .replace(/^(cannot inline [^:]+): .*$/s, "$1");
  return [{ code, subject, message, line, column, at }];
}

/** What two runs have both been asked to tell. */
export function comparable(one: Outcome, other: Outcome): [readonly Said[], readonly Said[]] {
  const level = ({ request }: Outcome) => Number(request.options.level ?? 1);
  if (level(one) === level(other)) return [one.said, other.said];
  const keep = ({ code }: Said) => ofLevelOne.has(code);
  return [one.said.filter(keep), other.said.filter(keep)];
}

/** Calls and instructions of a listing of `-S`. */
export function machineCode(
  text: string,
  files: readonly Part[],
): { calls: Said[]; instructions: Map<string, Map<string, number>> } {
  const calls: Said[] = [];
  const instructions = new Map<string, Map<string, number>>();
  let now = new Map<string, number>();
  for (const row of text.split("\n")) {
    const symbol = /^(\S.*?)(?:<\w+>)? S[A-Z]+ .*\bsize=/.exec(row)?.[1];
    if (symbol !== undefined) {
      now = new Map();
      if (/ STEXT /.test(row)) instructions.set(symbol, now);
      continue;
    }
    const [, place = "", op = "", rest = ""] =
      /^\t0x[0-9a-f]+ \d+ \(([^)]*)\)\t(\S+)(?:\t(.*))?$/.exec(row) ?? [];
    if (op === "" || /^(TEXT|FUNCDATA|PCDATA)$/.test(op)) continue;
    now.set(op, (now.get(op) ?? 0) + 1);
    const target = /^(?:CALL|BL|JAL)$/.test(op) && /^(\S.*)\(SB\)$/.exec(rest)?.[1];
    const [, file = "", number = ""] = /^(?:.*\/)?([^/:]+):(\d+)$/.exec(place) ?? [];
    const line = lineInText(files, file, Number(number));
    if (!target || line === null) continue;
    const message = `CALL ${target}`;
    calls.push({ ...callOf(target), message, line, at: place });
  }
  return { calls, instructions };
}

/** What a call in machine code is for. The runtime's names for the same differ from release to release. */
function callOf(target: string): Pick<Said, "code" | "subject"> {
  if (/^runtime\.(newobject|mallocgc\w*)$/.test(target))
    return { code: "call heap", subject: "an object" };
  if (/^runtime\.(panicBounds|panicIndex\w*|panicSlice\w*)$/.test(target))
    return { code: "call bounds", subject: "a check" };
  const isSlice = /^runtime\.(makeslice|growslice)\w*$/.test(target);
  return { code: isSlice ? "call heap" : "call", subject: target };
}

/** The name of the function that each line of a source is in. */
export function functions(source: string): Map<number, string> {
  const found = new Map<number, string>();
  for (const { text, before } of parts(source)) {
    const lineOf = (offset: number) => before + text.slice(0, offset).split("\n").length;
    parser.parse(text).iterate({
      enter: ({ name, from, to, node }) => {
        if (name !== "FunctionDecl" && name !== "MethodDecl") return true;
        const id = node.getChild("DefName") ?? node.getChild("FieldName");
        const own = id ? text.slice(id.from, id.to) : "";
        for (let line = lineOf(from); line <= lineOf(to); line++) found.set(line, own);
        return false;
      },
    });
  }
  return found;
}
