/** `<go-snippet>`: an example that the reader changes and runs. */
import { html, LitElement, nothing } from "lit";
import "./artifacts.ts";
import { Draft } from "./drafts.ts";
import { GoEditor } from "./editor.ts";
import { Knobs } from "./knobs.ts";
import { OutputLog } from "./output.ts";
import { choices, pageData, type SnippetData, snippetData, type Variant } from "./page-data.ts";
import { type Happening, idle, isBusy, type RunState, reduce } from "./run-state.ts";
import { choiceView, knobsView, reportView } from "./snippet-views.ts";
import { LostError, RefusedError, startRun } from "./stream.ts";
import { statusSentence } from "./wording.ts";

/** What Reset took away. */
interface Undoable {
  text: string;
  knobs: Knobs;
}

/**
 * The element renders into itself, in place of the form that the server wrote, so that one style
 * sheet serves both and nothing moves when it takes over.
 */
export class GoSnippet extends LitElement {
  static override properties = {
    run: { state: true },
    variant: { state: true },
    knobs: { state: true },
    edited: { state: true },
    undoable: { state: true },
    spoken: { state: true },
  };

  declare private run: RunState;
  declare private variant: Variant;
  declare private knobs: Knobs;
  /** Whether the code differs from what the page brought. */
  declare private edited: boolean;
  declare private undoable: Undoable | null;
  /** What a screen reader is told: that a run began, and how it ended. */
  declare private spoken: string;

  #data: SnippetData | null = null;
  #choices: Variant[] = [];
  #endings: Record<string, string> = {};
  #text = "";
  #editor: GoEditor | null = null;
  #log: OutputLog | null = null;
  #draft: Draft | null = null;
  #abort: AbortController | null = null;

  /** Whether it holds what the reader typed, or a run that is not over. */
  get isAtWork(): boolean {
    return this.edited || this.knobs.changed || isBusy(this.run);
  }

