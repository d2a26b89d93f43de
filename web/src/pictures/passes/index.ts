/** `<passes-picture>`: one function, pass by pass, out of the HTML that the compiler wrote of it. */
import { html, nothing } from "lit";
import { guard } from "lit/directives/guard.js";
import { type Happening, isEnd } from "../../run-state.ts";
import { hasNamedFiles } from "../../txtar.ts";
import { Picture, pictureStyles } from "../picture.ts";
import { Rest } from "../rest.ts";
import { listView } from "./list-view.ts";
import { type Bar, overviewView } from "./overview.ts";
import { type Change, type LifeEvent, lifeOf, usersOf } from "./passes.ts";
import { type Read, Reading, type Step } from "./reading.ts";
import { idOf, lineOf, type Row, rowsOf } from "./rows.ts";
import { type Followed, lifeView, sourceView } from "./side-view.ts";
import { stepsView, summaryView, tableView } from "./steps-view.ts";
import { passesStyles } from "./styles.ts";

/** The name of the artifact. */
const artifactName = "ssa.html";

/** How long columns are read at a stretch, in ms: the page answers in between. */
const stretch = 8;

/** Rows that are drawn above and below those that can be seen. */
const around = 8;

/** Heights in rem, as the styles have them: of a row, and of the list. */
const [rowHeight, listHeight] = [1.5, 28];

/** What a pass that changed nothing changed. */
const nothingChanged: Change = {
  added: new Set(),
  removed: new Map(),
  changed: new Map(),
  moved: new Map(),
};

/** Draws a run of mode `ssa`. */
export class PassesPicture extends Picture {
  static override styles = [pictureStyles, passesStyles];

