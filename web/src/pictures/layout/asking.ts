/** What the compiler says of some source: a run of mode `layout` for each question, asked once. */
import type { RunRequest } from "../../protocol.ts";
import type { Desk } from "../picture.ts";
import { artifactName, type Layout, readLayout } from "./layout.ts";

/** An answer: the layout, or why there is none. What was `lost` on its way may come another time. */
export type Answer = { layout: Layout } | { why: string; lost?: true };

/** Asks, and keeps the answers. */
export class Asking {
  readonly #run: NonNullable<Desk["run"]>;
  readonly #request: RunRequest;
  readonly #answers = new Map<string, Answer>();

  /** All that is not the source or the architecture is as in `request`. */
  constructor(run: NonNullable<Desk["run"]>, request: RunRequest) {
    this.#run = run;
    this.#request = request;
  }

  /** What is known already. */
  known(source: string, arch: string): Answer | undefined {
    return this.#answers.get(`${arch}\n${source}`);
  }

  /** Takes in what is known from elsewhere. */
  keep(source: string, layout: Layout): void {
    this.#answers.set(`${layout.arch}\n${source}`, { layout });
  }

  /** Asks if need be. Once `signal` is aborted, what it answers is of no use. */
  async ask(source: string, arch: string, signal: AbortSignal): Promise<Answer> {
    const known = this.known(source, arch);
    if (known && !("lost" in known)) return known;
    const answer = await this.#hear(source, arch, signal).catch(
      (error: unknown): Answer => ({
        why: error instanceof Error ? error.message : String(error),
        lost: true,
      }),
    );
    if (!signal.aborted) this.#answers.set(`${arch}\n${source}`, answer);
    return answer;
  }

  async #hear(source: string, arch: string, signal: AbortSignal): Promise<Answer> {
    const options = { ...this.#request.options, arch };
    let said = "";
    let layout: Layout | null = null;
    for await (const event of this.#run({ ...this.#request, source, options }, signal)) {
      if (event.type === "stderr") said += event.text;
      if (event.type === "artifact" && event.name === artifactName) layout = readLayout(event.text);
    }
    return layout ? { layout } : { why: said.trim() || "The compiler said nothing." };
  }
}
