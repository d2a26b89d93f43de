/** `<escape-picture>`: what the compiler decided, on the code and line by line, with what the program allocates. */
import { html, nothing, type TemplateResult } from "lit";
import type { Mark, Marks } from "../../marks.ts";
import type { Happening } from "../../run-state.ts";
import { type Part, parts } from "../../txtar.ts";
import { bytes } from "../../wording.ts";
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
import { difference, type LineCount } from "./allocations.ts";
import { halts, hops, way } from "./flow.ts";
import { type Counted, count, explained } from "./runs.ts";
import { escapeStyles } from "./styles.ts";

/** A decision whose explanation is open, and how far the reader has come in it. */
interface Explained {
  key: string;
  halt: number;
}

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
    if (event.type !== "exit") return;
    this.#decisions = withCosts(this.#decisions);
    this.#status = event.status;
  }

  protected override render() {
    if (this.#status === "build_failed")
      return html`<p class="soft">It does not build, so the compiler has decided nothing.</p>`;
    if (this.#decisions.length === 0)
      return html`<p class="soft">The compiler has said nothing of this code that could be marked.</p>`;
    return html`
      <div class="row" role="group" aria-label="Layers">${this.#layers.map((layer) => this.#toggle(layer))}</div>
      <p class="soft hint">
        ${this.desk?.run ? "The marks are of the last run. A line that you change loses its own." : nothing}
      </p>
      ${this.#counting()}
      <ol class="lines scroll" tabindex="0" aria-label="What the compiler says, line by line">
        ${[...this.#rows()].map(([line, decisions]) => this.#line(line, decisions))}
      </ol>
      <details>
        <summary>As a table</summary>
        <div class="scroll" tabindex="0" role="region" aria-label="Decisions as a table">${this.#table()}</div>
      </details>
    `;
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
    if (below > 0) list.scrollTop += below + 8;
    else if (above > 0) list.scrollTop -= above + 8;
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

  /** Lines with decisions that are shown, and lines that allocated. */
  #rows(): Map<number, Decision[]> {
    const rows = byLine(this.#decisions.filter(({ code }) => !this.#off.has(code)));
    const { lines } = this.#counts ?? { lines: new Map<number, LineCount>() };
    for (const line of lines.keys()) if (!rows.has(line)) rows.set(line, []);
    return new Map([...rows].sort(([a], [b]) => a - b));
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

  #line(line: number, decisions: readonly Decision[]) {
    const all = this.#decisions.filter((told) => told.line === line);
    const counts = this.#counts;
    const note = counts ? difference(all, line, counts) : null;
    return html`<li class="line">
      <div class="head">
        <span class="number-of">${this.#lineName(line)}</span>
        <code class="code">${this.#lines[line - 1]?.trim() ?? ""}</code>
        ${counts ? html`<span class="allocated">${allocated(counts.lines.get(line))}</span>` : nothing}
      </div>
      ${within(counts?.lines.get(line))}
      ${note ? html`<p class="note">${note}</p>` : nothing}
      ${
        decisions.length > 0
          ? html`<ul>${decisions.map((told) => this.#decision(told))}</ul>`
          : html`<button type="button" class="says" ?disabled=${!this.desk} @click=${() => this.goTo(line, 1)}>-m says nothing of this line</button>`
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
          @click=${() => this.goTo(told.line, told.column ?? 1)}
        ><span class="at">${told.at}</span> <span class="sample ${layer?.look ?? ""}">${said(told)}</span></button>
        ${
          offersWhy
            ? html`<button
                type="button" class="reasons" aria-expanded=${isOpen} ?disabled=${this.#asked === "busy"}
                @click=${() => this.#why(told)}
              >Why<span class="hidden"> ${told.message}</span></button>`
            : nothing
        }
      </div>
      ${isOpen ? this.#explanation(told) : nothing}
    </li>`;
  }

  #explanation(told: Decision): TemplateResult {
    const stops = halts(told.steps);
    const halt = this.#open?.halt ?? 0;
    if (stops.length === 0) return html`<p class="soft">The compiler gives no reason.</p>`;
    const last = stops.length - 1;
    const to = (next: number) => {
      this.#open = { key: keyOf(told), halt: Math.min(Math.max(0, next), last) };
      this.redraw();
    };
    // From where the reader is, which may be further than what is drawn.
    const by = (steps: number) => to((this.#open?.halt ?? 0) + steps);
    const onKey = (event: KeyboardEvent) => {
      const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
      if (steps === undefined) return;
      event.preventDefault();
      by(steps);
    };
    return html`<div class="flow" @keydown=${onKey}>
      <div class="row walk">
        <button type="button" class="small" aria-disabled=${halt === 0} @click=${() => by(-1)}>Previous</button>
        <button type="button" class="small" aria-disabled=${halt === last} @click=${() => by(1)}>Next</button>
        <span class="soft" role="status">Step ${halt + 1} of ${stops.length}<span class="hidden">: ${stops[halt]?.text}</span></span>
      </div>
      <ol>
        ${hops(told.steps).map(
          ({ flow, reasons }) => html`<li>
            ${flow ? this.#step(flow, stops, halt, to) : nothing}
            ${reasons.length > 0 ? html`<ol>${reasons.map((reason) => html`<li>${this.#step(reason, stops, halt, to)}</li>`)}</ol>` : nothing}
          </li>`,
        )}
      </ol>
    </div>`;
  }

  #step(
    step: Decision["steps"][number],
    stops: readonly Decision["steps"][number][],
    halt: number,
    to: (halt: number) => void,
  ) {
    const number = stops.indexOf(step);
    const text = html`<span class="at">${step.at}</span> ${step.kind === "flow" ? "flow:" : "from"} ${step.text}`;
    if (number < 0) return html`<span class="step">${text}</span>`;
    return html`<button
      type="button" class="step" aria-current=${number === halt ? "step" : nothing} @click=${() => to(number)}
    >${text}</button>`;
  }

  #counting() {
    const counted = this.#counted;
    if (!this.desk?.run || this.request?.mode !== "escape") return nothing;
    const counts = this.#counts;
    return html`<div class="counting row">
      <button type="button" ?disabled=${counted === "busy"} @click=${this.#count}>
        ${counted === "busy" ? "Counting…" : "Count allocations"}
      </button>
      <span class="soft" role="status">${
        counts
          ? totals(counts)
          : counted === null
            ? "Runs the program and counts, line by line."
            : counted === "busy"
              ? "The program runs."
              : counted.note
      }</span>
    </div>
    ${counts && counted !== "busy" ? this.#caveats(counted?.note ?? "") : nothing}`;
  }

  #caveats(note: string) {
    const notes = [
      note,
      this.request?.options.inline === false || this.request?.options.inline === "off"
        ? "It was counted in the ordinary build, with inlining."
        : "",
      this.#counts?.shared
        ? `${objects(this.#counts.shared)} more, of less than 16 bytes and without pointers, shared a block with another. Go does not record on which line.`
        : "",
    ].filter((note) => note !== "");
    return notes.map((note) => html`<p class="soft caveat">${note}</p>`);
  }

  #table() {
    const counts = this.#counts;
    return html`<table>
      <thead>
        <tr>
          <th scope="col">Place</th><th scope="col">Kind</th><th scope="col">What the compiler says</th>
          ${counts ? html`<th scope="col">Objects</th><th scope="col">Bytes</th>` : nothing}
        </tr>
      </thead>
      <tbody>
        ${[...this.#rows()].flatMap(([line, decisions]) => {
          const found = counts?.lines.get(line);
          const numbers = counts
            ? html`<td class="number">${found?.objects ?? 0}</td><td class="number">${found?.bytes ?? 0}</td>`
            : nothing;
          if (decisions.length === 0)
            return html`<tr><td class="mono">${this.#lineName(line)}</td><td></td><td></td>${numbers}</tr>`;
          return decisions.map(
            (told, at) => html`<tr>
              <td class="mono">${told.at}</td><td>${told.code}</td><td class="mono">${said(told)}</td>
              ${counts && at > 0 ? html`<td></td><td></td>` : numbers}
            </tr>`,
          );
        })}
      </tbody>
    </table>`;
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

/** A decision in words, with its cost where the words leave it out. */
function said({ message, cost, code }: Decision): string {
  return code === "inlined-call" && cost !== undefined ? `${message} (cost ${cost})` : message;
}

function objects(number: number): string {
  return `${number.toLocaleString("en")} ${number === 1 ? "object" : "objects"}`;
}

function allocated(found: LineCount | undefined): string {
  return found ? `${objects(found.objects)}, ${bytes(found.bytes)}` : "none";
}

/** Who allocated on behalf of a line. */
function within(found: LineCount | undefined): TemplateResult | typeof nothing {
  if (!found?.by.size) return nothing;
  const who = [...found.by].map(([name, number]) => `${number.toLocaleString("en")} in ${name}`);
  return html`<p class="soft within">${who.join(", ")}</p>`;
}

function totals({ lines, outside }: NonNullable<Counted["counts"]>): string {
  let number = 0;
  let size = 0;
  for (const line of lines.values()) {
    number += line.objects;
    size += line.bytes;
  }
  const rest =
    outside.objects > 0
      ? ` ${objects(outside.objects)} more by the runtime and its goroutines.`
      : "";
  return `Your lines allocated ${objects(number)}, ${bytes(size)}.${rest}`;
}

customElements.define("escape-picture", EscapePicture);
