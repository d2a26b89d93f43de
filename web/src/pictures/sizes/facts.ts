/** What is known of a program's sizes: what the snippet's run told, and what further runs of the same code tell. */
import type { RunEvent, RunRequest } from "../../protocol.ts";
import type { Happening } from "../../run-state.ts";
import type { Desk } from "../picture.ts";
import { readSections, type Sections } from "./composition.ts";
import { type LinkedSymbol, readSymbols } from "./symbols.ts";

/** What one run told. */
class Heard {
  stdout = "";
  sections: Sections | null = null;
  cutAt = 0;
  isGood = false;

  take(event: RunEvent | Happening): void {
    if (event.type === "stdout") this.stdout += event.text;
    if (event.type === "artifact" && event.name === "sections.json") {
      this.sections = readSections(event.text);
    }
    if (event.type === "truncated" && event.stream === "stdout") this.cutAt = event.limit_bytes;
    if (event.type === "exit") this.isGood = event.status === "ok";
  }
}

/** Facts of one request. */
export class Facts {
  /** The program with its symbols. */
  full: Sections | null = null;
  /** The same with `-s -w`. */
  stripped: Sections | null = null;
  symbols: LinkedSymbol[] | null = null;
  /** Where the list of symbols was cut, in bytes; 0 where it was not. */
  cutAt = 0;
  /** What is being asked for, in words. */
  asking = "";
  /** Why something is not known. */
  trouble = "";
  /** Whether the run itself has come to a good end. */
  isToldAll = false;
  /** Whether it was of a program without symbols. */
  readonly isStripped: boolean;

  readonly #heard = new Heard();
  /** Of what is being asked for. */
  #abort: AbortController | null = null;

  constructor(readonly request: RunRequest) {
    this.isStripped = strips(request);
  }

  /** The file that the request is about. */
  get file(): Sections | null {
    return this.isStripped ? this.stripped : this.full;
  }

  /** Takes an event of the run itself. */
  take(event: Happening): void {
    this.#heard.take(event);
    if (event.type !== "exit" || !this.#heard.isGood) return;
    this.isToldAll = true;
    this.#learn(this.request, this.#heard);
  }

  /** Sections and symbols come from two modes; where the symbols lie is known of the program that has them. */
  async askForTheRest(desk: Desk, changed: () => void): Promise<void> {
    if (!this.isToldAll) return;
    await this.#ask(desk, changed, [
      ...(this.full ? [] : [{ mode: "build", options: {}, what: "the sections" }]),
      ...(this.symbols ? [] : [{ mode: "nm", options: {}, what: "the symbols" }]),
    ]);
  }

  async askForStripped(desk: Desk, changed: () => void): Promise<void> {
    const options = { strip: true };
    await this.#ask(desk, changed, [{ mode: "build", options, what: "the stripped program" }]);
  }

  /** Nobody looks; what is missing can be asked for again. */
  drop(): void {
    this.#abort?.abort();
  }

  #learn(request: RunRequest, heard: Heard): void {
    if (request.mode === "nm") {
      this.symbols = readSymbols(heard.stdout);
      this.cutAt = heard.cutAt;
    } else if (strips(request)) this.stripped = heard.sections;
    else this.full = heard.sections;
  }

  /** Makes further runs of the same code, beside that of the snippet, one after the other. */
  async #ask({ run }: Desk, changed: () => void, questions: readonly Question[]): Promise<void> {
    if (!run || this.#abort) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.trouble = "";
    for (const { mode, options, what } of questions) {
      const request = { ...this.request, mode, options };
      const heard = new Heard();
      this.asking = what;
      changed();
      try {
        for await (const event of run(request, abort.signal)) heard.take(event);
        if (heard.isGood) this.#learn(request, heard);
        else this.trouble = `The run in mode ${mode}, for ${what}, did not end well.`;
      } catch (error) {
        if (abort.signal.aborted) break;
        this.trouble = `No answer in mode ${mode}, for ${what}: ${(error as Error).message}`;
      }
    }
    this.#abort = null;
    this.asking = "";
    changed();
  }
}

/** A further run, and what it is for. */
interface Question {
  mode: string;
  options: Record<string, unknown>;
  what: string;
}

function strips({ options }: RunRequest): boolean {
  return options.strip === true || options.strip === "on";
}
