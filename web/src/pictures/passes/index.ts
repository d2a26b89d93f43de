/** `<passes-picture>`: one function, pass by pass, out of the HTML that the compiler wrote of it. */
import { html, nothing } from "lit";
import { guard } from "lit/directives/guard.js";
import type { Happening } from "../../run-state.ts";
import { Picture, pictureStyles } from "../picture.ts";
import { type Column, columnsOf, functionOf } from "./columns.ts";
import { listView } from "./list-view.ts";
import { overviewView } from "./overview.ts";
import {
  type Change,
  changeOf,
  type LifeEvent,
  lifeOf,
  type Placed,
  type Stage,
  usersOf,
  valuesOf,
} from "./passes.ts";
import { readSources, readStage, type SourceLine } from "./read.ts";
import { idOf, lineOf, type Row, rowsOf } from "./rows.ts";
import { type Followed, lifeView, sourceView } from "./side-view.ts";
import { passesStyles } from "./styles.ts";

/** The name of the artifact. */
const artifactName = "ssa.html";

/** Columns that are no passes. */
const others = ["sources", "AST"];

/** How long columns are read at a stretch, in ms: the page answers in between. */
const stretch = 8;

/** Rows that are drawn above and below those that can be seen. */
const around = 8;

/** A stage that was read, with what is computed of it once. */
interface Read {
  stage: Stage;
  change: Change;
  values: ReadonlyMap<string, Placed>;
  /** How many values, or instructions. */
  count: number;
}

/** A step of the slider: a stage, or a pass that changed nothing since the stage before. */
interface Step {
  name: string;
  stage: number;
  isQuiet: boolean;
}

/** Draws a run of mode `ssa`. */
export class PassesPicture extends Picture {
  static override styles = [pictureStyles, passesStyles];

