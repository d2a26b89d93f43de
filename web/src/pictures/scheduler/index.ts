/** `<scheduler-picture>`: what GODEBUG=schedtrace=N says of each moment, while it says it. */
import { html, nothing, type TemplateResult } from "lit";
import { type Happening, idle, isBusy, type RunState, reduce } from "../../run-state.ts";
import { cutNote } from "../../wording.ts";
import { Colours, watchTheme } from "../colours.ts";
import { longTable, longTableStyles } from "../long-table.ts";
import { Picture, pictureStyles } from "../picture.ts";
import { Rest } from "../rest.ts";
import { swatch } from "../swatch.ts";
import { mixedNote, unfinishedNote } from "../trace-lines.ts";
import { zoomOf } from "../zoom.ts";
import { Axis, drawLanes } from "./lanes.ts";
import {
  hasTicks,
  lanesOf,
  type Measure,
  momentSentence,
  type NamedLane,
  statusColours,
  threadColours,
} from "./scene.ts";
import { pStatus, SchedTrace, type Snapshot } from "./sched-trace.ts";
import { schedulerStyles } from "./styles.ts";
import { columns, detailView } from "./views.ts";

/** Up to so many Ps have high lanes. */
const fewProcs = 8;

/** The moments of one run. */
export class SchedulerPicture extends Picture {
  static override styles = [pictureStyles, longTableStyles, schedulerStyles];

