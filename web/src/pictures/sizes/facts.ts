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
  readonly #abort = new AbortController();

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
    if (!this.full) await this.#ask(desk, "build", {}, "the sections", changed);
    if (!this.symbols) await this.#ask(desk, "nm", {}, "the symbols", changed);
  }

  askForStripped(desk: Desk, changed: () => void): Promise<void> {
    return this.#ask(desk, "build", { strip: true }, "the stripped program", changed);
  }

  /** Nobody wants to know more. */
  drop(): void {
    this.#abort.abort();
  }

  #learn(request: RunRequest, heard: Heard): void {
    if (request.mode === "nm") {
      this.symbols = readSymbols(heard.stdout);
      this.cutAt = heard.cutAt;
    } else if (strips(request)) this.stripped = heard.sections;
    else this.full = heard.sections;
  }

  /** Makes one more run of the same code, beside that of the snippet. */
  async #ask(
    desk: Desk,
    mode: string,
    options: Record<string, unknown>,
    what: string,
    changed: () => void,
  ): Promise<void> {
    const { signal } = this.#abort;
    if (!desk.run || signal.aborted) return;
    const request = { ...this.request, mode, options };
    const heard = new Heard();
    this.asking = what;
    changed();
    try {
      for await (const event of desk.run(request, signal)) heard.take(event);
      if (heard.isGood) this.#learn(request, heard);
      else this.trouble = `The run in mode ${mode}, for ${what}, did not end well.`;
    } catch (error) {
      this.trouble = `No answer in mode ${mode}, for ${what}: ${(error as Error).message}`;
    }
    this.asking = "";
    if (!signal.aborted) changed();
  }
}

function strips({ options }: RunRequest): boolean {
  return options.strip === true || options.strip === "on";
}
