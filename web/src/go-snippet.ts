/** `<go-snippet>`: an example that the reader changes and runs. */
import { html, LitElement, nothing } from "lit";
import "./artifacts.ts";
import "./pictures/run-pictures.ts";
import { type Capture, capturedView, capturesIn, liveView } from "./captured.ts";
import { CodeField } from "./code-field.ts";
import { draftView } from "./draft-view.ts";
import { Draft, draftKey, type Question } from "./drafts.ts";
import { Knobs, type Undoable } from "./knobs.ts";
import { OutputLog } from "./output.ts";
import {
  choices,
  noChoice,
  pageData,
  type SnippetData,
  sentOf,
  serviceOf,
  snippetData,
  type Variant,
} from "./page-data.ts";
import type { Desk } from "./pictures/picture.ts";
import type { RunPictures } from "./pictures/run-pictures.ts";
import type { RunRequest } from "./protocol.ts";
import type { RunPrediction } from "./run-prediction.ts";
import { type Happening, idle, isBusy, type RunState, reduce } from "./run-state.ts";
import { Sharing } from "./sharing.ts";
import {
  actionsView,
  choiceView,
  knobsView,
  predictionView,
  reportView,
  showButton,
  showView,
} from "./snippet-views.ts";
import { LostError, RefusedError, startRun } from "./stream.ts";
import { statusSentence } from "./wording.ts";

/** Whether a reader of this page was told that nothing can be kept. */
let toldOfStorage = false;

/**
 * The element renders into itself, in place of the form that the server wrote, so that one style
 * sheet serves both and nothing moves when it takes over.
 */
export class GoSnippet extends LitElement {
  static override properties = {
    run: { state: true },
    captured: { state: true },
    variant: { state: true },
    knobs: { state: true },
    edited: { state: true },
    undoable: { state: true },
    question: { state: true },
    unkept: { state: true },
    spoken: { state: true },
  };

  declare private run: RunState;
  /** What `run` was captured as, and why it is shown where that needs a word; null for a run of the reader's own. */
  declare private captured: { capture: Capture; why: string } | null;
  declare private variant: Variant;
  declare private knobs: Knobs;
  /** Whether the code differs from what the page brought. */
  declare private edited: boolean;
  declare private undoable: Undoable | null;
  /** What the reader has to decide about the code. */
  declare private question: Question | null;
  /** Whether it is said here that nothing can be kept. */
  declare private unkept: boolean;
  /** What a screen reader is told: that a run began, and how it ended. */
  declare private spoken: string;

