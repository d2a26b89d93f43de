/** `<heap-picture>`: what GODEBUG=gctrace=1 says of each cycle of the collector, while it says it. */
import { css, html, nothing, unsafeCSS } from "lit";
import uplotStyles from "uplot/dist/uPlot.min.css" with { type: "text" };
import type { RunRequest } from "../../protocol.ts";
import { type Happening, isBusy } from "../../run-state.ts";
import { LostError, RefusedError } from "../../stream.ts";
import { Colours, watchTheme } from "../colours.ts";
import { longTable, longTableStyles } from "../long-table.ts";
import { Picture, pictureStyles } from "../picture.ts";
import { Rest } from "../rest.ts";
import { Chart, type Hands, type Scene, type Series } from "./chart.ts";
import { endOf } from "./gc-trace.ts";
import { closer, type Range, within } from "./range.ts";
import { nearest, Runs, type TracedRun } from "./runs.ts";
import { nameOf, type Setting, withSetting } from "./settings.ts";
import { heapStyles } from "./styles.ts";
import {
  colourOf,
  columns,
  cycleSentence,
  notesOf,
  readingView,
  runsView,
  slidersView,
} from "./views.ts";

/** Runs of one program, laid over each other. */
export class HeapPicture extends Picture {
  static override styles = [
    css`
      ${unsafeCSS(uplotStyles)}
    `,
    pictureStyles,
    longTableStyles,
    heapStyles,
  ];

  readonly #runs = new Runs();
  /** The snippet's own run. */
  #own: TracedRun | null = null;
  /** The run whose cycles are read. */
  #read: TracedRun | null = null;
  /** The cycle that is read, from 0; null for the newest, whichever that is. */
  #index: number | null = null;
  /** The stretch of time in sight; null for all. */
  #view: Range | null = null;
  #page = 0;
  #isTableOpen = false;
  /** What a screen reader is told. */
  #spoken = "";
  /** The environment that the sliders stand at. */
  #env: Readonly<Record<string, string>> = {};
  #abort: AbortController | null = null;
  #colours: Colours | null = null;
  #charts: { heap: Chart; pauses: Chart } | null = null;
  #unwatch = () => {};
  /** Counts the changes of the theme. */
  #theme = 0;
  /** What is on the charts. */
  #drawn = "";
  readonly #atRest = new Rest(() => this.#speak());
  /** A slider has come to rest: the program starts. */
  readonly #atChoice = new Rest(() => void this.#runAgain());

