/** What is said of a snippet's code beside it: that it needs a decision, or cannot be kept. Pure templates. */
import { html, nothing } from "lit";
import type { Question } from "./drafts.ts";

/** The question, if there is one. */
export function draftView(
  question: Question | null,
  unkept: boolean,
  keep: () => void,
  take: () => void,
) {
  return html`<div class="snippet-notes" role="status">
    ${question ? questionView(question, keep, take) : nothing}
    ${
      unkept
        ? html`<p class="snippet-note">This browser keeps no code for this site: its storage is full or switched off. What you
            type works, and is gone when you leave the page.</p>`
        : nothing
    }
  </div>`;
}

function questionView({ about }: Question, keep: () => void, take: () => void) {
  return html`<div class="snippet-note">
    <p>${
      about === "lesson"
        ? "The lesson's code has changed since you edited it. This is yours."
        : "This example has other code in another tab of yours."
    }</p>
    <span class="snippet-answers">
      <button type="button" class="button quiet small" @click=${keep}>Keep mine</button>
      <button type="button" class="button quiet small" @click=${take}
        >${about === "lesson" ? "Take the lesson's" : "Take the other tab's"}</button>
    </span>
  </div>`;
}
