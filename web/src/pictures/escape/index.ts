/** `<escape-picture>`: what the compiler decided, on the code and line by line, with what the program allocates. */
import { html, nothing, type TemplateResult } from "lit";
import type { Mark, Marks } from "../../marks.ts";
import { endingOf, type Happening, isEnd } from "../../run-state.ts";
import { type Part, parts } from "../../txtar.ts";
import {
  byLine,
  type Decision,
  decision,
  keyOf,
  type Layer,
  layersOf,
  withCosts,
  withReasons,
} from "../decisions.ts";
import { Picture, pictureStyles } from "../picture.ts";
import { zoomOf } from "../zoom.ts";
import { difference } from "./allocations.ts";
import { explanationView } from "./explanation.ts";
import { halts, way } from "./flow.ts";
import { type Counted, count, explained } from "./runs.ts";
import { escapeStyles } from "./styles.ts";
import { tableView } from "./table.ts";
import { allocated, caveats, said, totals, within } from "./words.ts";

/** A decision whose explanation is open, and how far the reader has come in it. */
interface Explained {
  key: string;
  halt: number;
}

/** The most diagnostics of one run (docs/diagnostics.md). */
const mostTold = 2000;

export class EscapePicture extends Picture {
  static override styles = [pictureStyles, escapeStyles];

  #files: readonly Part[] = [];
  #lines: readonly string[] = [];
  #decisions: Decision[] = [];
  /** How the run ended; null until then. */
  #status: string | null = null;
  /** Codes of the layers that the reader does not want to see. They stay off in later runs. */
  readonly #off = new Set<string>();
  #open: Explained | null = null;
  /** Whether reasons were asked for that the run itself does not tell. */
  #asked: "no" | "busy" | "told" | "lost" = "no";
  #counted: Counted | "busy" | null = null;
  /** Whether the table is open. A large one takes a while to be made. */
  #hasTable = false;
  #abort = new AbortController();
  /** What the code shows at the moment, to tell it only when it changes. */
  #shown = "";

