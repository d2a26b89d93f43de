/** What every snippet does, wherever it stands: its code is changed and run, and what came of it is shown. */
import { html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import "./artifacts.ts";
import "./pictures/run-pictures.ts";
import { type Capture, capturedView, liveView } from "./captured.ts";
import type { CodeField } from "./code-field.ts";
import { Knobs, type Undoable } from "./knobs.ts";
import { OutputLog } from "./output.ts";
import { noChoice, sentOf, type Variant } from "./page-data.ts";
import type { Desk } from "./pictures/picture.ts";
import type { RunPictures } from "./pictures/run-pictures.ts";
import type { RunRequest } from "./protocol.ts";
import { type Happening, idle, isBusy, type RunState, reduce } from "./run-state.ts";
import { actionsView, choiceView, knobsView, reportView } from "./snippet-views.ts";
import { LostError, RefusedError, startRun } from "./stream.ts";
import { statusSentence } from "./wording.ts";

type View = TemplateResult | typeof nothing;

/** An element with code that runs. Those that extend it say where its code comes from, and call `begin`. */
export abstract class Snippet extends LitElement {
  static override properties: PropertyDeclarations = {
    run: { state: true },
    captured: { state: true },
    variant: { state: true },
    knobs: { state: true },
    edited: { state: true },
    undoable: { state: true },
    spoken: { state: true },
  };

  declare protected run: RunState;
  /** What `run` was captured as, and why it is shown where that needs a word; null for a run of the reader's own. */
  declare protected captured: { capture: Capture; why: string } | null;
  declare protected variant: Variant;
  declare protected knobs: Knobs;
  /** Whether the code differs from what the page brought. */
  declare protected edited: boolean;
  declare protected undoable: Undoable | null;
  /** What a screen reader is told: that a run began, and how it ended. */
  declare private spoken: string;

  /** What it is called. */
  protected heading = "";
  /** The code that the page brought, and what that is called. */
  protected source = "";
  protected whose = "the lesson's own code";
  protected choices: readonly Variant[] = [];
  /** The sentence for each exit status. */
  protected endings: Record<string, string> = {};
  /** By the names of variants. */
  protected captures: ReadonlyMap<string, Capture> = new Map();
  /** The service that runs code, as a prefix of its addresses; null where there is none. */
  protected service: string | null = null;
  protected field: CodeField | null = null;

  readonly #desk: Desk = this.#makeDesk();
  #log: OutputLog | null = null;
  #abort: AbortController | null = null;
  /** Whether the last click on the button was on Stop. */
  #hasStopped = false;

  constructor() {
    super();
    this.run = idle;
    this.captured = null;
    this.variant = noChoice;
    this.knobs = new Knobs();
    this.edited = false;
    this.undoable = null;
    this.spoken = "";
  }

  /** Whether it holds what the reader typed, or a run that is not over. */
  get isAtWork(): boolean {
    return this.isChanged || isBusy(this.run);
  }

  /** The code as it stands. */
  get code(): string {
    return this.field?.text ?? "";
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#abort?.abort();
    // One that is only moved is back by then.
    queueMicrotask(() => {
      if (!this.isConnected) this.field?.close();
    });
  }

  protected override render(): TemplateResult {
    return html`<div class="snippet-box" @keydown=${this.#onKey}>
      <div class="snippet-head">
        <span class="snippet-title">${this.heading}</span>
        ${this.waysView()}
      </div>
      ${this.notesView()}
      ${this.field?.element}
      ${this.questionView()}
      ${this.actionsView()} ${this.linkView()}
      ${
        this.run.phase === "idle" && !this.captured
          ? nothing
          : reportView(this.run, this.endings, this.#goTo, this.#stamp())
      }
      <run-pictures .desk=${this.#desk}></run-pictures>
      <div class="snippet-output" ?hidden=${this.run.chars.stdout + this.run.chars.stderr === 0}>
        <pre tabindex="0" role="region" aria-label="Output of ${this.heading}"></pre>
      </div>
      <run-artifacts .artifacts=${this.run.artifacts} .hasFrame=${this.service === ""}></run-artifacts>
      <p class="visually-hidden" role="status">${this.spoken}</p>
    </div>`;
  }

  /** How it can be run. */
  protected waysView(): View {
    return choiceView(`${this.id}-choice`, this.choices, this.variant, this.#choose);
  }

  /** What is said between its head and its code. */
  protected notesView(): View | readonly TemplateResult[] {
    return nothing;
  }

  /** What is asked before a run. */
  protected questionView(): View {
    return nothing;
  }

  /** What can be pressed. Where there is no service, nothing. */
  protected actionsView(): View {
    if (this.service === null) return nothing;
    return actionsView({
      busy: isBusy(this.run),
      start: this.#onStart,
      stop: this.#onStop,
      knobs: knobsView(this.variant, this.knobs, this.#setKnob),
      undoable: this.undoable?.now ?? null,
      undo: this.#undo,
      share: this.shareView(),
      ...(this.canChange ? { reset: this.isChanged ? this.#reset : null } : {}),
    });
  }

  /** The button that shares the code, and the link that came of it. */
  protected shareView(): View {
    return nothing;
  }

  protected linkView(): View {
    return nothing;
  }

  /** Where outputs are captured, each says whether it is. */
  #stamp(): View {
    if (this.captured) return capturedView(this.captured.capture, this.captured.why);
    return this.captures.size > 0 ? liveView(this.run, this.host) : nothing;
  }

  /** Who runs the code, in words. */
  protected get host(): string {
    return this.service ? new URL(this.service).host : location.host;
  }

  /** Whether there is anything that the reader could change. */
  protected get canChange(): boolean {
    return true;
  }

  /** Whether it is another program than what was captured. */
  protected get isChanged(): boolean {
    return this.edited || this.knobs.changed;
  }

  /** What was captured of the variant, if anything was. */
  protected get capture(): Capture | undefined {
    const capture = this.captures.get(this.variant.name);
    return capture?.events.length ? capture : undefined;
  }

  /** What Run sends. */
  protected get request(): RunRequest {
    const env = this.knobs.environment(this.variant);
    return { source: this.code, env, ...sentOf(this.variant) };
  }

  /** Whether a picture of a run is shown before the reader asks for it. */
  protected get showsPicture(): boolean {
    return true;
  }

  get #pictures(): RunPictures | null {
    return this.renderRoot.querySelector("run-pictures");
  }

  protected override firstUpdated(): void {
    const pre = this.renderRoot.querySelector<HTMLElement>(".snippet-output pre");
    if (pre) this.#log = new OutputLog(pre);
    this.rest();
  }

  /** Shows what there is before any run: what was captured. */
  protected rest(): void {
    this.clear();
    this.replay();
    this.spoken = "";
  }

  /** Tells what was captured of the variant as a run. */
  protected replay(why = ""): void {
    const capture = this.captures.get(this.variant.name);
    this.clear();
    this.captured = capture ? { capture, why } : null;
    if (!this.capture) return;
    // Of the page's own code, whatever the reader has made of it since.
    const { source, variant } = this;
    const request = { source, env: variant.env, ...sentOf(variant) };
    this.#pictures?.begin(request, why !== "" && this.showsPicture);
    this.happen({ type: "sent" });
    for (const event of this.capture.events) this.happen(event);
    this.spoken = `${why} ${this.spoken}`.trim();
  }

  /** There is no run. */
  protected clear(): void {
    this.run = idle;
    this.captured = null;
    this.#log?.clear(false);
    this.#pictures?.clear();
    this.spoken = "";
  }

  /** Why a run was lost, in words. */
  protected async explain(error: LostError): Promise<string> {
    return error.message;
  }

  /** What is said where a captured output stands in for a run that was lost. */
  protected standIn(_why: string): string {
    return `${this.host} does not answer, so this is the captured output.`;
  }

  /** What was captured stands in for a service that does not answer. */
  async #lose(error: LostError, signal: AbortSignal): Promise<void> {
    const message = await this.explain(error);
    if (signal.aborted) return this.happen({ type: "stopped" });
    if (this.run.go || !this.capture) return this.happen({ type: "lost", message });
    const whose = this.isChanged ? ` It is of ${this.whose}.` : "";
    this.replay(this.standIn(message) + whose);
  }

  /** Takes in what happens next. */
  protected happen(event: Happening): void {
    if (event.type === "stdout" || event.type === "stderr") {
      this.#log?.append(event.type, event.text);
    }
    const wasBusy = isBusy(this.run);
    this.run = reduce(this.run, event);
    this.#pictures?.hear(event);
    this.heard(event);
    if (wasBusy && !isBusy(this.run)) {
      this.#log?.flush();
      const sentences = [statusSentence(this.run, this.endings), this.verdict];
      this.spoken = sentences.filter((sentence) => sentence).join(" ");
    }
  }

  /** Whoever else listens hears what happens. */
  protected heard(_event: Happening): void {}

  /** What is said after the sentence on how a run ended. */
  protected get verdict(): string {
    return "";
  }

  /** Runs the code as it stands. */
  protected async start(): Promise<void> {
    if (this.service === null || isBusy(this.run) || !this.field) return;
    const abort = new AbortController();
    this.#abort = abort;
    // A program's newest line is what one waits for; a listing is read from its top.
    this.#log?.clear(this.variant.mode === "run");
    this.field.unmark();
    this.undoable = null;
    this.captured = null;
    this.spoken = "Running.";
    const request = this.request;
    this.#pictures?.begin(request, this.showsPicture);
    this.happen({ type: "sent" });
    try {
      for await (const event of startRun(this.service, request, abort.signal)) this.happen(event);
    } catch (error) {
      if (abort.signal.aborted) this.happen({ type: "stopped" });
      else if (error instanceof RefusedError)
        this.happen({ type: "refused", problem: error.problem });
      else if (error instanceof LostError) await this.#lose(error, abort.signal);
      else throw error;
    }
  }

  /** What Run does, and Ctrl or ⌘ with Enter. */
  protected readonly onRun = (): void => void this.start();

  /** The second click of a double click on Run is not meant for the Stop that has taken its place. */
  #onStop = (event: MouseEvent): void => {
    if (event.detail >= 2) return;
    this.#hasStopped = true;
    this.#abort?.abort();
  };

  /** Nor that of one on Stop for the Run. */
  #onStart = (event: MouseEvent): void => {
    if (event.detail >= 2 && this.#hasStopped) return;
    this.#hasStopped = false;
    this.onRun();
  };

  #onKey = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.repeat || event.defaultPrevented) return;
    const inKnob = event.target instanceof HTMLInputElement && event.target.type === "text";
    if (!inKnob && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.onRun();
  };

  /** The reader has changed the code. */
  protected onEdit(): void {
    this.edited = this.code !== this.source;
    this.undoable = null;
  }

  #choose = (choice: Variant): void => {
    this.variant = choice;
    if (this.captured || this.run.phase === "idle") this.rest();
  };

  #setKnob = (name: string, value: string): void => {
    this.knobs = this.knobs.with(this.variant, name, value);
    this.undoable = null;
  };

  #reset = (): void => {
    if (!this.field) return;
    const before = { now: "Code is as it was.", text: this.code, knobs: this.knobs };
    this.#change(this.source, new Knobs());
    this.undoable = before;
  };

  #undo = (): void => {
    if (this.undoable) this.#change(this.undoable.text, this.undoable.knobs);
    this.undoable = null;
  };

  #change(text: string, knobs: Knobs): void {
    if (text !== this.code) this.field?.replace(text);
    this.knobs = knobs;
    this.focusAfterUpdate(".snippet-reset button");
  }

  /** The button that was pressed is gone then: the one in its place takes the focus. */
  protected focusAfterUpdate(selector: string): void {
    const focus = () => this.renderRoot.querySelector<HTMLElement>(selector)?.focus();
    void this.updateComplete.then(focus);
  }

  #goTo = (line: number, column: number): void => void this.field?.goTo(line, column);

  /** The service for pictures: what was captured is not to be mixed with what is said today. */
  get #answering(): string | null {
    return this.captured ? null : this.service;
  }

  #makeDesk(): Desk {
    const element = this;
    return {
      get source() {
        return element.code;
      },
      get run() {
        const service = element.#answering;
        if (service === null) return null;
        return (request: RunRequest, signal: AbortSignal) => startRun(service, request, signal);
      },
      get ask() {
        const service = element.#answering;
        if (service === null) return null;
        return async (address: string) => (await fetch(`${service}${address}`)).json();
      },
      goTo: (line, column) => element.#goTo(line, column),
      mark: (marks) => void element.field?.mark(marks),
      replace: (source) => element.field?.replace(source),
    };
  }
}
