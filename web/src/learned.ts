/** What a page shows of the reader's progress: lit lessons, bars, the button, what is due. */
import { html, LitElement, nothing as noHtml } from "lit";
import { exported, follow, keep, kept, merged, nothing, type Progress, parse } from "./progress.ts";
import { due, lessonsIn, type Standing, standings } from "./standing.ts";

const words: Record<Standing, string> = {
  learned: "Learned",
  next: "Next step",
  open: "",
  ahead: "",
};

/** Lights the lessons of a page, and the lines between them. */
export function lightLessons(): void {
  if (!document.querySelector("[data-needs]")) return;
  const lessons = lessonsIn(document);
  follow((progress) => {
    const standing = standings(lessons, progress);
    for (const element of document.querySelectorAll<HTMLElement>("[data-needs]")) {
      const now = standing.get(element.dataset.lesson ?? "") ?? "open";
      element.dataset.standing = now;
      tell(element, words[now]);
    }
    for (const line of document.querySelectorAll<SVGPathElement>("path[data-from]"))
      line.classList.toggle("lit", standing.get(line.dataset.from ?? "") === "learned");
  });
}

/** A page of the site, as the head links to it: an exported site may lie in any folder. */
function pageAt(name: string): string {
  const link = document.querySelector<HTMLAnchorElement>(`.pages a[data-page="${name}"]`);
  return link?.href ?? `/${name}`;
}

/** Colours alone say nothing to many. */
function tell(lesson: HTMLElement, word: string): void {
  const place = lesson.querySelector(".meta");
  let said = lesson.querySelector(".standing");
  if (!said) {
    said = document.createElement("span");
    said.className = "standing";
    place?.append(said);
  }
  said.textContent = word;
}

/** An element without a shadow that follows the progress. */
abstract class Following extends LitElement {
  protected progress: Progress = nothing();
  #stop: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = follow((progress) => {
      this.progress = progress;
      this.requestUpdate();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}

/** `<mark-learned lesson="ID">`: the button at the end of a lesson. */
export class MarkLearned extends Following {
  #refused = false;

  protected override render() {
    const id = this.getAttribute("lesson") ?? "";
    const isLearned = id in this.progress.learned;
    return html`<button
        type="button" class="button quiet mark-learned" aria-pressed=${isLearned}
        @click=${() => this.#toggle(id, !isLearned)}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 8.5 6.5 12 13 4.5" /></svg>
        ${isLearned ? "Learned" : "Mark as learned"}
      </button>
      <p role="status">
        ${
          this.#refused
            ? "This browser keeps nothing for this site, so it cannot be marked."
            : isLearned
              ? html`Its questions are among those to <a href=${pageAt("revise")}>revise</a>. See <a href=${pageAt("map")}>the map</a> for the next step.`
              : noHtml
        }
      </p>`;
  }

  #toggle(id: string, isLearned: boolean): void {
    const progress = kept();
    if (isLearned) progress.learned[id] = new Date().toISOString();
    else delete progress.learned[id];
    this.#refused = !keep(progress);
    this.requestUpdate();
  }
}

/** `<learned-bar>`: how many lessons are learned, of its section or, with the class `of-all`, of the page. */
export class LearnedBar extends Following {
  protected override render() {
    const around = this.classList.contains("of-all") ? document : this.closest("section");
    const lessons = lessonsIn(around ?? document);
    const done = lessons.filter(({ id }) => id in this.progress.learned).length;
    return html`<progress max=${lessons.length} .value=${done} aria-hidden="true"></progress>
      <span>${done} of ${lessons.length} learned</span>`;
  }
}

/** `<due-cards>`: how many questions wait. Nothing where none does. */
export class DueCards extends Following {
  protected override render() {
    const count = due(lessonsIn(document), this.progress, new Date());
    if (count === 0) return noHtml;
    return html`<a class="due" href=${pageAt("revise")}><b>${count}</b> ${count === 1 ? "question" : "questions"} to revise</a>`;
  }
}

/** `<progress-tools>`: takes the progress out of this browser, brings it in, and forgets it. */
export class ProgressTools extends Following {
  #said = "";

  protected override render() {
    const isEmpty =
      Object.keys(this.progress.learned).length + Object.keys(this.progress.cards).length === 0;
    return html`<section class="progress-tools" aria-labelledby="progress-title">
      <h2 id="progress-title">Your progress</h2>
      <p>It is kept in this browser and is sent nowhere. Export it to have it elsewhere too.</p>
      <div class="buttons">
        <button type="button" class="button quiet" ?disabled=${isEmpty} @click=${this.#export}>Export</button>
        <button type="button" class="button quiet" @click=${this.#choose}>Import</button>
        <button type="button" class="button quiet" ?disabled=${isEmpty} @click=${this.#reset}>Reset</button>
        <input type="file" accept="application/json,.json" hidden aria-hidden="true" tabindex="-1" @change=${this.#import} />
      </div>
      <p role="status">${this.#said}</p>
    </section>`;
  }

  #export(): void {
    const file = new Blob([exported(this.progress)], { type: "application/json" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = "underhood-progress.json";
    link.click();
    URL.revokeObjectURL(link.href);
    this.#say("Exported.");
  }

  #choose(): void {
    this.querySelector<HTMLInputElement>("input[type=file]")?.click();
  }

  async #import(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    const text = await input.files?.[0]?.text();
    // The same file can be chosen again.
    input.value = "";
    if (text === undefined) return;
    try {
      const isKept = keep(merged(kept(), parse(text)));
      this.#say(isKept ? "Imported." : "This browser keeps nothing for this site.");
    } catch (error) {
      this.#say(`Not imported: ${error instanceof Error ? error.message : "it cannot be read"}.`);
    }
  }

  #reset(): void {
    if (!confirm("Forget which lessons are learned, and all answers?")) return;
    keep(nothing());
    this.#say("All is forgotten.");
  }

  #say(what: string): void {
    this.#said = what;
    this.requestUpdate();
  }
}