  /** What was read of each run, the oldest first: the data of the picture. */
  get runs(): readonly TracedRun[] {
    return this.#runs.list;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unwatch = watchTheme(this, () => {
      this.#colours?.forget();
      this.#theme += 1;
      this.redraw();
    });
    this.redraw();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unwatch();
    this.#atRest.stop();
    this.#atChoice.stop();
    this.#abort?.abort();
    this.#charts?.heap.close();
    this.#charts?.pauses.close();
    this.#charts = null;
    this.#drawn = "";
  }

  protected override restart(): void {
    if (!this.request) return;
    this.#atChoice.stop();
    this.#abort?.abort();
    this.#env = this.request.env;
    this.#own = this.#begin(this.request);
    // On another page nothing says so.
    this.#own.hear({ type: "sent" });
  }

  protected override take(event: Happening): void {
    this.#own?.hear(event);
  }

  #begin(request: RunRequest): TracedRun {
    const run = this.#runs.begin(request);
    this.#choose(run);
    this.#view = null;
    // The same setting again has the same name, and perhaps as many cycles.
    this.#drawn = "";
    return run;
  }

  /** Reads the newest cycle of a run. */
  #choose(run: TracedRun): void {
    this.#read = run;
    this.#index = null;
    this.#page = 0;
  }

  protected override render() {
    const read = this.#read;
    if (!read) return nothing;
    const { list } = this.#runs;
    const service = this.desk?.run;
    return html`
      <span class="probe spoken" aria-hidden="true"></span>
      <div class="row head">
        <h3>Heap, MB, over seconds</h3>
        <div class="row legend">
          <span><svg viewBox="0 0 24 12" aria-hidden="true"><path d="M1 10 11 3v5l11-7" fill="none" stroke="currentColor" stroke-width="1.5"/></svg>in use</span>
          <span><svg viewBox="0 0 24 12" aria-hidden="true"><path d="M1 6h22" fill="none" stroke="currentColor" stroke-width="1.5" stroke-dasharray="5 4"/></svg>goal</span>
          <span><svg viewBox="0 0 24 12" aria-hidden="true"><path d="M7 2h10l-5 8z" fill="currentColor"/></svg>forced</span>
          <span class="row">
            <button type="button" ?disabled=${this.#at < 0} @click=${this.#onCloser}>Zoom in</button>
            <button type="button" ?disabled=${!this.#view} @click=${() => this.#look(null)}>Show all</button>
          </span>
        </div>
      </div>
      <div class="chart" aria-hidden="true" data-chart="heap">${this.#emptyView()}</div>
      <div class="row head">
        <h3>Pauses, ms, and CPU share</h3>
        <div class="row legend">
          <span><svg viewBox="0 0 24 12" aria-hidden="true"><path d="M5 12V5m7 7V1m7 11V7" fill="none" stroke="currentColor" stroke-width="2"/></svg>program stopped</span>
          <span><svg viewBox="0 0 24 12" aria-hidden="true"><path d="M1 6h22" fill="none" stroke="currentColor" stroke-width="1.5" stroke-dasharray="5 4"/></svg>CPU share so far, right</span>
        </div>
      </div>
      <div class="chart low" aria-hidden="true" data-chart="pauses"></div>
      ${readingView(read, this.#at, (index) => this.#pick(index))}
      <p class="spoken" aria-live="polite">${this.#spoken}</p>
      ${list.flatMap((run) => notesOf(run).map((note) => html`<p class="note">${list.length > 1 ? html`<span class="mono">${run.name}</span>: ` : nothing}${note}</p>`))}
      ${service ? slidersView(this.#own?.request.env ?? {}, this.#env, this.#set) : nothing}
      ${
        list.length > 1 || service
          ? runsView(list, read, {
              read: (run) => {
                this.#choose(run);
                run.isShown = true;
                this.redraw();
              },
              toggle: (run) => {
                run.isShown = !run.isShown;
                this.redraw();
              },
              remove: (run) => this.#remove(run),
            })
          : nothing
      }
      <code class="command" tabindex="0" role="region" aria-label="Command">${read.state.command ?? "\u00a0"}</code>
      <details @toggle=${this.#onTable}>
        <summary>The same numbers as a table: ${read.name}</summary>
        ${
          this.#isTableOpen
            ? longTable({
                caption: `Cycles of ${read.name}`,
                columns,
                rows: read.cycles,
                page: this.#page,
                turn: (page) => {
                  this.#page = page;
                  this.redraw();
                },
              })
            : nothing
        }
      </details>
    `;
  }

  #emptyView() {
    if (this.#shown.length > 0) return nothing;
    const isComing = this.#runs.list.some(({ state }) => isBusy(state));
    return html`<p class="empty">${isComing ? "No cycle yet." : "No cycle to show."}</p>`;
  }

  protected override updated(): void {
    const probe = this.renderRoot.querySelector<HTMLElement>(".probe");
    if (!probe || !this.isConnected) return;
    this.#colours ??= new Colours(probe);
    this.#charts ??= this.#makeCharts(this.#colours);
    // A cycle that is chosen moves a mark, and no line.
    const scene = this.#sceneKey;
    if (scene === this.#drawn) return;
    this.#drawn = scene;
    const view = this.#view ?? this.#all;
    this.#charts.heap.show(this.#heapScene(view));
    this.#charts.pauses.show(this.#pausesScene(view));
  }

  /** What the lines depend on. */
  get #sceneKey(): string {
    const shown = this.#shown.map(({ name, cycles }) => [name, cycles.length]);
    return JSON.stringify([shown, this.#read?.name, this.#view, this.#theme]);
  }

  #makeCharts(colours: Colours) {
    const hands: Hands = {
      point: (seconds) => {
        if (this.#read) this.#pick(nearest(this.#read.cycles, seconds), false);
      },
      look: (range) => this.#look(range),
    };
    const make = (name: string, hasShare: boolean) => {
      const host = this.renderRoot.querySelector<HTMLElement>(`[data-chart="${name}"]`);
      if (!host) throw new Error("the picture has no chart");
      return new Chart(host, colours, hands, hasShare);
    };
    return { heap: make("heap", false), pauses: make("pauses", true) };
  }

  /** Runs that are shown and have something to show, the one that is read over all others. */
  get #shown(): TracedRun[] {
    const shown = this.#runs.list.filter(({ isShown, cycles }) => isShown && cycles.length > 0);
    return shown.sort((one, other) => Number(one === this.#read) - Number(other === this.#read));
  }

  /** From the start of the program to the end of the last cycle. */
  get #all(): Range {
    const ends = this.#shown
      .map(({ cycles }) => cycles.at(-1))
      .map((last) => (last ? endOf(last) : 0));
    return [0, Math.max(0.001, ...ends) * 1.01];
  }

  /** The index of the cycle that is read; -1 before the first. */
  get #at(): number {
    const last = (this.#read?.cycles.length ?? 0) - 1;
    return this.#index === null ? last : Math.min(this.#index, last);
  }

  #heapScene(view: Range): Scene {
    const shown = this.#shown;
    const series = shown.flatMap((run): Series[] => {
      const look = { colour: colourOf(run), width: run === this.#read ? 2 : 1.25 };
      const isAlone = shown.length === 1;
      return [
        { ...look, points: run.lines.goal, form: "steps", isDashed: true, width: 1.25 },
        { ...look, points: run.lines.heap, form: "line", isFilled: isAlone },
      ];
    });
    return {
      series,
      view,
      most: mostOf(series),
      marks: shown.flatMap((run) =>
        run.cycles
          .filter(({ isForced }) => isForced)
          .map(({ at }) => ({ x: at, colour: colourOf(run) })),
      ),
      chosen: this.#chosenHeap,
    };
  }

  get #chosenHeap(): Scene["chosen"] {
    const cycle = this.#read?.isShown && this.#read.cycles[this.#at];
    if (!this.#read || !cycle) return null;
    const [start, end, live] = cycle.heap;
    return {
      x: cycle.at,
      colour: colourOf(this.#read),
      dots: [
        { x: cycle.at, y: start },
        { x: endOf(cycle), y: end },
        { x: endOf(cycle), y: live },
      ],
    };
  }

  #pausesScene(view: Range): Scene {
    const series = this.#shown.flatMap((run): Series[] => {
      const look = { colour: colourOf(run) };
      return [
        {
          ...look,
          points: run.lines.share,
          form: "line",
          isShare: true,
          isDashed: true,
          width: 1.25,
        },
        { ...look, points: run.lines.pauses, form: "sticks", width: 2 },
      ];
    });
    return { series, view, most: mostOf(series), marks: [], chosen: this.#chosenPauses };
  }

  get #chosenPauses(): Scene["chosen"] {
    const chosen = this.#chosenHeap;
    return chosen && { ...chosen, dots: [] };
  }

  /** Reads a cycle. By pointer nothing is spoken. */
  #pick(index: number, isSpoken = true): void {
    if (index < 0 || index === this.#index) return;
    this.#index = index;
    this.#charts?.heap.choose(this.#chosenHeap);
    this.#charts?.pauses.choose(this.#chosenPauses);
    const cycle = this.#read?.cycles[index];
    if (this.#view && cycle) this.#view = within(this.#view, cycle.at, this.#all);
    if (isSpoken) this.#atRest.moved();
    this.redraw();
  }

  #speak(): void {
    const cycle = this.#read?.cycles[this.#at];
    this.#spoken = cycle ? cycleSentence(cycle) : "";
    this.redraw();
  }

  /** Looks closer at the cycle that is read. */
  #onCloser = (): void => {
    const cycle = this.#read?.cycles[this.#at];
    if (cycle) this.#look(closer(this.#view ?? this.#all, cycle.at, this.#all));
  };

  #look(range: Range | null): void {
    this.#view = range;
    this.redraw();
  }

  #onTable = (event: Event): void => {
    this.#isTableOpen = (event.target as HTMLDetailsElement).open;
    this.redraw();
  };

  #remove(run: TracedRun): void {
    this.#runs.remove(run);
    const rest = this.#runs.list.at(-1);
    if (run === this.#read && rest) this.#choose(rest);
    this.redraw();
    // The button that was pressed is gone.
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>(".runs input")?.focus(),
    );
  }

  #set = (setting: Setting, value: string): void => {
    this.#env = withSetting(this.#env, setting, value);
    this.#atChoice.moved();
    this.redraw();
  };

  /** Runs the program of the snippet's own run with what the sliders say. The one before is ended. */
  async #runAgain(): Promise<void> {
    const own = this.#own;
    const start = this.desk?.run;
    if (!own || !start) return;
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    const run = this.#begin({ ...own.request, env: { ...this.#env } });
    const tell = (event: Happening) => {
      run.hear(event);
      this.redraw();
    };
    this.#spoken = `Running with ${nameOf(this.#env)}.`;
    tell({ type: "sent" });
    try {
      for await (const event of start(run.request, abort.signal)) tell(event);
    } catch (error) {
      if (abort.signal.aborted) tell({ type: "stopped" });
      else if (error instanceof RefusedError) tell({ type: "refused", problem: error.problem });
      else if (error instanceof LostError) tell({ type: "lost", message: error.message });
      else throw error;
    }
  }
}

/** The top of the left axis. */
function mostOf(series: readonly Series[]): number {
  let most = 0;
  for (const { points, isShare } of series)
    if (!isShare) for (const y of points.y) if (y > most) most = y;
  return most > 0 ? most * 1.08 : 1;
}

customElements.define("heap-picture", HeapPicture);
