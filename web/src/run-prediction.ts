/** `<run-prediction>`: a question that the reader answers before a run, and the run then marks. */
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { unsafeHTML } from "lit/directives/unsafe-html.js";
import {
  type Answer,
  answerOf,
  codeLines,
  type Guess,
  type Heard,
  NoAnswer,
  noGuess,
  outcomeOf,
  placeOf,
  type Question,
  type SaidLine,
  verdictOf,
} from "./predict.ts";
import type { Happening } from "./run-state.ts";

/** A run as it is heard, with what the reader predicted when it began. */
interface Listening extends Heard {
  guess: Guess;
}

/** What came of it. */
interface Marked {
  guess: Guess;
  answer: Answer | NoAnswer;
}

/** It renders into itself, in place of what the server wrote, and in the same size. */
export class RunPrediction extends LitElement {
  static override properties = {
    question: { attribute: false },
    source: { attribute: false },
    button: { attribute: false },
    guess: { state: true },
    marked: { state: true },
  };

  declare question: Question;
  /** The code as it stands. */
  declare source: string;
  /** What the button says that shows the answer. */
  declare button: string;
  declare private guess: Guess;
  declare private marked: Marked | null;

  #listening: Listening | null = null;
  /** Whether the focus is on something that the next rendering takes away. */
  #hadFocus = false;

  constructor() {
    super();
    this.guess = noGuess;
    this.marked = null;
  }

  /** What a screen reader is told once the run is over; empty if there is nothing to tell. */
  get spoken(): string {
    return this.marked ? this.#verdict(this.marked) : "";
  }

  /** Follows a run from when it is sent; at its end the prediction is marked. */
  hear(event: Happening): void {
    if (event.type === "sent") {
      this.marked = null;
      const { source, guess } = this;
      const heard: Heard = {
        source,
        stdout: "",
        stderr: "",
        diagnostics: [],
        cut: false,
        status: "ok",
      };
      this.#listening = { ...heard, guess };
      return;
    }
    const heard = this.#listening;
    if (!heard) return;
    if (event.type === "stdout" || event.type === "stderr") heard[event.type] += event.text;
    else if (event.type === "diagnostic") heard.diagnostics = [...heard.diagnostics, event];
    else if (event.type === "truncated") heard.cut = true;
    else if (event.type === "exit") {
      heard.status = event.status;
      this.marked = { guess: heard.guess, answer: answerOf(this.question, heard) };
      this.#listening = null;
    }
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    const { activeElement } = this.getRootNode() as Document | ShadowRoot;
    this.#hadFocus = changed.has("marked") && this.contains(activeElement);
    // Another variant asks something else, and a run that began before it is none of its business.
    if (!changed.has("question")) return;
    this.guess = noGuess;
    this.marked = null;
    this.#listening = null;
  }

  protected override updated(): void {
    if (!this.#hadFocus) return;
    const next = this.querySelector<HTMLElement>(this.marked ? "button" : "input");
    next?.focus({ preventScroll: true });
  }

  protected override render() {
    const { marked, question } = this;
    const asked = html`<b class="predict-eyebrow">Predict</b> ${unsafeHTML(question.question)}`;
    if (!marked) {
      return html`<fieldset class="predict">
        <legend>${asked}</legend>
        ${this.#inputs()}
        <p class="predict-hint">Answer, then press ${this.button}. Or just press ${this.button} to see.</p>
      </fieldset>`;
    }
    const { answer, guess } = marked;
    const outcome = answer instanceof NoAnswer ? null : outcomeOf(question, guess, answer);
    return html`<div class="predict marked ${outcome ?? "shown"}" role="group" aria-label="Prediction">
      <p class="predict-question">${asked}</p>
      <p class="predict-verdict"><span class="predict-mark" aria-hidden="true"></span>${this.#verdict(marked)}</p>
      ${answer instanceof NoAnswer ? nothing : this.#results(guess, answer)}
      <p><button type="button" class="button quiet small" @click=${this.#again}>Try again</button></p>
    </div>`;
  }

  #verdict({ guess, answer }: Marked): string {
    if (answer instanceof NoAnswer) return `This run has no answer. ${answer.sentence}`;
    return verdictOf(this.question, guess, answer);
  }