  override connectedCallback(): void {
    super.connectedCallback();
    this.redraw();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#abort.abort();
    this.#abort = new AbortController();
    this.desk?.mark(null);
    this.#shown = "";
    if (this.#counted === "busy") this.#counted = null;
    if (this.#asked === "busy") this.#asked = "no";
  }

  protected override restart(): void {
    const source = this.request?.source ?? "";
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#files = parts(source);
    this.#lines = source.split("\n");
    this.#decisions = [];
    this.#status = null;
    this.#open = null;
    this.#counted = null;
    this.#asked = Number(this.request?.options.level) === 2 ? "told" : "no";
  }

  protected override take(event: Happening): void {
    if (event.type === "diagnostic") {
      const told = decision(event, this.#files);
      if (told) this.#decisions.push(told);
    }
    if (!isEnd(event)) return;
    this.#decisions = withCosts(this.#decisions);
    this.#status = endingOf(event);
  }

  protected override render() {
    const why = this.#whyNothing;
    if (why) return html`<p class="soft">${why}</p>`;
    const all = byLine(this.#decisions);
    for (const line of this.#counts?.lines.keys() ?? []) if (!all.has(line)) all.set(line, []);
    const rows = [...all]
      .map(([line, told]) => ({
        line,
        told,
        shown: told.filter(({ code }) => !this.#off.has(code)),
      }))
      .filter(({ line, shown }) => shown.length > 0 || this.#counts?.lines.has(line))
      .sort((a, b) => a.line - b.line);
    return html`
      <div class="row" role="group" aria-label="Layers">${this.#layers.map((layer) => this.#toggle(layer))}</div>
      <p class="soft hint">
        ${this.desk?.run ? "The marks are of the last run. A line that you change loses its own." : nothing}
      </p>
      ${this.#counting()}
      ${this.#decisions.length < mostTold ? nothing : html`<p class="note">Of one run ${mostTold.toLocaleString("en")} decisions are told. The text has the rest.</p>`}
      <ol class="lines scroll" tabindex="0" aria-label="What the compiler says, line by line">
        ${rows.map(({ line, told, shown }) => this.#line(line, told, shown))}
      </ol>
      <details @toggle=${this.#onToggleTable}>
        <summary>As a table</summary>
        <div class="scroll" tabindex="0" role="region" aria-label="Decisions as a table">${
          this.#hasTable
            ? tableView(
                new Map(rows.map(({ line, shown }) => [line, shown])),
                this.#counts,
                (line) => this.#lineName(line),
              )
            : nothing
        }</div>
      </details>
    `;
  }

  /** Why nothing is shown; empty where something is. */
  get #whyNothing(): string {
    if (this.#status === "build_failed")
      return "It does not build, so the compiler has decided nothing.";
    if (this.#decisions.length > 0) return "";
    if (this.#status === null) return "What the compiler decides is shown once it has said it.";
    return this.#status === "ok"
      ? "The compiler has said nothing of this code that could be marked."
      : "There is nothing to draw. The text below says why.";
  }

  protected override updated(): void {
    if (!this.isConnected || !this.desk) return;
    const marks = this.#marks();
    const shown = JSON.stringify(marks);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.desk.mark(marks);
    this.#revealStep();
  }

  /** Scrolls the list inside of its box so that the step is seen where the reader is. */
  #revealStep(): void {
    const list = this.renderRoot.querySelector(".lines");
    const step = list?.querySelector("[aria-current]");
    const walk = list?.querySelector(".walk");
    if (!list || !step || !walk) return;
    const below = step.getBoundingClientRect().bottom - list.getBoundingClientRect().bottom;
    const above = walk.getBoundingClientRect().bottom - step.getBoundingClientRect().top;
    const zoom = zoomOf(list);
    if (below > 0) list.scrollTop += below / zoom + 8;
    else if (above > 0) list.scrollTop -= above / zoom + 8;
  }

  /** What stands on the code now; null while the run is under way, or has nothing to show. */
  #marks(): Marks | null {
    if (!this.request || this.#status !== "ok" || this.#decisions.length === 0) return null;
    const marks = this.#decisions.flatMap((told): Mark[] => {
      const layer = this.#layers.find(({ code }) => code === told.code);
      if (!layer || this.#off.has(layer.code)) return [];
      return [{ line: told.line, column: told.column, look: layer.look, text: said(told) }];
    });
    const open = this.#opened();
    const path = open ? way(open, this.#open?.halt ?? 0) : { marks: [], arrows: [] };
    const show = path.marks[0];
    return {
      source: this.request.source,
      marks: [...marks, ...path.marks],
      arrows: path.arrows,
      ...(show && { show }),
    };
  }

  get #layers(): readonly Layer[] {
    return layersOf(this.request?.mode ?? "");
  }

  #opened(): Decision | undefined {
    return this.#decisions.find((told) => keyOf(told) === this.#open?.key);
  }

  get #counts() {
    return this.#counted && this.#counted !== "busy" ? this.#counted.counts : null;
  }

  #toggle({ code, label, look }: Layer) {
    const number = this.#decisions.filter((told) => told.code === code).length;
    const toggle = () => {
      if (!this.#off.delete(code)) this.#off.add(code);
      this.redraw();
    };
    return html`<button
      type="button" class="layer" data-code=${code} aria-pressed=${number > 0 && !this.#off.has(code)} ?disabled=${number === 0} @click=${toggle}
    ><span class="sample ${look}">${label}</span> <b class="count">${number}</b></button>`;
  }

  /** A line with all that is said of it, and what of that is shown. */
  #line(line: number, told: readonly Decision[], shown: readonly Decision[]) {
    const counts = this.#counts;
    const found = counts?.lines.get(line);
    const note = counts ? difference(told, line, counts) : null;
    const who = within(found);
    return html`<li class="line">
      <div class="head">
        <span class="number-of">${this.#lineName(line)}</span>
        <code class="code">${this.#lines[line - 1]?.trim() ?? ""}</code>
        ${counts ? html`<span class="allocated">${allocated(found)}</span>` : nothing}
      </div>
      ${who ? html`<p class="soft within">${who}</p>` : nothing}
      ${note ? html`<p class="note">${note}</p>` : nothing}
      ${
        shown.length > 0
          ? html`<ul>${shown.map((one) => this.#decision(one))}</ul>`
          : html`<button type="button" class="says" ?disabled=${!this.desk} @click=${() => this.goTo(line)}>
              ${told.length > 0 ? "What -m says of this line is switched off" : "-m says nothing of this line"}
            </button>`
      }
    </li>`;
  }

  /** A line of the source as a whole, under the name that the tools have for it. */
  #lineName(line: number): string {
    const part = this.#files.findLast(({ before }) => before < line);
    if (!part) return String(line);
    const own = line - part.before;
    return this.#files.length > 1 ? `${part.name}:${own}` : String(own);
  }

  #decision(told: Decision): TemplateResult {
    const layer = this.#layers.find(({ code }) => code === told.code);
    const isOpen = keyOf(told) === this.#open?.key;
    const canAsk = told.code === "heap" || told.code === "leak";
    const offersWhy =
      halts(told.steps).length > 0 || (canAsk && this.desk?.run && this.#asked === "no");
    return html`<li class="decision">
      <div class="told">
        <button
          type="button" class="says" ?disabled=${!this.desk}
          @click=${() => this.goTo(told.line, told.column)}
        ><span class="at">${told.at}</span> <span class="sample ${layer?.look ?? ""}">${said(told)}</span></button>
        ${
          offersWhy
            ? html`<button
                type="button" class="reasons" aria-expanded=${isOpen} ?disabled=${this.#asked === "busy"}
                @click=${() => this.#why(told)}
              >Why<span class="spoken"> ${told.message}</span></button>`
            : nothing
        }
      </div>
      ${isOpen ? this.#explanation(told) : nothing}
    </li>`;
  }

  #explanation(decision: Decision) {
    if (this.#asked === "busy") return html`<p class="soft">The compiler is asked with -m=2.</p>`;
    if (this.#asked === "lost")
      return html`<p class="soft">The run with -m=2 did not come to its end.</p>`;
    const last = halts(decision.steps).length - 1;
    const to = (halt: number) => {
      this.#open = { key: keyOf(decision), halt: Math.min(Math.max(0, halt), last) };
      this.redraw();
    };
    const halt = () => this.#open?.halt ?? 0;
    return explanationView({ decision, halt: halt(), to, by: (halts) => to(halt() + halts) });
  }

  #counting() {
    const { request } = this;
    if (!this.desk?.run || request?.mode !== "escape") return nothing;
    const counted = this.#counted;
    const isBusy = counted === "busy";
    const { counts = null, note = "" } = isBusy ? {} : (counted ?? {});
    const notes = counts ? [note, ...caveats(counts, request)] : [];
    const state = isBusy
      ? "The program runs."
      : counts
        ? totals(counts)
        : note || "Runs the program and counts, line by line.";
    return html`<div class="counting row">
        <button type="button" ?disabled=${isBusy} @click=${this.#count}>${isBusy ? "Counting…" : "Count allocations"}</button>
        <span class="soft" aria-live="polite">${state}</span>
      </div>
      ${notes.map((note) => (note ? html`<p class="soft caveat">${note}</p>` : nothing))}`;
  }

  /** Opens or closes an explanation; where the run has none, one with -m=2 is made for it. */
  async #why(told: Decision): Promise<void> {
    const key = keyOf(told);
    this.#open = this.#open?.key === key ? null : { key, halt: 0 };
    const { request, desk } = this;
    if (this.#open && this.#asked === "no" && request && desk?.run) {
      this.#asked = "busy";
      this.redraw();
      const { signal } = this.#abort;
      const more = await explained(desk.run, request, signal).catch(() => null);
      if (signal.aborted) return;
      this.#asked = more ? "told" : "lost";
      this.#decisions = withCosts(withReasons(this.#decisions, more ?? []));
    }
    this.redraw();
  }

  #onToggleTable = (event: Event): void => {
    this.#hasTable = (event.target as HTMLDetailsElement).open;
    this.redraw();
  };

  #count = async (): Promise<void> => {
    const { request, desk } = this;
    if (!request || !desk?.run) return;
    this.#counted = "busy";
    this.redraw();
    const { signal } = this.#abort;
    const lost = { counts: null, note: "Nothing could be counted: the service did not run it." };
    const counted = await count(desk.run, request, signal).catch(() => lost);
    if (signal.aborted) return;
    this.#counted = counted;
    this.redraw();
  };
}

customElements.define("escape-picture", EscapePicture);