  #function = "";
  #columns: Column[] = [];
  #sources: SourceLine[] = [];
  #read: Read[] = [];
  #timer = 0;
  /** Whether there is none yet of the run that is under way. */
  #isOld = false;
  #step = 0;
  #all = false;
  #followed = "";
  #life: { id: string; read: number; events: LifeEvent[] } = { id: "", read: 0, events: [] };
  #active = -1;
  #rows: { of: Read | null; rows: Row[] } = { of: null, rows: [] };

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
    this.#timer = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#readMore();
  }

  protected override restart(): void {
    this.#isOld = true;
  }

  protected override take(event: Happening): void {
    if (event.type === "artifact" && event.name === artifactName) this.#begin(event.text);
    const isOver = ["exit", "stopped", "refused", "lost"].includes(event.type);
    if (isOver && this.#isOld) this.#begin("");
  }

  #begin(document: string): void {
    const before = this.#steps[this.#step]?.name;
    const columns = columnsOf(document);
    this.#isOld = false;
    this.#function = functionOf(document);
    this.#columns = columns.filter(({ names: [name = ""] }) => !others.includes(name));
    const sources = columns.find(({ names: [name] }) => name === "sources");
    this.#sources = sources ? readSources(sources) : [];
    this.#read = [];
    // The same pass of other code, for a reader who compares.
    this.#step = Math.max(
      0,
      this.#steps.findIndex(({ name }) => name === before),
    );
    this.#followed = "";
    this.#active = -1;
    this.#readMore();
  }

  /** Reads columns for a while, and goes on when the page has had its turn. */
  #readMore(): void {
    clearTimeout(this.#timer);
    const until = performance.now() + stretch;
    while (this.#read.length < this.#columns.length && performance.now() < until) {
      const column = this.#columns[this.#read.length];
      if (!column) break;
      const stage = readStage(column);
      const change = changeOf(this.#read.at(-1)?.stage, stage);
      const values = valuesOf(stage.blocks);
      this.#read.push({ stage, change, values, count: values.size + stage.instructions.length });
    }
    const isMore = this.#read.length < this.#columns.length;
    this.#timer = isMore ? window.setTimeout(() => this.#readMore()) : 0;
    this.redraw();
  }

  /** What the slider goes through. Known before the columns are read. */
  get #steps(): Step[] {
    return this.#columns.flatMap(({ names }, stage) =>
      names.flatMap((name, at): Step[] => {
        const isQuiet = at < names.length - 1;
        if (isQuiet && !this.#all) return [];
        return [{ name, stage: isQuiet ? Math.max(0, stage - 1) : stage, isQuiet }];
      }),
    );
  }

  protected override render() {
    if (this.#columns.length === 0) {
      return html`<p class="soft">${
        this.#isOld
          ? "Passes are drawn when the compiler has written them."
          : "There is nothing to draw. The text below says why."
      }</p>`;
    }
    const steps = this.#steps;
    const step = steps[this.#step];
    const read = step && this.#read[step.stage];
    return html`
      ${this.#headView(steps)}
      ${overviewView(
        steps.map((step) => this.#bar(step)),
        this.#step,
        (at) => this.#show(at),
      )}
      ${this.#stepsView(steps, step)}
      <p class="summary">${step ? this.#summary(step) : nothing}</p>
      ${read && step ? this.#panesView(step, read) : html`<p class="soft">Reading what the compiler wrote.</p>`}
      ${guard([this.#columns, this.#read.length], () => this.#tableView())}
      <p class="spoken" role="status">${step?.name ?? ""}</p>`;
  }

  #headView(steps: readonly Step[]) {
    const passes = this.#columns.reduce((sum, { names }) => sum + names.length, 0);
    const toggle = () => {
      const stage = steps[this.#step]?.stage ?? 0;
      this.#all = !this.#all;
      this.#step = this.#stepOf(stage);
      this.redraw();
    };
    return html`<div class="row head">
      <span><strong class="name">${this.#function}</strong>
        <span class="soft">${this.#columns.length} of ${passes} steps changed something</span></span>
      <label class="all-passes"><input type="checkbox" .checked=${this.#all} @change=${toggle}>
        Those that changed nothing too</label>
    </div>`;
  }

  #stepsView(steps: readonly Step[], step: Step | undefined) {
    const go = (by: number) => () => this.#show(this.#step + by);
    const slide = (event: Event) => this.#show(Number((event.target as HTMLInputElement).value));
    const choose = (event: Event) => this.#show((event.target as HTMLSelectElement).selectedIndex);
    return html`<div class="row steps">
        <button type="button" aria-label="Pass before" ?disabled=${this.#step === 0} @click=${go(-1)}>←</button>
        <input type="range" aria-label="Pass" min="0" max=${steps.length - 1} .value=${String(this.#step)}
          aria-valuetext="${step?.name}, ${this.#step + 1} of ${steps.length}" @input=${slide}>
        <button type="button" aria-label="Next pass" ?disabled=${this.#step === steps.length - 1} @click=${go(1)}>→</button>
      </div>
      <select aria-label="Pass by name" @change=${choose}>
        ${steps.map(
          ({ name, isQuiet }, at) =>
            html`<option .selected=${at === this.#step}>${at + 1}. ${name}${isQuiet ? " (changed nothing)" : ""}</option>`,
        )}
      </select>`;
  }

  #bar({ stage, isQuiet }: Step) {
    const read = this.#read[stage];
    if (!read) return { count: 0, touched: 0, isAlive: false };
    const { added, changed, moved } = read.change;
    return {
      count: read.count,
      touched: isQuiet ? 0 : added.size + changed.size + moved.size,
      isAlive: read.values.has(this.#followed),
    };
  }

  #summary({ name, stage, isQuiet }: Step) {
    const read = this.#read[stage];
    if (!read) return nothing;
    const { change, count } = read;
    const { blocks, instructions, quiet } = read.stage;
    const size = instructions.length
      ? `${instructions.length} instructions, with the value that each is made of.`
      : `${count} values in ${blocks.length} ${blocks.length === 1 ? "block" : "blocks"}.`;
    if (isQuiet) return html`<b>${name}</b> changed nothing. ${size}`;
    return html`<b>${name}</b>: ${stage > 0 && !instructions.length ? wordsOf(change) : nothing} ${size}
      ${quiet.length ? html`<span class="soft">Before it, without a change: ${quiet.join(", ")}.</span>` : nothing}`;
  }

  #panesView(step: Step, read: Read) {
    const rows = this.#rowsOf(step, read);
    const height = this.#rowHeight;
    const list = this.renderRoot.querySelector(".list");
    const [top, room] = [list?.scrollTop ?? 0, list?.clientHeight || 28 * (height / 1.5)];
    const from = Math.max(0, Math.floor(top / height) - around);
    const to = Math.ceil((top + room) / height) + around;
    const followed = this.#followedIn(step, read);
    const line = followed ? (followed.here?.value.line ?? null) : lineOf(rows[this.#active]);
    return html`<div class="panes">
      <div class="pane values-pane">${listView({
        label: `Values after ${step.name}`,
        rows,
        from: Math.min(from, Math.max(0, rows.length - 1)),
        to,
        height,
        active: this.#active < rows.length ? this.#active : -1,
        followed: this.#followed,
        press: (row, ref) => {
          this.#active = row;
          this.#follow(ref || idOf(rows[row]));
        },
        keys: (event) => this.#keys(event, rows),
        scrolled: () => this.redraw(),
      })}</div>
      <div class="side">${lifeView(followed)}${guard([this.#sources, line], () => sourceView(this.#sources, line))}</div>
    </div>`;
  }

  #rowsOf({ isQuiet }: Step, read: Read): Row[] {
    const none: Change = {
      added: new Set(),
      removed: new Map(),
      changed: new Map(),
      moved: new Map(),
    };
    if (isQuiet) return rowsOf(read.stage, undefined, none);
    if (this.#rows.of === read) return this.#rows.rows;
    const before = this.#read[this.#read.indexOf(read) - 1]?.stage;
    this.#rows = { of: read, rows: rowsOf(read.stage, before, read.change) };
    return this.#rows.rows;
  }

  #followedIn({ stage }: Step, { stage: { blocks }, values }: Read): Followed | null {
    const id = this.#followed;
    if (!id) return null;
    if (this.#life.id !== id || this.#life.read !== this.#read.length) {
      const stages = this.#read.map(({ stage }) => stage);
      this.#life = { id, read: stages.length, events: lifeOf(id, stages) };
    }
    const here = values.get(id);
    const line = here?.value.line ?? null;
    return {
      id,
      events: this.#life.events,
      names: this.#read.map(({ stage }) => stage.name),
      stage,
      here,
      users: usersOf(id, blocks),
      isComplete: this.#read.length === this.#columns.length,
      goTo: this.#canGoTo(line) ? () => line && this.desk?.goTo(line, 1) : null,
      show: (stage) => this.#show(this.#stepOf(stage)),
      follow: (id) => this.#follow(id),
    };
  }

  /** Whether a line is one of the reader's only file: that of another file may have the same number. */
  #canGoTo(line: number | null): boolean {
    if (!this.desk || line === null || /^-- .+ --\r*$/mu.test(this.desk.source)) return false;
    const files = this.#sources.flatMap((line) => ("file" in line ? [line.file] : []));
    return (
      files.length === 1 && this.#sources.some((one) => "number" in one && one.number === line)
    );
  }

  get #rowHeight(): number {
    return 1.5 * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  }

  #stepOf(stage: number): number {
    return this.#steps.findIndex((step) => step.stage === stage && !step.isQuiet);
  }

  #show(at: number): void {
    this.#step = Math.min(Math.max(0, at), this.#steps.length - 1);
    this.#active = -1;
    this.#reveal();
  }

  #follow(id: string): void {
    this.#followed = id === this.#followed ? "" : id;
    this.#reveal();
  }

  /** Scrolls to the value that is followed, and to its line. */
  #reveal(): void {
    const step = this.#steps[this.#step];
    const read = step && this.#read[step.stage];
    if (read && step && this.#followed) {
      const rows = this.#rowsOf(step, read);
      const at = rows.findIndex((row) => idOf(row) === this.#followed);
      if (at >= 0) {
        this.#active = at;
        this.#scrollTo(at);
      }
    }
    this.redraw();
    void this.updateComplete;
  }

  #scrollTo(row: number): void {
    const list = this.renderRoot.querySelector(".list");
    if (!list) return;
    const height = this.#rowHeight;
    const [top, end] = [row * height, (row + 1) * height];
    if (top < list.scrollTop) list.scrollTop = Math.max(0, top - 2 * height);
    else if (end > list.scrollTop + list.clientHeight)
      list.scrollTop = end - list.clientHeight + 2 * height;
  }

  #keys(event: KeyboardEvent, rows: readonly Row[]): void {
    const way: Record<string, number> = { ArrowUp: -1, ArrowDown: 1, PageUp: -16, PageDown: 16 };
    const { key } = event;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const by = way[key];
    if (by !== undefined) this.#activate(this.#nearest(rows, this.#active + by, Math.sign(by)));
    else if (key === "Home") this.#activate(this.#nearest(rows, 0, 1));
    else if (key === "End") this.#activate(this.#nearest(rows, rows.length - 1, -1));
    else if (key === "ArrowLeft" || key === "ArrowRight")
      this.#show(this.#step + (key === "ArrowLeft" ? -1 : 1));
    else if (key === "Enter" || key === " ") this.#follow(idOf(rows[this.#active]));
    else if (key === "Escape" && this.#followed) this.#follow("");
    else return;
    event.preventDefault();
  }

  /** The next row from `at` on that is of a value; where there is none, the one that is active. */
  #nearest(rows: readonly Row[], at: number, by: number): number {
    const start = Math.min(Math.max(0, at), rows.length - 1);
    for (let row = start; row >= 0 && row < rows.length; row += by) if (idOf(rows[row])) return row;
    return this.#active;
  }

  #activate(row: number): void {
    this.#active = row;
    this.#scrollTo(row);
    this.redraw();
  }

  #tableView() {
    return html`<details>
      <summary>As a table</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="What each pass changed"><table>
        <thead><tr>
          <th scope="col">pass</th><th scope="col">blocks</th><th scope="col">values</th>
          <th scope="col">added</th><th scope="col">removed</th><th scope="col">changed</th><th scope="col">moved</th>
        </tr></thead>
        <tbody>${this.#read.map(({ stage, change, count }, at) => {
          const isCode = stage.instructions.length > 0;
          const numbers = [
            isCode ? "" : stage.blocks.length,
            isCode ? `${count} instructions` : count,
            ...[change.added, change.removed, change.changed, change.moved].map(({ size }) =>
              at === 0 || isCode ? "" : size,
            ),
          ];
          return html`${stage.quiet.map(
            (name) =>
              html`<tr><td>${name}</td><td class="soft" colspan="6">changed nothing</td></tr>`,
          )}
          <tr><td>${stage.name}</td>${numbers.map((number) => html`<td class="number">${number}</td>`)}</tr>`;
        })}</tbody>
      </table></div>
    </details>`;
  }
}

function wordsOf({ added, removed, changed, moved }: Change): string {
  const parts = [
    [added.size, "added"],
    [removed.size, "removed"],
    [changed.size, "changed"],
    [moved.size, "moved to another block"],
  ].flatMap(([count, word]) => (count ? [`${count} ${word}`] : []));
  return parts.length
    ? `${parts.join(", ")}.`
    : "the values are the same; their order, their lines or the blocks around them are not.";
}

customElements.define("passes-picture", PassesPicture);