  #inputs(): TemplateResult {
    const { guess, question } = this;
    switch (question.kind) {
      case "lines": {
        const option = (isTicked: boolean, tick: (on: boolean) => void, label: TemplateResult) =>
          html`<label><input
            type="checkbox" .checked=${isTicked}
            @change=${(event: Event) => tick((event.target as HTMLInputElement).checked)}
          />${label}</label>`;
        return html`<div class="predict-options lines">
          ${codeLines(this.source, question.among).map((line) =>
            option(
              guess.lines?.has(line.key) ?? false,
              (on) => this.#tick(line.key, on),
              html`<span class="predict-place">${placeOf(line)}</span><code>${line.text.trim()}</code>`,
            ),
          )}
          ${option(
            guess.lines?.size === 0,
            (on) => this.#say({ lines: on ? new Set() : null }),
            html`<span class="predict-text">None of these</span>`,
          )}
        </div>`;
      }
      case "number":
        return html`<label class="predict-number"><span>Your number</span><input
          type="text" inputmode="decimal" autocomplete="off" .value=${guess.number}
          @input=${(event: Event) => this.#say({ number: (event.target as HTMLInputElement).value })}
        /><span>${question.unit}</span></label>`;
      case "choice":
        return html`<div class="predict-options">
          ${question.choices.map(
            ({ text }, at) => html`<label><input
              type="radio" name="${this.id}" .checked=${guess.choice === at}
              @change=${() => this.#say({ choice: at })}
            /><span class="predict-text">${unsafeHTML(text)}</span></label>`,
          )}
        </div>`;
    }
  }

  #results(guess: Guess, answer: Answer): TemplateResult | typeof nothing {
    switch (answer.kind) {
      case "lines":
        return html`<ul class="predict-options lines">
          ${answer.lines.map((line) => lineView(line, guess.lines))}
        </ul>`;
      case "choice": {
        const choices = this.question.kind === "choice" ? this.question.choices : [];
        return html`<ul class="predict-options">
          ${choices.map(({ text }, at) => choiceView(text, at === guess.choice, at === answer.choice))}
        </ul>`;
      }
      case "number":
        return html`<dl class="predict-numbers">
          <div><dt>You</dt><dd>${guess.number.trim() || "–"}</dd></div>
          <div><dt>The run</dt><dd>${answer.text}</dd></div>
        </dl>`;
    }
  }

  #tick(key: string, on: boolean): void {
    const lines = new Set(this.guess.lines);
    if (on) lines.add(key);
    else lines.delete(key);
    this.#say({ lines: lines.size === 0 ? null : lines });
  }

  #say(part: Partial<Guess>): void {
    this.guess = { ...this.guess, ...part };
  }

  /** The output would give the answer away: whoever shows it takes it back. */
  readonly #again = (): void => {
    this.guess = noGuess;
    this.marked = null;
    this.dispatchEvent(new Event("again", { bubbles: true }));
    void this.updateComplete.then(() => this.querySelector("input")?.focus());
  };
}

function lineView(line: SaidLine, guess: Guess["lines"]): TemplateResult {
  const isSaid = line.messages.length > 0;
  const isTicked = guess?.has(line.key) ?? false;
  const [kind, words] = isSaid
    ? guess === null
      ? ["is", ""]
      : isTicked
        ? ["hit", "You found it: "]
        : ["miss", "You missed it: "]
    : isTicked
      ? ["extra", "You ticked it; nothing of this kind is said of it."]
      : ["not", ""];
  return html`<li class=${kind}>
    <span class="predict-mark" aria-hidden="true"></span>
    <span class="predict-place">${placeOf(line)}</span><code>${line.text.trim()}</code>
    ${
      isSaid || isTicked
        ? html`<span class="predict-words">${words}${line.messages.map(
            (message, at) => html`${at > 0 ? "; " : ""}<q>${message}</q>`,
          )}</span>`
        : nothing
    }
  </li>`;
}

function choiceView(text: string, isChosen: boolean, isRight: boolean): TemplateResult {
  const kind = isRight ? (isChosen ? "hit" : "is") : isChosen ? "extra" : "not";
  const words = isRight
    ? isChosen
      ? "You chose it, and so it is."
      : "So it is."
    : "You chose it.";
  return html`<li class=${kind}>
    <span class="predict-mark" aria-hidden="true"></span><span class="predict-text">${unsafeHTML(text)}</span>
    ${isRight || isChosen ? html`<span class="predict-words">${words}</span>` : nothing}
  </li>`;
}

customElements.define("run-prediction", RunPrediction);