  #reading = new Reading("");
  #timer = 0;
  /** Whether `#reading` is of a run before the one that is under way. */
  #isOld = false;
  #step = 0;
  /** Whether steps that changed nothing are shown too. */
  #all = false;
  /** The value that is followed; empty for none. */
  #followed = "";
  #life: { id: string; read: number; events: LifeEvent[] } = { id: "", read: 0, events: [] };
  /** The row that the keyboard is on; -1 for none. */
  #active = -1;
  /** What a screen reader is told: the step that the reader came to, unless by what says so itself. */
  #spoken = "";
  readonly #atRest = new Rest(() => {
    this.#spoken = this.#steps[this.#step]?.name ?? "";
    this.redraw();
  });
  #rows: { of: Read | null; rows: Row[] } = { of: null, rows: [] };

  override connectedCallback(): void {
    super.connectedCallback();
    this.#readMore();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
    this.#atRest.stop();
  }

  protected override restart(): void {
    this.#isOld = true;
  }

  protected override take(event: Happening): void {
    if (event.type === "artifact" && event.name === artifactName) this.#begin(event.text);
    if (isEnd(event) && this.#isOld) this.#begin("");
  }

  #begin(document: string): void {
    const before = this.#steps[this.#step]?.name;
    this.#isOld = false;
    this.#reading = new Reading(document);
    // The same pass of other code, for a reader who compares.
    const same = this.#steps.findIndex(({ name }) => name === before);
    this.#step = Math.max(0, same);
    this.#followed = "";
    this.#life = { id: "", read: 0, events: [] };
    this.#active = -1;
    this.#spoken = "";
    this.#readMore();
  }

  /** Reads columns for a while, and goes on when the page has had its turn. */
  #readMore(): void {
    clearTimeout(this.#timer);
    this.#reading.more(stretch);
    if (!this.#reading.isComplete) this.#timer = window.setTimeout(() => this.#readMore());
    this.redraw();
  }

  get #steps(): Step[] {
    return this.#reading.steps(this.#all);
  }

  protected override render() {
    const { read, stages } = this.#reading;
    if (stages === 0) {
      return html`<p class="soft">${
        this.#isOld
          ? "Passes are drawn when the compiler has written them."
          : "There is nothing to draw. The text below says why."
      }</p>`;
    }
    const steps = this.#steps;
    const bars = steps.map((step) => this.#bar(step));
    const step = steps[this.#step];
    const here = step && read[step.stage];
    const show = (at: number, isSpoken?: boolean) => this.#show(at, isSpoken);
    return html`
      ${this.#headView(step)} ${overviewView(bars, this.#step, show)}
      ${stepsView(steps, this.#step, show)}
      <p class="summary">${step && here ? summaryView(step, here) : nothing}</p>
      ${step && here ? this.#panesView(step, here) : html`<p class="soft">Reading what the compiler wrote.</p>`}
      ${guard([this.#reading, read.length], () => tableView(read))}
      <p class="spoken" role="status">${this.#spoken}</p>`;
  }

  #headView(step: Step | undefined) {
    const { name, stages } = this.#reading;
    const toggle = () => {
      this.#all = !this.#all;
      this.#step = this.#stepOf(step?.stage ?? 0);
      this.redraw();
    };
    return html`<div class="row head">
      <span><strong class="name">${name}</strong>
        <span class="soft">${stages} of ${this.#reading.steps(true).length} steps changed something</span></span>
      <label class="all-passes"><input type="checkbox" .checked=${this.#all} @change=${toggle}>
        Those that changed nothing too</label>
    </div>`;
  }

  #bar({ stage, isQuiet }: Step): Bar {
    const read = this.#reading.read[stage];
    if (!read) return { count: 0, touched: 0, isAlive: false };
    const { added, changed, moved } = read.change;
    return {
      count: read.count,
      touched: isQuiet ? 0 : added.size + changed.size + moved.size,
      isAlive: read.values.has(this.#followed),
    };
  }

  #panesView(step: Step, read: Read) {
    const rows = this.#rowsOf(step, read);
    const height = this.#rowHeight;
    const list = this.renderRoot.querySelector(".list");
    const top = list?.scrollTop ?? 0;
    const room = list?.clientHeight || (height / rowHeight) * listHeight;
    const from = Math.floor(top / height) - around;
    const followed = this.#followedIn(step, read);
    const line = followed ? (followed.here?.value.line ?? null) : lineOf(rows[this.#active]);
    const { sources } = this.#reading;
    return html`<div class="panes">
      <div class="pane values-pane">${listView({
        label: `Values after ${step.name}`,
        rows,
        from: Math.min(Math.max(0, from), Math.max(0, rows.length - 1)),
        to: Math.ceil((top + room) / height) + around,
        height,
        active: this.#active,
        followed: this.#followed,
        press: (row, ref) => {
          this.#active = row;
          this.#follow(ref || idOf(rows[row]));
        },
        keys: (event) => this.#keys(event, rows),
        scrolled: () => this.redraw(),
      })}</div>
      <div class="side">${lifeView(followed)}${guard([sources, line], () => sourceView(sources, line))}</div>
    </div>`;
  }

  #rowsOf({ isQuiet }: Step, read: Read): Row[] {
    if (isQuiet) return rowsOf(read.stage, undefined, nothingChanged);
    if (this.#rows.of !== read) {
      const all = this.#reading.read;
      const before = all[all.indexOf(read) - 1]?.stage;
      this.#rows = { of: read, rows: rowsOf(read.stage, before, read.change) };
    }
    return this.#rows.rows;
  }

  #followedIn({ stage }: Step, { stage: { blocks }, values }: Read): Followed | null {
    const id = this.#followed;
    if (!id) return null;
    const stages = this.#reading.read.map(({ stage }) => stage);
    if (this.#life.id !== id || this.#life.read !== stages.length)
      this.#life = { id, read: stages.length, events: lifeOf(id, stages) };
    const here = values.get(id);
    const line = here?.value.line ?? null;
    return {
      id,
      events: this.#life.events,
      names: stages.map(({ name }) => name),
      stage,
      here,
      users: usersOf(id, blocks),
      isComplete: this.#reading.isComplete,
      goTo: line !== null && this.#isOurs(line) ? () => this.desk?.goTo(line, 1) : null,
      show: (stage) => this.#show(this.#stepOf(stage)),
      follow: (id) => this.#follow(id),
    };
  }

  /** Whether a line is one of the reader's only file: that of another file may have the same number. */
  #isOurs(line: number): boolean {
    if (!this.desk || hasNamedFiles(this.desk.source)) return false;
    const { sources } = this.#reading;
    const files = sources.filter((one) => "file" in one);
    return files.length === 1 && sources.some((one) => "number" in one && one.number === line);
  }

  /** In pixels. */
  get #rowHeight(): number {
    const { fontSize } = getComputedStyle(document.documentElement);
    return rowHeight * Number.parseFloat(fontSize);
  }

  #stepOf(stage: number): number {
    return this.#steps.findIndex((step) => step.stage === stage && !step.isQuiet);
  }

  #show(at: number, isSpoken = true): void {
    this.#step = Math.min(Math.max(0, at), this.#steps.length - 1);
    this.#spoken = "";
    this.#atRest.stop();
    if (isSpoken) this.#atRest.moved();
    this.#active = -1;
    this.#reveal();
  }

  /** Follows a value; the one that is followed already no longer. */
  #follow(id: string): void {
    this.#followed = id === this.#followed ? "" : id;
    this.#reveal();
  }

  /** Scrolls to the value that is followed. */
  #reveal(): void {
    const step = this.#steps[this.#step];
    const read = step && this.#reading.read[step.stage];
    if (read && this.#followed) {
      const at = this.#rowsOf(step, read).findIndex((row) => idOf(row) === this.#followed);
      if (at >= 0) this.#activate(at);
    }
    this.redraw();
  }

  #activate(row: number): void {
    this.#active = row;
    const list = this.renderRoot.querySelector(".list");
    const height = this.#rowHeight;
    const [top, end] = [row * height, (row + 1) * height];
    if (list && top < list.scrollTop) list.scrollTop = Math.max(0, top - 2 * height);
    else if (list && end > list.scrollTop + list.clientHeight)
      list.scrollTop = end - list.clientHeight + 2 * height;
    this.redraw();
  }

  #keys(event: KeyboardEvent, rows: readonly Row[]): void {
    const { key, altKey, ctrlKey, metaKey } = event;
    if (altKey || ctrlKey || metaKey) return;
    const ways: Record<string, number> = { ArrowUp: -1, ArrowDown: 1, PageUp: -16, PageDown: 16 };
    const by = ways[key];
    if (by) this.#activate(this.#nearest(rows, this.#active + by, Math.sign(by)));
    else if (key === "Home") this.#activate(this.#nearest(rows, 0, 1));
    else if (key === "End") this.#activate(this.#nearest(rows, rows.length - 1, -1));
    else if (key === "ArrowLeft") this.#show(this.#step - 1);
    else if (key === "ArrowRight") this.#show(this.#step + 1);
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
}

customElements.define("passes-picture", PassesPicture);
