/** `<assembly-picture>`: the code and what the compiler made of it, line by line and instruction by instruction. */
import { html, nothing, type PropertyValues } from "lit";
import "./rows.ts";
import type { ArtifactEvent, ExitStatus } from "../../protocol.ts";
import type { Happening } from "../../run-state.ts";
import { longTable, longTableStyles } from "../long-table.ts";
import { Picture, pictureStyles } from "../picture.ts";
import { ALL, ASKED, besideChoice, functionChoice, notesView } from "./controls.ts";
import { type Asked, begun, compile, isInlining, list, understand } from "./listings.ts";
import { foldKey } from "./model.ts";
import { Pane, type Spot } from "./pane.ts";
import type { AssemblyRows, RowEvent } from "./rows.ts";
import { type SourceLine, sourceLines } from "./source.ts";
import { assemblyStyles } from "./styles.ts";
import { tableOf } from "./table.ts";
import { detailView, listingRow, sourceRow } from "./views.ts";

/** Those that are explained, and that a reader may lay beside each other. */
const ARCHITECTURES = ["amd64", "arm64", "riscv64"];

export class AssemblyPicture extends Picture {
  static override styles = [pictureStyles, longTableStyles, assemblyStyles];
  static override properties = {
    ...Picture.properties,
    bytes: { state: true },
    pointed: { state: true },
    focused: { state: true },
    kept: { state: true },
    isTable: { state: true },
    page: { state: true },
  };

  /** Whether machine code is shown. */
  declare private bytes: boolean;
  /** What the pointer is over, what the keyboard is on, what a click kept. */
  declare private pointed: Spot | null;
  declare private focused: Spot | null;
  declare private kept: Spot | null;
  declare private isTable: boolean;
  /** Of the table, from 0. */
  declare private page: number;

  /** What came of the run's own listing so far. */
  #text = "";
  /** The stacks of inlined calls, where the run itself was asked for them. */
  #stacks: ArtifactEvent | null = null;
  #lines: SourceLine[] = [];
  /** That of the run first. */
  #asked: Asked[] = [];
  #panes: Pane[] = [];
  /** What the table shows of them; null until it is opened. */
  #table: ReturnType<typeof tableOf> | null = null;
  /** The name of the function that is shown, `ALL`, or `ASKED` for those that the run was asked for. */
  #chosen = ALL;
  /** The functions that the run's own listing has. */
  #own: ReadonlySet<string> = new Set();
  /** The architectures that the reader laid beside it, for later runs too. */
  #beside: string[] = [];
  #abort = new AbortController();