  override connectedCallback(): void {
    if (!this.#data) this.#takeOver();
    super.connectedCallback();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#abort?.abort();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** Reads what the server wrote, with what the reader may have typed into it already. */
  #takeOver(): void {
    const data = snippetData(this);
    const page = pageData();
    const typed = this.querySelector("textarea")?.value ?? data.source;
    this.#data = data;
    this.#choices = choices(data, page.modes);
    this.#endings = page.endings;
    this.#draft = new Draft(data.example);
    this.#text = typed === data.source ? (this.#draft.read() ?? typed) : typed;
    const first = this.#choices.find((choice) => choice.name === data.variant) ?? this.#choices[0];
    this.variant = first ?? {
      name: "",
      mode: "run",
      label: "Run",
      options: {},
      env: {},
      knobs: [],
    };
    this.knobs = new Knobs();
    this.edited = this.#text !== data.source;
    this.run = idle;
    this.undoable = null;
    this.spoken = "";
    this.replaceChildren();
  }

  protected override render() {
    const busy = isBusy(this.run);
    const fresh = !this.edited && !this.knobs.changed;
    return html`<div class="snippet-box" @keydown=${this.#onKey}>
      <div class="snippet-head">
        <span class="snippet-title">${this.#data?.title}</span>
        ${choiceView(`${this.id}-choice`, this.#choices, this.variant, this.#choose)}
      </div>
      <div class="snippet-code"><div class="editor"></div></div>
      <div class="snippet-actions">
        <button
          type="button" class="button run ${busy ? "stop" : ""}"
          title=${busy ? "Stop" : "Run (Ctrl or ⌘ with Enter)"}
          @click=${busy ? this.#onStop : this.#start}
        >
          ${
            busy
              ? html`<svg viewBox="0 0 12 12" aria-hidden="true"><rect x="2" y="2" width="8" height="8" rx="1" /></svg>Stop`
              : html`<svg viewBox="0 0 12 12" aria-hidden="true"><path d="M2.5 1.2v9.6L10.8 6z" /></svg>Run`
          }
        </button>
        ${knobsView(this.variant, this.knobs, this.#setKnob)}
        <span class="snippet-reset">
          ${
            this.undoable
              ? html`<span class="soft">Code is as it was.</span>
                <button type="button" class="button quiet" @click=${this.#undo}>Undo</button>`
              : html`<button
                  type="button" class="button quiet" ?disabled=${fresh} @click=${this.#reset}
                  title="Back to the code of the page"
                >Reset</button>`
          }
        </span>
      </div>
      ${this.run.phase === "idle" ? nothing : reportView(this.run, this.#endings, this.#goTo)}
      <div class="snippet-output" ?hidden=${this.run.chars.stdout + this.run.chars.stderr === 0}>
        <pre tabindex="0" role="region" aria-label="Output of ${this.#data?.title}"></pre>
      </div>
      <run-artifacts .artifacts=${this.run.artifacts}></run-artifacts>
      <p class="visually-hidden" role="status">${this.spoken}</p>
    </div>`;
  }

  protected override firstUpdated(): void {
    const host = this.querySelector<HTMLElement>(".editor");
    const pre = this.querySelector("pre");
    if (!host || !pre || !this.#data) return;
    this.#log = new OutputLog(pre);
    this.#editor = new GoEditor({
      host,
      text: this.#text,
      label: `Code of ${this.#data.title}`,
      onRun: this.#start,
      onChange: this.#onEdit,
    });
  }

  #happen(event: Happening): void {
    if (event.type === "stdout" || event.type === "stderr") {
      this.#log?.append(event.type, event.text);
    }
    const wasBusy = isBusy(this.run);
    this.run = reduce(this.run, event);
    if (wasBusy && !isBusy(this.run)) {
      this.#log?.flush();
      this.spoken = statusSentence(this.run, this.#endings);
    }
  }

  #start = async (): Promise<void> => {
    if (isBusy(this.run) || !this.#editor) return;
    const abort = new AbortController();
    this.#abort = abort;
    // A program's newest line is what one waits for; a listing is read from its top.
    this.#log?.clear(this.variant.mode === "run");
    this.#editor.unmark();
    this.undoable = null;
    this.spoken = "Running.";
    this.#happen({ type: "sent" });
    const { mode, options } = this.variant;
    const request = {
      source: this.#editor.text,
      mode,
      options,
      env: this.knobs.environment(this.variant),
    };
    try {
      for await (const event of startRun(request, abort.signal)) this.#happen(event);
    } catch (error) {
      if (abort.signal.aborted) this.#happen({ type: "stopped" });
      else if (error instanceof RefusedError)
        this.#happen({ type: "refused", problem: error.problem });
      else if (error instanceof LostError) this.#happen({ type: "lost", message: error.message });
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
    const text = this.#editor?.text ?? "";
    this.edited = text !== this.#data?.source;
    this.undoable = null;
    this.#draft?.write(this.edited ? text : null);
  };

  #choose = (choice: Variant): void => {
    this.variant = choice;
  };

  #setKnob = (name: string, value: string): void => {
    this.knobs = this.knobs.with(this.variant, name, value);
    this.undoable = null;
  };

  #reset = (): void => {
    if (!this.#editor || !this.#data) return;
    const before = { text: this.#editor.text, knobs: this.knobs };
    if (before.text !== this.#data.source) this.#editor.replace(this.#data.source);
    this.knobs = new Knobs();
    this.undoable = before;
    this.#focusAfterUpdate(".snippet-reset button");
  };

  #undo = (): void => {
    const before = this.undoable;
    if (!before || !this.#editor) return;
    if (before.text !== this.#editor.text) this.#editor.replace(before.text);
    this.knobs = before.knobs;
    this.undoable = null;
    this.#focusAfterUpdate(".snippet-reset button");
  };

  /** The button that was pressed is gone then: the one in its place takes the focus. */
  #focusAfterUpdate(selector: string): void {
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(selector)?.focus());
  }

  #goTo = (line: number, column: number): void => this.#editor?.goTo(line, column);
}