  #trace = new SchedTrace();
  #state: RunState = idle;
  #measure: Measure = "queue";
  /** The moment that is read, from 0; null for the newest. */
  #index: number | null = null;
  #page = 0;
  #isTableOpen = false;
  /** What a screen reader is told. */
  #spoken = "";
  #colours: Colours | null = null;
  #unwatch = () => {};
  #lanes: NamedLane[] = [];
  /** What is on the canvas. */
  #drawn = "";
  readonly #sizes = new ResizeObserver(() => {
    this.#drawn = "";
    this.redraw();
  });
  readonly #atRest = new Rest(() => {
    const snapshot = this.snapshots[this.#at];
    this.#spoken = snapshot ? momentSentence(snapshot) : "";
    this.redraw();
  });

  /** What was read of the trace: the data of the picture. */
  get snapshots(): readonly Snapshot[] {
    return this.#trace.snapshots;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unwatch = watchTheme(this, () => {
      this.#colours?.forget();
      this.#drawn = "";
      this.redraw();
    });
    this.#sizes.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unwatch();
    this.#sizes.disconnect();
    this.#atRest.stop();
  }

  protected override restart(): void {
    this.#trace = new SchedTrace();
    // On another page nothing says so.
    this.#state = reduce(idle, { type: "sent" });
    this.#index = null;
    this.#page = 0;
    this.#drawn = "";
  }

  protected override take(event: Happening): void {
    this.#state = reduce(this.#state, event);
    if (event.type === "stderr") this.#trace.push(event.text);
  }

  /** The index of the moment that is read; -1 before the first. */
  get #at(): number {
    const last = this.snapshots.length - 1;
    return this.#index === null ? last : Math.min(this.#index, last);
  }

  get #areLow(): boolean {
    return this.#lanes.length - 3 > fewProcs;
  }

  protected override render() {
    if (!this.request) return nothing;
    const { snapshots } = this;
    const snapshot = snapshots[this.#at];
    this.#lanes = snapshots.length > 0 ? lanesOf(snapshots, this.#measure) : [];
    return html`
      <span class="probe spoken" aria-hidden="true"></span>
      <div class="row head">
        <h3>${this.#measure === "queue" ? "Goroutines that wait in each queue" : "Time slices that each P begins in a ms"}</h3>
        ${
          hasTicks(snapshots)
            ? html`<div class="row" role="group" aria-label="What the lanes of the Ps show">
                ${this.#measureView("queue", "Queue length")}${this.#measureView("rate", "Time slices")}
              </div>`
            : nothing
        }
      </div>
      ${this.#legendView(snapshots)}
      ${snapshots.length > 0 ? this.#lanesView() : html`<div class="lanes"><p class="soft">${isBusy(this.#state) ? "No moment yet." : "No moment to show."}</p></div>`}
      ${this.#readingView(snapshot)}
      <p class="spoken" aria-live="polite">${this.#spoken}</p>
      ${this.#notes.map((note) => html`<p class="note">${note}</p>`)}
      ${snapshot?.detail ? detailView(snapshot.detail) : nothing}
      <details @toggle=${this.#onTable}>
        <summary>The same numbers as a table</summary>
        ${
          this.#isTableOpen
            ? longTable({
                caption: "Moments",
                columns,
                rows: snapshots,
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

  #measureView(measure: Measure, label: string): TemplateResult {
    return html`<button type="button" aria-pressed=${measure === this.#measure}
      @click=${() => {
        this.#measure = measure;
        this.#drawn = "";
        this.redraw();
      }}>${label}</button>`;
  }

  #legendView(snapshots: readonly Snapshot[]): TemplateResult {
    const key = (colour: string, text: string, look = "") =>
      html`<span>${swatch(colour, look)}${text}</span>`;
    const seen = new Set(snapshots.flatMap(({ detail }) => detail?.ps.map((p) => p.status) ?? []));
    const statuses = [...seen].flatMap((status) => {
      const colour = statusColours[status];
      return colour ? key(colour, pStatus(status), "thin") : [];
    });
    return html`<div class="row legend" aria-hidden="true">
      <span>Threads:</span>${threadColours.map(([colour, text]) => key(colour, text))}
      ${statuses.length > 0 ? html`<span>Under a P:</span>${statuses}` : nothing}
    </div>`;
  }

  #lanesView(): TemplateResult {
    return html`<div class="lanes ${this.#areLow ? "low" : ""}" tabindex="0" role="region" aria-label="Lanes">
      <ul class="names">
        ${this.#lanes.map(({ name, at }) => html`<li><span>${name}</span><strong>${at(this.#at)}</strong></li>`)}
      </ul>
      <div class="plane" aria-hidden="true" @pointermove=${this.#onPointer} @pointerdown=${this.#onPointer}>
        <canvas></canvas>
        <div class="now"></div>
      </div>
    </div>`;
  }

  #readingView(snapshot: Snapshot | undefined): TemplateResult {
    const last = this.snapshots.length - 1;
    return html`<div class="reading">
      <label>
        <span>Moment</span>
        <input type="range" min="0" max=${Math.max(0, last)} step="1" .value=${String(Math.max(0, this.#at))}
          ?disabled=${!snapshot} aria-valuetext=${snapshot ? `${snapshot.at} ms` : "none"}
          @input=${(event: Event) => this.#pick((event.target as HTMLInputElement).valueAsNumber)} />
        <span class="number" aria-hidden="true">${snapshot ? `${this.#at + 1} of ${last + 1}` : nothing}</span>
      </label>
      <p class="sentence">${snapshot ? momentSentence(snapshot) : nothing}</p>
    </div>`;
  }

  get #notes(): string[] {
    const cut = this.#state.truncated.find(({ stream }) => stream === "stderr");
    return [
      ...(this.#trace.mixed > 0 ? [mixedNote(this.#trace.mixed)] : []),
      ...(cut ? [cutNote(cut)] : []),
      ...(this.#trace.isUnfinished && !cut && !isBusy(this.#state) ? [unfinishedNote] : []),
    ];
  }

  protected override updated(): void {
    const canvas = this.renderRoot.querySelector("canvas");
    const now = this.renderRoot.querySelector<HTMLElement>(".now");
    const probe = this.renderRoot.querySelector<HTMLElement>(".probe");
    if (!canvas || !now || !probe || !this.isConnected) return;
    this.#colours ??= new Colours(probe);
    const times = this.snapshots.map(({ at }) => at);
    const at = new Axis(times, canvas.clientWidth).at(times[this.#at] ?? 0);
    now.style.transform = `translateX(${Math.round(at)}px)`;
    // Lines on Ps, threads and goroutines come after the first line of their moment.
    const detail = this.snapshots.at(-1)?.detail;
    const drawn = [times.length, detail?.ps.length, canvas.clientWidth].join();
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const laneHeight = this.#areLow ? 24 : 40;
    drawLanes(canvas, { times, lanes: this.#lanes, laneHeight }, this.#colours);
  }

  #onPointer = (event: PointerEvent): void => {
    const plane = event.currentTarget as HTMLElement;
    const { left, width } = plane.getBoundingClientRect();
    const times = this.snapshots.map(({ at }) => at);
    const zoom = zoomOf(plane);
    this.#pick(new Axis(times, width / zoom).nearest((event.clientX - left) / zoom), false);
  };

  /** Reads a moment. By pointer nothing is spoken. */
  #pick(index: number, isSpoken = true): void {
    if (index < 0 || index === this.#index) return;
    this.#index = index;
    if (isSpoken) this.#atRest.moved();
    this.redraw();
  }

  #onTable = (event: Event): void => {
    this.#isTableOpen = (event.target as HTMLDetailsElement).open;
    this.redraw();
  };
}

customElements.define("scheduler-picture", SchedulerPicture);
