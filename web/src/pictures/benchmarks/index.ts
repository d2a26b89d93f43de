/** `<benchmarks-picture>`: what mode `bench` measured, with its spread, and compared as benchstat does. */
import { css, html, nothing, type TemplateResult } from "lit";
import type { RunRequest } from "../../protocol.ts";
import type { Happening } from "../../run-state.ts";
import { Picture, pictureStyles } from "../picture.ts";
import { readReport } from "./format.ts";
import {
  type Base,
  basisOf,
  filtersOf,
  isOver,
  KEPT,
  nameOf,
  type Run,
  sampleSizes,
  usualBase,
} from "./runs.ts";
import { panelsOf, panelView, stripStyles, tableView, warningsOf } from "./strips.ts";

/** So often does the picture measure when it is asked to; the service allows no more. */
const COUNT = 10;

/** Draws a run, and keeps earlier ones to compare it with. */
export class BenchmarksPicture extends Picture {
  static override styles = [
    pictureStyles,
    stripStyles,
    css`
      :host {
        box-sizing: border-box;
      }
      .all {
        container-type: inline-size;
      }
      select {
        min-height: 2rem;
        max-width: 14rem;
        font: inherit;
        color: var(--ink, FieldText);
        background: var(--surface, Field);
        border: 1px solid var(--field, currentcolor);
        border-radius: 6px;
      }
      .note {
        margin: 0.625rem 0 0;
      }
      .legend {
        margin: 0.625rem 0 0;
        font-size: 0.8125rem;
      }
      pre {
        margin: 0.25rem 0 0;
        font: 400 0.8125rem / 1.5 var(--mono, ui-monospace, monospace);
      }
    `,
  ];