  constructor() {
    super();
    this.bytes = false;
    this.pointed = null;
    this.focused = null;
    this.kept = null;
    this.isTable = false;
    this.page = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#askForMore();
    this.redraw();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#abort.abort();
    this.#abort = new AbortController();
    // What has no answer is asked for again once it is seen again.
    this.#asked = this.#asked.filter(({ listing }, index) => index === 0 || listing);
    for (const asked of this.#asked) if (asked.inlining === "asked") asked.inlining = "unasked";
  }

  protected restart(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#text = "";
    this.#lines = sourceLines(this.request?.source ?? "");
    this.#panes = [];
    this.#table = null;
    this.pointed = null;
    this.focused = null;
    this.kept = null;
    this.#stacks = null;
    this.#asked = [begun(this.#arch, "The compiler is at work.")];
  }

  protected take(event: Happening): void {
    const [own] = this.#asked;
    if (!own) return;
    if (event.type === "stdout") this.#text += event.text;
    else if (event.type === "artifact" && isInlining(event)) this.#stacks = event;
    else if (event.type === "truncated") own.isCut = true;
    else if (event.type === "exit") this.#end(own, event.status);
    else if (["stopped", "refused", "lost"].includes(event.type)) own.said = "There is no listing.";
  }

  /** The run's own listing is whole. */
  #end(own: Asked, status: ExitStatus): void {
    if (status !== "ok" && status !== "output_limit") {
      own.said = "There is no listing: see the text below.";
      return;
    }
    list(own, this.#text);
    if (this.#stacks) understand(own, this.#stacks);
    this.#own = new Set(own.listing?.functions.map(({ name }) => name));
    this.#chosen = this.request?.options.func === undefined ? ALL : ASKED;
    this.#lay();
    this.#showCode();
    this.#askForMore();
  }

  protected override render() {
    const panes = this.#panes;
    const spot = this.pointed ?? this.focused ?? this.kept;
    const lit = this.#leadsTo(spot);
    return html`
      <div class="row">${this.#choicesView()}
        <button type="button" aria-pressed=${this.bytes} @click=${() => (this.bytes = !this.bytes)}>Machine code</button>
      </div>
      ${notesView(this.#asked)}
      <div class="panes">
        ${this.#sourcePane(spot, lit)}
        ${this.#asked.map((asked) => this.#listingPane(asked, spot, lit))}
      </div>
      <div class="detail" id="detail" tabindex="0" role="region" aria-label="What is pointed at">
        ${detailView(
          spot,
          panes,
          this.#lines,
          this.#asked.every(({ inlining }) => inlining !== "unknown"),
        )}
      </div>
      <details @toggle=${this.#onTable}>
        <summary>The same as a table</summary>
        ${this.isTable ? this.#tableView() : nothing}
      </details>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    // What rows look like hangs on all of this.
    for (const list of this.renderRoot.querySelectorAll<AssemblyRows>("assembly-rows"))
      list.requestUpdate();
  }

  #choicesView() {
    const [own] = this.#asked;
    const [pane] = this.#panes;
    const others = ARCHITECTURES.filter((arch) => arch !== own?.arch);
    const isPossible = this.desk?.run && own?.listing && ARCHITECTURES.includes(own.arch);
    return html`${
      pane
        ? functionChoice(pane, this.#chosen, this.request?.options.func, (name) =>
            this.#choose(name),
          )
        : nothing
    }${
      isPossible
        ? besideChoice(own.arch, others, this.#asked, (arch) => this.#onBeside(arch))
        : nothing
    }`;
  }

  #tableView() {
    this.#table ??= tableOf(this.#panes, this.#chosen !== ALL);
    return longTable({ ...this.#table, page: this.page, turn: (page) => (this.page = page) });
  }

  /** That of the run. */
  get #arch(): string {
    const { arch } = this.request?.options ?? {};
    return typeof arch === "string" ? arch : "amd64";
  }

  #sourcePane(spot: Spot | null, lit: readonly (number | undefined)[]) {
    const [inner, ...outer] = lit;
    const made = this.#panes[0]?.made;
    const draw = (row: number) => {
      const line = this.#lines[row];
      const look = row === inner ? "lit" : outer.includes(row) ? "near" : "";
      const here = spot && "source" in spot && spot.source === row ? "here" : "";
      return line
        ? sourceRow(line, made?.get(row)?.itself ?? 0, `${look} ${here}`)
        : { cells: html``, classes: "" };
    };
    const width = Math.max(0, ...this.#lines.map(({ text }) => text.length)) + 16;
    return html`<section class="pane source"><h3>Code</h3>
      ${this.#rowsView("", "Code", this.#lines.length, 3, width, draw)}</section>`;
  }

  #listingPane({ arch, said }: Asked, spot: Spot | null, lit: readonly (number | undefined)[]) {
    const pane = this.#pane(arch);
    const columns = this.bytes ? 5 : 4;
    const isSource = spot !== null && "source" in spot;
    const classes = (func: number, at: number): string => {
      const isHere =
        spot && "at" in spot && spot.arch === arch && spot.func === func && spot.at === at;
      const target = pane?.isTarget(spot, func, at) ? "target" : "";
      return `${pane?.belongs(lit, isSource, func, at) ?? ""} ${isHere ? "here lit" : ""} ${target}`;
    };
    const look = { bytes: this.bytes, columns, classes };
    const widths = pane?.widths ?? { places: 0, operands: 0 };
    const width = widths.places + widths.operands + (this.bytes ? 56 : 24);
    const none = said || (pane?.order.length === 0 ? "There is no such function here." : "");
    return html`<section class="pane"><h3>${arch}
        ${pane ? html`<span>${count(pane)}</span>` : nothing}</h3>
      ${
        pane && !none
          ? this.#rowsView(
              arch,
              `Instructions for ${arch}`,
              pane.rows.length,
              columns,
              width,
              (row) => listingRow(pane, row, look),
            )
          : html`<div class="box"><p class="said soft">${none}</p></div>`
      }</section>`;
  }

  #rowsView(
    arch: string,
    label: string,
    count: number,
    columns: number,
    width: number,
    draw: AssemblyRows["draw"],
  ) {
    return html`<assembly-rows
      id="rows-${arch || "source"}" .label=${label} .count=${count} .columns=${columns} .width=${width}
      .isTree=${arch !== ""} .places=${this.#pane(arch)?.widths.places ?? 0} .draw=${draw}
      @point=${(event: RowEvent) => this.#point(arch, event.detail)}
      @focus-row=${(event: RowEvent) => this.#focus(arch, event.detail)}
      @press=${(event: RowEvent) => this.#press(arch, event.detail)}
    ></assembly-rows>`;
  }

  /** Shows the function of that name, or those that `ALL` and `ASKED` stand for. */
  #choose(name: string): void {
    this.#chosen = name;
    this.page = 0;
    this.#lay();
    this.#showCode();
    this.requestUpdate();
  }

  /** Brings the code of the function into sight that is shown first, unless all are. */
  #showCode(): void {
    if (this.#chosen === ALL) return;
    const [pane] = this.#panes;
    const [first] = pane?.order ?? [];
    const row = first === undefined ? undefined : pane?.leadsTo(first, 0).at(-1);
    if (row !== undefined) void this.updateComplete.then(() => this.#rowsOf("")?.showFirst(row));
  }

  #onBeside(arch: string): void {
    if (this.#beside.includes(arch)) {
      this.#beside = this.#beside.filter((one) => one !== arch);
      this.#asked = this.#asked.filter((asked, index) => index === 0 || asked.arch !== arch);
      this.#lay();
    } else {
      this.#beside = [...this.#beside, arch];
      this.#askForMore();
    }
    this.requestUpdate();
  }

  #onTable = (event: Event): void => {
    this.isTable = (event.target as HTMLDetailsElement).open;
  };

