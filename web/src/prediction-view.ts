/** What a lesson's snippet asks before it is run, and the button of a page where nothing runs. Pure templates. */
import { html, nothing, type TemplateResult } from "lit";
import "./run-prediction.ts";
import type { Question } from "./predict.ts";

/** What the variant asks before it is run. */
export function predictionView(asked: {
  id: string;
  question: Question | undefined;
  /** The code as it stands. */
  source: string;
  /** What the button says that shows the answer. */
  button: string;
  again: () => void;
}): TemplateResult | typeof nothing {
  const { id, question, source, button, again } = asked;
  if (!question) return nothing;
  return html`<run-prediction
    id=${id} .question=${question} .source=${source} .button=${button} @again=${again}
  ></run-prediction>`;
}

/** What the button says that stands in the place of Run where nothing runs. */
export const showButton = "Show output";

/** Where nothing runs, what was captured waits for the reader's answer. */
export function showView(show: () => void): TemplateResult {
  return html`<div class="snippet-actions">
    <button type="button" class="button show" @click=${show}>${showButton}</button>
  </div>`;
}