  #run: Run | null = null;
  #earlier: Run[] = [];
  #count = 0;
  /** What the reader chose to compare with; undefined until then. */
  #base: Base | undefined;
  #fromZero = true;
  /** The picture's own run, while it goes on. */
  #measuring: AbortController | null = null;
  /** Why the picture's own run measured nothing, so that the one before is still shown. */
  #trouble = "";

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#measuring?.abort();
  }

  protected override restart(): void {
    this.#measuring?.abort();
    this.#measuring = null;
    this.#trouble = "";
    if (this.request) this.#next(this.request, false);
  }

  protected override take(event: Happening): void {
    // The snippet's run is over before the picture begins its own.
    if (!this.#measuring) this.#tell(event);
  }

  /** Keeps the run that was shown, if it measured anything, and begins another. */
  #next(request: RunRequest, isOwn: boolean): Run {
    if (this.#run && this.#run.report.benchmarks.length > 0) {
      this.#earlier = [...this.#earlier, this.#run].slice(-KEPT);
    }
    const run: Run = {
      number: ++this.#count,
      request,
      isOwn,
      text: "",
      report: readReport(""),
      exit: null,
      lost: "",
    };
    this.#run = run;
    // The page is not to jump until the new drawing is there.
    this.style.minHeight = `${this.offsetHeight}px`;
    return run;
  }

  #tell(event: Happening): void {
    const run = this.#run;
    if (!run) return;
    if (event.type === "started" && run.isOwn) run.text += `$ ${event.command}\n`;
    if (event.type === "stdout") {
      run.text += event.text;
      run.report = readReport(run.text);
    }
    if (event.type === "exit" && (run.exit?.status ?? "ok") === "ok") run.exit = event;
    if (event.type === "lost") run.lost = event.message;
    if (event.type === "refused") run.lost = event.problem.detail || event.problem.title;
    if (event.type === "stopped") run.lost = "It was stopped.";
    if (isOver(run) && !this.#measuring) this.style.minHeight = "";
  }

  #measure = async (): Promise<void> => {
    const [before, run] = [this.#run, this.desk?.run];
    if (!run || !before || this.#measuring) return;
    const abort = new AbortController();
    this.#measuring = abort;
    this.#trouble = "";
    const { request } = before;
    const own = this.#next(request, true);
    this.requestUpdate();
    try {
      for (const filter of filtersOf(before)) {
        const options = { ...request.options, filter, count: COUNT };
        for await (const event of run({ ...request, options }, abort.signal)) {
          if (this.#run !== own) return;
          this.#tell(event);
          this.redraw();
        }
      }
    } catch (error) {
      own.lost = abort.signal.aborted ? "It was stopped." : (error as Error).message;
    }
    // The reader has pressed Run since.
    if (this.#run !== own) return;
    this.#measuring = null;
    this.style.minHeight = "";
    if (own.report.benchmarks.length === 0) {
      this.#run = before;
      this.#earlier = this.#earlier.filter((one) => one !== before);
      this.#trouble = own.lost || "Nothing was measured.";
    }
    this.requestUpdate();
  };

  #stop = (): void => this.#measuring?.abort();

  #chooseBase = (event: Event): void => {
    this.#base = JSON.parse((event.target as HTMLSelectElement).value) as Base;
    this.requestUpdate();
  };

  #toggleZero = (): void => {
    this.#fromZero = !this.#fromZero;
    this.requestUpdate();
  };

  /** What is compared with: the reader's choice, as long as it is there. */
  get #chosenBase(): Base {
    const run = this.#run;
    const chosen = this.#base;
    if (!run || chosen === null) return null;
    const isThere =
      chosen &&
      ("run" in chosen
        ? this.#earlier.some(({ number }) => number === chosen.run)
        : run.report.benchmarks.some(({ name }) => name === chosen.benchmark));
    return isThere ? chosen : usualBase(run, this.#earlier);
  }

  protected override render(): TemplateResult | typeof nothing {
    const run = this.#run;
    if (!run) return nothing;
    const { benchmarks } = run.report;
    const base = this.#chosenBase;
    const panels = panelsOf(benchmarks, (benchmark, unit) =>
      basisOf(benchmark, unit, base, run, this.#earlier),
    );
    const isOtherRun = base !== null && "run" in base;
    return html`<div class="all">
      <div class="row">
        ${this.#measureView(run)} ${benchmarks.length > 0 ? this.#choiceView(run, base) : nothing}
      </div>
      ${this.#notes(run).map((text) => html`<p class="note">${text}</p>`)}
      ${panels.map((panel) => panelView(panel, this.#fromZero, isOtherRun))}
      ${panels.length > 0 ? this.#legendView(warningsOf(panels), isOtherRun) : nothing}
      ${
        panels.length > 0
          ? html`<details>
              <summary>The same numbers as a table</summary>
              <div class="scroll" tabindex="0" role="region" aria-label="Measurements">${tableView(panels)}</div>
            </details>`
          : nothing
      }
      ${run.isOwn ? this.#textView(run) : nothing}
    </div>`;
  }

  #measureView(run: Run) {
    const sizes = sampleSizes(run.report);
    const most = Math.max(0, ...sizes);
    const done = sizes.reduce((one, other) => one + other, 0);
    const state = this.#measuring
      ? `${done} measured so far`
      : most === 0
        ? isOver(run)
          ? "Nothing was measured."
          : "No measurement is complete yet."
        : `Run ${run.number}, each measured ${most === 1 ? "once" : `${most} times`}`;
    return html`<span>${state}</span>
      ${
        this.#measuring
          ? html`<button type="button" @click=${this.#stop}>Stop</button>`
          : this.desk?.run
            ? html`<button type="button" ?disabled=${!isOver(run) || most === 0} @click=${this.#measure}>
                Measure ${COUNT} times
              </button>`
            : nothing
      }
      <span class="spoken" role="status">${this.#measuring ? "Measuring." : ""}</span>`;
  }

  #choiceView(run: Run, base: Base) {
    const option = (value: Base, text: string) => {
      const json = JSON.stringify(value);
      return html`<option value=${json} .selected=${json === JSON.stringify(base)}>${text}</option>`;
    };
    const { benchmarks } = run.report;
    return html`<label class="row">
        <span>Compare with</span>
        <select @change=${this.#chooseBase}>
          ${option(null, "nothing")}
          ${
            this.#earlier.length > 0
              ? html`<optgroup label="Earlier runs">
                  ${this.#earlier.toReversed().map((one) => option({ run: one.number }, nameOf(one, run)))}
                </optgroup>`
              : nothing
          }
          ${
            benchmarks.length > 1
              ? html`<optgroup label="In this run">
                  ${benchmarks.map(({ name }) => option({ benchmark: name }, name))}
                </optgroup>`
              : nothing
          }
        </select>
      </label>
      <button type="button" aria-pressed=${this.#fromZero} @click=${this.#toggleZero}>From zero</button>`;
  }

  /** What a reader has to know of the run as a whole. */
  #notes({ report, exit, lost }: Run): string[] {
    const notes = this.#trouble ? [this.#trouble] : [];
    if (report.broken > 0) {
      notes.push(
        `${report.broken === 1 ? "One measurement is" : `${report.broken} measurements are`} not drawn: the program's own output is mixed with it.`,
      );
    }
    if (lost && report.benchmarks.length > 0) {
      notes.push(`${lost} What had been measured by then is drawn.`);
    }
    if (exit?.status === "timed_out") {
      notes.push("The time for a run was over. What had been measured by then is drawn.");
    } else if (exit && exit.status !== "ok" && report.benchmarks.length > 0) {
      notes.push("It did not end well, as its text says. What had been measured by then is drawn.");
    }
    return notes;
  }

  #legendView(warnings: readonly string[], isOtherRun: boolean) {
    return html`<p class="legend soft">
      A dot is one measurement, and the line their median. The band, and ±, say where the true median lies, with 95%
      confidence. ${isOtherRun ? "Above it, in grey, is the run that it is compared with." : nothing}
      ~ means that the Mann-Whitney U test tells no difference (p is over 0.05), and ? that there is no percentage of 0. All of
      it is done as benchstat does.
      ${warnings.length > 0 ? html`<br />Not known yet: ${warnings.join("; ")}.` : nothing}
    </p>`;
  }

  /** What the picture asked for is nowhere else to be read. */
  #textView({ text }: Run) {
    return html`<details>
      <summary>The text of this run</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Output of the repeated run">
        <pre>${text}</pre>
      </div>
    </details>`;
  }
}

customElements.define("benchmarks-picture", BenchmarksPicture);