  // --- what is asked for ---

  /** Once the run's own listing is here and the picture is seen: the stacks of calls, and what stood beside it before. */
  #askForMore(): void {
    const [own] = this.#asked;
    if (!own?.listing || !this.isConnected) return;
    if (own.inlining === "unasked") void this.#ask(own);
    for (const arch of this.#beside) {
      if (this.desk?.run && !this.#asked.some((asked) => asked.arch === arch)) this.#askFor(arch);
    }
  }

  #askFor(arch: string): void {
    const asked = begun(arch, `Compiling for ${arch}.`);
    this.#asked.push(asked);
    void this.#ask(asked);
  }

  /** Runs the compiler for a listing of all functions and their stacks. */
  async #ask(asked: Asked): Promise<void> {
    const { signal } = this.#abort;
    const { request } = this;
    const run = this.desk?.run;
    asked.inlining = run ? "asked" : "unknown";
    if (!request || !run) return;
    const answer = await compile(run, request, asked.arch, signal);
    if (signal.aborted) return;
    if (answer.isMade && !(answer.isCut && asked.listing)) {
      list(asked, answer.text);
      asked.isCut = answer.isCut;
      // An instruction that was pointed at has another number among all functions.
      this.pointed = null;
      this.focused = null;
      this.kept = null;
    }
    understand(asked, answer.inlining);
    if (!asked.listing)
      asked.said = `There is no listing for ${asked.arch}: it does not compile, or nothing answered.`;
    this.#lay();
    this.redraw();
  }

  /** Lays out what is here. */
  #lay(): void {
    const listings = this.#asked.flatMap(({ listing, open }) =>
      listing ? [{ listing, open }] : [],
    );
    const isThere = listings.some(({ listing }) =>
      listing.functions.some(({ name }) => name === this.#chosen),
    );
    if (!isThere && this.#chosen !== ASKED) this.#chosen = ALL;
    const chosen =
      this.#chosen === ASKED ? this.#own : this.#chosen === ALL ? null : new Set([this.#chosen]);
    this.#panes = listings.map(({ listing, open }) => new Pane(listing, this.#lines, chosen, open));
    this.#table = null;
  }

  #pane(arch: string): Pane | undefined {
    return this.#panes.find(({ listing }) => listing.arch === arch);
  }

  // --- what is pointed at ---

  #leadsTo(spot: Spot | null): readonly (number | undefined)[] {
    if (!spot) return [];
    if ("source" in spot) return [spot.source];
    return "at" in spot ? (this.#pane(spot.arch)?.leadsTo(spot.func, spot.at) ?? []) : [];
  }

  #spotOf(arch: string, number: number): Spot | null {
    if (number < 0) return null;
    if (!arch) return { source: number };
    const row = this.#pane(arch)?.rows[number];
    if (!row) return null;
    const { func } = row;
    if (row.kind === "instruction") return { arch, func, at: row.at };
    return { arch, func, part: row.kind === "fold" ? row.fold : "function" };
  }

  #point(arch: string, number: number): void {
    const spot = this.#spotOf(arch, number);
    if (!isSame(spot, this.pointed)) this.pointed = spot;
  }

  /** A row was pressed: it is kept, or let go. A folded part opens, and the head of a function shows it alone. */
  #press(arch: string, number: number): void {
    const row = arch ? this.#pane(arch)?.rows[number] : undefined;
    if (row?.kind === "fold") {
      const open = this.#asked.find((asked) => asked.arch === arch)?.open;
      const key = foldKey(this.#pane(arch)?.func(row.func)?.name ?? "", row.fold);
      if (!open?.delete(key)) open?.add(key);
      this.#lay();
      this.requestUpdate();
      return;
    }
    if (row?.kind === "function") {
      this.#showAlone(arch, this.#pane(arch)?.func(row.func)?.name ?? "");
      return;
    }
    const spot = this.#spotOf(arch, number);
    this.kept = isSame(spot, this.kept) ? null : spot;
    this.#follow(arch, this.kept);
  }

  /** Shows a function alone, or all again if it is; the keyboard stays on it. */
  #showAlone(arch: string, name: string): void {
    const all = this.request?.options.func === undefined ? ALL : ASKED;
    this.#choose(this.#chosen === name ? all : name);
    void this.updateComplete.then(() => {
      const row = this.#pane(arch)?.headOf(name) ?? -1;
      this.#rowsOf(arch)?.select(row);
    });
  }

  #focus(arch: string, number: number): void {
    this.focused = this.#spotOf(arch, number);
    // A pointer that rests somewhere does not hide what the keyboard is on.
    if (this.focused) this.pointed = null;
    this.#follow(arch, this.focused);
  }

  /** Brings what belongs to a row into sight in the other panes. */
  #follow(from: string, spot: Spot | null): void {
    const lit = this.#leadsTo(spot);
    const [inner] = lit;
    if (!spot || inner === undefined) return;
    const isSource = "source" in spot;
    if (!isSource) this.#rowsOf("")?.show(inner);
    for (const pane of this.#panes) {
      const { arch } = pane.listing;
      if (arch !== from) this.#rowsOf(arch)?.show(pane.firstOf(lit, isSource));
    }
  }

  #rowsOf(arch: string): AssemblyRows | null {
    return this.renderRoot.querySelector(`#rows-${arch || "source"}`);
  }
}

function isSame(one: Spot | null, other: Spot | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** How many functions and instructions are shown. */
function count(pane: Pane): string {
  const instructions = pane.order.reduce(
    (sum, index) => sum + (pane.func(index)?.instructions.length ?? 0),
    0,
  );
  const functions = pane.order.length === 1 ? "1 function" : `${pane.order.length} functions`;
  return `${functions}, ${instructions} lines`;
}

customElements.define("assembly-picture", AssemblyPicture);