  #data: SnippetData | null = null;
  #choices: Variant[] = [];
  #endings: Record<string, string> = {};
  #captures = new Map<string, Capture>();
  /** The service that runs code, as a prefix of its addresses; null where there is none. */
  #service: string | null = "";
  #code: CodeField | null = null;
  readonly #desk: Desk = this.#makeDesk();
  readonly #sharing = new Sharing(this, {
    request: () => this.#request,
    service: () => this.#service,
  });
  #log: OutputLog | null = null;
  #draft: Draft | null = null;
  #abort: AbortController | null = null;

  /** Whether it holds what the reader typed, or a run that is not over. */
  get isAtWork(): boolean {
    return this.edited || this.knobs.changed || isBusy(this.run);
  }

  /** The code as it stands. */
  get code(): string {
    return this.#code?.text ?? "";
  }

  override connectedCallback(): void {
    if (!this.#data) this.#takeOver();
    super.connectedCallback();
    addEventListener("storage", this.#onStorage);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("storage", this.#onStorage);
    this.#abort?.abort();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** Reads what the server wrote, with what the reader may have changed in it already. */
  #takeOver(): void {
    const data = snippetData(this);
    const page = pageData();
    const element = this.querySelector<HTMLElement>(".snippet-code");
    const form = this.querySelector("form");
    if (!element || !form) throw new Error("the snippet has no form");
    const hadFocus = element.contains(document.activeElement);
    const chosen = new FormData(form);
    const name = chosen.get("mode") ? `mode:${chosen.get("mode")}` : chosen.get("variant");
    this.#data = data;
    this.#service = serviceOf(page);
    this.#captures = capturesIn(this);
    this.#choices = choices(data, this.#service === null ? [] : page.modes);
    this.#endings = page.endings;
    this.variant = this.#choices.find((choice) => choice.name === name) ?? noChoice;
    this.knobs = new Knobs();
    this.run = idle;
    this.captured = null;
    this.undoable = null;
    this.spoken = "";
    this.unkept = false;
    if (this.#service !== null) this.#draft = new Draft(data.example, data.source);
    this.#code = new CodeField({ element, onRun: this.#start, onChange: this.#onEdit });
    const typed = this.#code.text;
    const text = this.#draft?.begin(typed) ?? data.source;
    this.edited = text !== data.source;
    this.question = this.#draft?.question ?? null;
    this.replaceChildren();
    void this.updateComplete.then(() => {
      if (text !== typed) this.#code?.replace(text);
      if (hadFocus) this.#code?.focus();
    });
  }

  protected override render() {
    return html`<div class="snippet-box" @keydown=${this.#onKey}>
      <div class="snippet-head">
        <span class="snippet-title">${this.#data?.title}</span>
        ${choiceView(`${this.id}-choice`, this.#choices, this.variant, this.#choose)}
      </div>
      ${draftView(this.question, this.unkept, this.#keep, this.#take)}
      ${this.#code?.element}
      ${predictionView({
        id: `${this.id}-predict`,
        question: this.#asked,
        source: this.code,
        button: this.#service === null ? showButton : "Run",
        again: this.#forget,
      })}
      ${this.#actions()} ${this.#sharing.link}
      ${
        this.run.phase === "idle" && !this.captured
          ? nothing
          : reportView(this.run, this.#endings, this.#goTo, this.#stamp())
      }
      <run-pictures .desk=${this.#desk}></run-pictures>
      <div class="snippet-output" ?hidden=${this.run.chars.stdout + this.run.chars.stderr === 0}>
        <pre tabindex="0" role="region" aria-label="Output of ${this.#data?.title}"></pre>
      </div>
      <run-artifacts .artifacts=${this.run.artifacts} .hasFrame=${this.#service === ""}></run-artifacts>
      <p class="visually-hidden" role="status">${this.spoken}</p>
    </div>`;
  }

  #actions() {
    if (this.#service === null)
      return this.#asked && !this.captured ? showView(this.#start) : nothing;
    return actionsView({
      busy: isBusy(this.run),
      start: this.#start,
      stop: this.#onStop,
      knobs: knobsView(this.variant, this.knobs, this.#setKnob),
      undoable: this.undoable?.now ?? null,
      undo: this.#undo,
      reset: this.#isChanged ? this.#reset : null,
      share: this.#sharing.button,
    });
  }

  /** Where outputs are captured, each says whether it is. */
  #stamp() {
    if (this.captured) return capturedView(this.captured.capture, this.captured.why);
    return this.#captures.size > 0 ? liveView(this.run, this.#host) : nothing;
  }

  get #host(): string {
    return this.#service ? new URL(this.#service).host : location.host;
  }

  /** Whether it is another program than what was captured. */
  get #isChanged(): boolean {
    return this.edited || this.knobs.changed;
  }

  /** What was captured of the variant, if anything was. */
  get #capture(): Capture | undefined {
    const capture = this.#captures.get(this.variant.name);
    return capture?.events.length ? capture : undefined;
  }

  /** What the variant asks before it is run, where there is anything that answers. */
  get #asked() {
    return this.#service === null && !this.#capture ? undefined : this.variant.predict;
  }

  /** What Run sends. */
  get #request(): RunRequest {
    const env = this.knobs.environment(this.variant);
    return { source: this.code, env, ...sentOf(this.variant) };
  }

  get #pictures(): RunPictures | null {
    return this.querySelector("run-pictures");
  }

  /** The element that asks. */
  get #prediction(): RunPrediction | null {
    return this.querySelector("run-prediction");
  }

  protected override firstUpdated(): void {
    const pre = this.querySelector<HTMLElement>(".snippet-output pre");
    if (pre) this.#log = new OutputLog(pre);
    this.#rest();
  }

  /** Before any run, what was captured is shown, unless the reader is asked first. */
  #rest(): void {
    this.#clear();
    if (this.#capture && this.#asked) return;
    this.#replay();
    this.spoken = "";
  }

  /** Tells what was captured of the variant as a run. */
  #replay(why = ""): void {
    const capture = this.#captures.get(this.variant.name);
    this.#clear();
    this.captured = capture ? { capture, why } : null;
    if (!this.#capture) return;
    this.#pictures?.begin(this.#request, why !== "");
    this.#happen({ type: "sent" });
    for (const event of this.#capture.events) this.#happen(event);
    this.spoken = `${why} ${this.spoken}`.trim();
  }

  /** Shows what was captured to a reader who was asked. */
  async #show(): Promise<void> {
    if (this.captured) return;
    this.#replay();
    // The button is gone then, and with it the focus.
    await this.updateComplete;
    await this.#prediction?.updateComplete;
    this.#prediction?.querySelector("button")?.focus({ preventScroll: true });
  }

  /** What was captured stands in for a service that does not answer. */
  #lose(message: string): void {
    if (this.run.go || !this.#capture) {
      this.#happen({ type: "lost", message });
      return;
    }
    const whose = this.#isChanged ? " It is of the lesson's own code." : "";
    this.#replay(`${this.#host} does not answer, so this is the captured output.${whose}`);
  }

  #happen(event: Happening): void {
    if (event.type === "stdout" || event.type === "stderr") {
      this.#log?.append(event.type, event.text);
    }
    const wasBusy = isBusy(this.run);
    this.run = reduce(this.run, event);
    this.#pictures?.hear(event);
    // What was captured does not answer for other code.
    if (!this.captured || !this.#isChanged) this.#prediction?.hear(event);
    if (wasBusy && !isBusy(this.run)) {
      this.#log?.flush();
      const sentences = [statusSentence(this.run, this.#endings), this.#prediction?.spoken];
      this.spoken = sentences.filter((sentence) => sentence).join(" ");
    }
  }

  #start = async (): Promise<void> => {
    if (this.#service === null) return this.#show();
    if (isBusy(this.run) || !this.#code) return;
    const abort = new AbortController();
    this.#abort = abort;
    // A program's newest line is what one waits for; a listing is read from its top.
    this.#log?.clear(this.variant.mode === "run");
    this.#code.unmark();
    this.undoable = null;
    this.captured = null;
    this.spoken = "Running.";
    const request = this.#request;
    this.#pictures?.begin(request, true);
    this.#happen({ type: "sent" });
    try {
      for await (const event of startRun(this.#service, request, abort.signal)) this.#happen(event);
    } catch (error) {
      if (abort.signal.aborted) this.#happen({ type: "stopped" });
      else if (error instanceof RefusedError)
        this.#happen({ type: "refused", problem: error.problem });
      else if (error instanceof LostError) this.#lose(error.message);
      else throw error;
    }
  };

  /** The second click of a double click on Run is not meant for the Stop that has taken its place. */
  #onStop = (event: MouseEvent): void => {
    if (event.detail < 2) this.#abort?.abort();
  };

  #onKey = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.defaultPrevented) return;
    const inKnob = event.target instanceof HTMLInputElement && event.target.type === "text";
    if (!inKnob && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    void this.#start();
  };

  #onEdit = (): void => {
    const text = this.#code?.text ?? "";
    this.edited = text !== this.#data?.source;
    this.undoable = null;
    this.#sharing.edited();
    if (this.#prediction) this.#prediction.source = text;
    this.#draft?.edited(text);
    this.#askWhatToKeep();
  };

  #onStorage = ({ key, newValue, storageArea }: StorageEvent): void => {
    if (!this.#data || !this.#code || storageArea !== localStorage) return;
    if (key !== null && key !== draftKey(this.#data.example)) return;
    this.#draft?.heard(newValue, this.#code.text);
    this.#askWhatToKeep();
  };

  #askWhatToKeep(): void {
    this.question = this.#draft?.question ?? null;
    if (toldOfStorage || this.#draft?.isKept !== false) return;
    toldOfStorage = true;
    this.unkept = true;
  }

  #keep = (): void => {
    this.#draft?.keep(this.#code?.text ?? "");
    this.#askWhatToKeep();
    this.#focusAfterUpdate(".button.run");
  };

  #take = (): void => {
    if (!this.#draft || !this.#code) return;
    const now = this.question?.about === "tab" ? "The other tab's code." : "The lesson's code.";
    const before = { now, text: this.#code.text, knobs: this.knobs };
    this.#code.replace(this.#draft.take());
    this.#askWhatToKeep();
    this.undoable = before;
    this.#focusAfterUpdate(".snippet-reset button");
  };

  /** Takes a run back, so that its output gives no answer away. */
  #forget = (): void => {
    if (!isBusy(this.run)) this.#clear();
  };

  #clear(): void {
    this.run = idle;
    this.captured = null;
    this.#log?.clear(false);
    this.#pictures?.clear();
    this.spoken = "";
  }

  #choose = (choice: Variant): void => {
    this.variant = choice;
    if (this.captured || this.run.phase === "idle") this.#rest();
  };

  #setKnob = (name: string, value: string): void => {
    this.knobs = this.knobs.with(this.variant, name, value);
    this.undoable = null;
  };

  #reset = (): void => {
    if (!this.#code || !this.#data) return;
    const before = { now: "Code is as it was.", text: this.#code.text, knobs: this.knobs };
    this.#change(this.#data.source, new Knobs());
    this.undoable = before;
  };

  #undo = (): void => {
    if (this.undoable) this.#change(this.undoable.text, this.undoable.knobs);
    this.undoable = null;
  };

  #change(text: string, knobs: Knobs): void {
    if (text !== this.#code?.text) this.#code?.replace(text);
    this.knobs = knobs;
    this.#focusAfterUpdate(".snippet-reset button");
  }

  /** The button that was pressed is gone then: the one in its place takes the focus. */
  #focusAfterUpdate(selector: string): void {
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(selector)?.focus());
  }

  #goTo = (line: number, column: number): void => void this.#code?.goTo(line, column);

  #makeDesk(): Desk {
    const element = this;
    return {
      get source() {
        return element.code;
      },
      get run() {
        const service = element.#service;
        if (service === null) return null;
        return (request: RunRequest, signal: AbortSignal) => startRun(service, request, signal);
      },
      get ask() {
        const service = element.#service;
        if (service === null) return null;
        return async (address: string) => (await fetch(`${service}${address}`)).json();
      },
      goTo: (line, column) => element.#goTo(line, column),
      mark: (marks) => void element.#code?.mark(marks),
      replace: (source) => element.#code?.replace(source),
    };
  }
}
