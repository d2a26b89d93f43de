/** `<go-snippet>` on our own pages: an example of a lesson, in place of the form that the server wrote. */
import { capturesIn } from "./captured.ts";
import { CodeField } from "./code-field.ts";
import { draftView } from "./draft-view.ts";
import { Draft, draftKey, type Question } from "./drafts.ts";
import { choices, pageData, type SnippetData, serviceOf, snippetData } from "./page-data.ts";
import { predictionView, showButton, showView } from "./prediction-view.ts";
import type { RunPrediction } from "./run-prediction.ts";
import { type Happening, isBusy } from "./run-state.ts";
import { Sharing } from "./sharing.ts";
import { Snippet } from "./snippet.ts";

/** Whether a reader of this page was told that nothing can be kept. */
let toldOfStorage = false;

/**
 * The element renders into itself, in place of the form that the server wrote, so that one style
 * sheet serves both and nothing moves when it takes over.
 */
export class GoSnippet extends Snippet {
  static override properties = {
    question: { state: true },
    unkept: { state: true },
  };

  /** What the reader has to decide about the code. */
  declare private question: Question | null;
  /** Whether it is said here that nothing can be kept. */
  declare private unkept: boolean;

  #data: SnippetData | null = null;
  readonly #sharing = new Sharing(this, {
    request: () => this.request,
    service: () => this.service,
  });
  #draft: Draft | null = null;

  override connectedCallback(): void {
    if (!this.#data) this.#takeOver();
    super.connectedCallback();
    addEventListener("storage", this.#onStorage);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("storage", this.#onStorage);
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
    this.heading = data.title;
    this.source = data.source;
    this.service = serviceOf(page);
    this.captures = capturesIn(this);
    this.choices = choices(data, this.service === null ? [] : page.modes);
    this.endings = page.endings;
    this.variant = this.choices.find((choice) => choice.name === name) ?? this.variant;
    for (const { name, value, defaultValue } of form.querySelectorAll<HTMLInputElement>(
      "input[name^='env.']",
    )) {
      const knob = name.slice("env.".length);
      if (value !== defaultValue && this.variant.knobs.includes(knob))
        this.knobs = this.knobs.with(this.variant, knob, value);
    }
    this.unkept = false;
    if (this.service !== null) this.#draft = new Draft(data.example, data.source);
    this.field = new CodeField({ element, onRun: this.onRun, onChange: () => this.onEdit() });
    const typed = this.field.text;
    const text = this.#draft?.begin(typed) ?? data.source;
    this.edited = text !== data.source;
    this.question = this.#draft?.question ?? null;
    this.replaceChildren();
    void this.updateComplete.then(() => {
      if (text !== typed) this.field?.replace(text);
      if (hadFocus) this.field?.focus();
    });
  }

  protected override notesView() {
    return draftView(this.question, this.unkept, this.#keep, this.#take);
  }

  protected override questionView() {
    return predictionView({
      id: `${this.id}-predict`,
      question: this.#asked,
      source: this.code,
      button: this.service === null ? showButton : "Run",
      again: this.#forget,
    });
  }

  protected override actionsView() {
    if (this.service === null && this.#asked && !this.captured) return showView(this.onRun);
    return super.actionsView();
  }

  protected override shareView() {
    return this.#sharing.button;
  }

  protected override linkView() {
    return this.#sharing.link;
  }

  /** What the variant asks before it is run, where there is anything that answers. */
  get #asked() {
    return this.service === null && !this.capture ? undefined : this.variant.predict;
  }

  /** The element that asks. */
  get #prediction(): RunPrediction | null {
    return this.querySelector("run-prediction");
  }

  /** Before any run, what was captured is shown, unless the reader is asked first. */
  protected override rest(): void {
    if (this.capture && this.#asked) this.clear();
    else super.rest();
  }

  protected override async start(): Promise<void> {
    if (this.service === null) await this.#show();
    else await super.start();
  }

  /** Shows what was captured to a reader who was asked. */
  async #show(): Promise<void> {
    if (this.captured) return;
    this.replay();
    // The button is gone then, and with it the focus.
    await this.updateComplete;
    await this.#prediction?.updateComplete;
    this.#prediction?.querySelector("button")?.focus({ preventScroll: true });
  }

  protected override heard(event: Happening): void {
    // What was captured does not answer for other code.
    if (!this.captured || !this.isChanged) this.#prediction?.hear(event);
  }

  protected override get verdict(): string {
    return this.#prediction?.spoken ?? "";
  }

  protected override onEdit(): void {
    super.onEdit();
    this.#sharing.edited();
    if (this.#prediction) this.#prediction.source = this.code;
    this.#draft?.edited(this.code);
    this.#askWhatToKeep();
  }

  #onStorage = ({ key, newValue, storageArea }: StorageEvent): void => {
    if (!this.#data || !this.field || storageArea !== localStorage) return;
    if (key !== null && key !== draftKey(this.#data.example)) return;
    this.#draft?.heard(newValue, this.code);
    this.#askWhatToKeep();
  };

  #askWhatToKeep(): void {
    this.question = this.#draft?.question ?? null;
    if (toldOfStorage || this.#draft?.isKept !== false) return;
    toldOfStorage = true;
    this.unkept = true;
  }

  #keep = (): void => {
    this.#draft?.keep(this.code);
    this.#askWhatToKeep();
    this.focusAfterUpdate(".button.run");
  };

  #take = (): void => {
    if (!this.#draft || !this.field) return;
    const now = this.question?.about === "tab" ? "The other tab's code." : "The lesson's code.";
    const before = { now, text: this.code, knobs: this.knobs };
    this.field.replace(this.#draft.take());
    this.#askWhatToKeep();
    this.undoable = before;
    this.focusAfterUpdate(".snippet-reset button");
  };

  /** Takes a run back, so that its output gives no answer away. */
  #forget = (): void => {
    if (!isBusy(this.run)) this.clear();
  };
}
