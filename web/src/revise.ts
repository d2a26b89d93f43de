/** The page of questions: asks those that are due, one at a time. */
import { html, LitElement, nothing } from "lit";
import { unsafeHTML } from "lit/directives/unsafe-html.js";
import { answered, comesAgain, distance, dueNow, type Grade, Rating } from "./deck.ts";
import { keep, kept } from "./progress.ts";

/** A question, taken from the page. */
interface Question {
  id: string;
  lesson: { href: string; title: string };
  /** HTML of the page itself. */
  question: string;
  answer: string;
}

const grades: { grade: Grade; word: string }[] = [
  { grade: Rating.Again, word: "Again" },
  { grade: Rating.Hard, word: "Hard" },
  { grade: Rating.Good, word: "Good" },
  { grade: Rating.Easy, word: "Easy" },
];

function questions(): Map<string, Question> {
  const found = new Map<string, Question>();
  for (const section of document.querySelectorAll(".questions > section")) {
    const link = section.querySelector<HTMLAnchorElement>("h2 a");
    const lesson = { href: link?.href ?? "", title: link?.textContent ?? "" };
    for (const details of section.querySelectorAll<HTMLElement>("details[data-card]")) {
      const id = details.dataset.card ?? "";
      const summary = details.querySelector("summary");
      const answer = details.cloneNode(true) as HTMLElement;
      answer.querySelector("summary")?.remove();
      found.set(id, { id, lesson, question: summary?.innerHTML ?? "", answer: answer.innerHTML });
    }
  }
  return found;
}

/** `<revise-session>`: a session of due cards, by buttons or by the keys Space and 1 to 4. */
class ReviseSession extends LitElement {
  readonly #all = questions();
  #queue: string[] = [];
  #asked = 0;
  #isOpen = false;
  #isRunning = false;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("keydown", this.#key);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("keydown", this.#key);
  }

  protected override render() {
    const id = this.#queue[0];
    const question = id === undefined ? undefined : this.#all.get(id);
    if (!this.#isRunning) return this.#start();
    return question ? this.#card(question) : this.#end();
  }

  #start() {
    const progress = kept();
    const learned = [...this.#all.keys()].filter(
      (id) => (id.split("/")[0] ?? "") in progress.learned || id in progress.cards,
    );
    const due = dueNow(learned, progress, new Date());
    const all = [...this.#all.keys()];
    return html`<div class="session">
      <p>
        ${
          due.length > 0
            ? html`<b>${due.length}</b> ${due.length === 1 ? "question is" : "questions are"} due.`
            : learned.length > 0
              ? "Nothing is due. Come back later, or go through all of them."
              : "Mark a lesson as learned, and its questions come here. Or go through all of them now."
        }
      </p>
      <div class="buttons">
        ${due.length > 0 ? html`<button type="button" class="button" @click=${() => this.#begin(due)}>Begin</button>` : nothing}
        <button type="button" class="button quiet" @click=${() => this.#begin(all)}>All ${all.length} questions</button>
      </div>
    </div>`;
  }

  #card(question: Question) {
    const now = new Date();
    const card = kept().cards[question.id];
    return html`<div class="session" role="group" aria-label="Question">
      <p class="eyebrow"><a href=${question.lesson.href}>${question.lesson.title}</a>
        <span>${this.#asked + 1} of ${this.#asked + this.#queue.length}</span></p>
      <div aria-live="polite">
        <h2>${unsafeHTML(question.question)}</h2>
        ${this.#isOpen ? html`<div class="answer">${unsafeHTML(question.answer)}</div>` : nothing}
      </div>
      <div class="buttons">
        ${
          this.#isOpen
            ? grades.map(
                (
                  { grade, word },
                  index,
                ) => html`<button type="button" class="button quiet grade" @click=${() => this.#grade(grade)}>
                  <kbd aria-hidden="true">${index + 1}</kbd> ${word}
                  <small>in ${distance(answered(card, grade, now), now)}</small>
                </button>`,
              )
            : html`<button type="button" class="button" @click=${this.#open}>Show the answer</button>`
        }
      </div>
    </div>`;
  }

  #end() {
    return html`<div class="session">
      <h2>Done for now</h2>
      <p role="status">You answered ${this.#asked} ${this.#asked === 1 ? "card" : "cards"}. What you knew comes back later.</p>
      <div class="buttons"><button type="button" class="button quiet" @click=${this.#stop}>Back</button></div>
    </div>`;
  }

  #begin(ids: string[]): void {
    this.#queue = [...ids];
    this.#asked = 0;
    this.#isRunning = true;
    this.#show(false);
  }

  #stop(): void {
    this.#isRunning = false;
    this.#show(false);
  }

  #open(): void {
    this.#show(true);
  }

  #show(isOpen: boolean): void {
    this.#isOpen = isOpen;
    // The list below would give the answers away.
    document.querySelector(".questions")?.toggleAttribute("hidden", this.#isRunning);
    this.requestUpdate();
    void this.updateComplete.then(() =>
      this.querySelector<HTMLElement>(".buttons button")?.focus(),
    );
  }

  #grade(grade: Grade): void {
    const id = this.#queue.shift();
    if (id === undefined) return;
    const now = new Date();
    const progress = kept();
    const card = answered(progress.cards[id], grade, now);
    progress.cards[id] = card;
    keep(progress);
    this.#asked += 1;
    if (comesAgain(card, now)) this.#queue.push(id);
    this.#show(false);
  }

  readonly #key = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey || !this.#isRunning) return;
    const chosen = grades[Number(event.key) - 1];
    if (this.#isOpen && chosen) {
      event.preventDefault();
      this.#grade(chosen.grade);
    }
  };
}

customElements.define("revise-session", ReviseSession);
