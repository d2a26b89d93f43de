/** The explanation of a decision, as steps that a reader walks. */
import { html, nothing, type TemplateResult } from "lit";
import type { Decision, Step } from "../decisions.ts";
import { halts, hops } from "./flow.ts";

/** An open explanation. */
export interface Walk {
  decision: Decision;
  /** The halt where the reader is, from 0. */
  halt: number;
  /** Goes to another halt. */
  to: (halt: number) => void;
  /** Goes on or back by some halts, from where the reader is by now. */
  by: (halts: number) => void;
}

const byKey: Record<string, number> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

export function explanationView(walk: Walk): TemplateResult {
  const { decision, halt, by } = walk;
  const stops = halts(decision.steps);
  if (stops.length === 0) return html`<p class="soft">The compiler gives no reason.</p>`;
  const onKey = (event: KeyboardEvent) => {
    const steps = byKey[event.key];
    if (steps === undefined) return;
    event.preventDefault();
    by(steps);
  };
  const view = (step: Step) => stepView(step, stops.indexOf(step), walk);
  return html`<div class="flow" @keydown=${onKey}>
    <div class="row walk">
      <button type="button" class="small" aria-disabled=${halt === 0} @click=${() => by(-1)}>Previous</button>
      <button
        type="button" class="small" aria-disabled=${halt === stops.length - 1} @click=${() => by(1)}
      >Next</button>
      <span class="soft" aria-live="polite"
        >Step ${halt + 1} of ${stops.length}<span class="spoken">: ${stops[halt]?.text}</span></span
      >
    </div>
    <ol>
      ${hops(decision.steps).map(
        ({ flow, reasons }) => html`<li>
          ${flow ? view(flow) : nothing}
          ${reasons.length > 0 ? html`<ol>${reasons.map((reason) => html`<li>${view(reason)}</li>`)}</ol>` : nothing}
        </li>`,
      )}
    </ol>
  </div>`;
}

/** A button where readers halt. */
function stepView(step: Step, number: number, { halt, to }: Walk): TemplateResult {
  const word = step.kind === "flow" ? "flow:" : "from";
  const text = html`<span class="at">${step.at}</span> ${word} ${step.text}`;
  if (number < 0) return html`<span class="step">${text}</span>`;
  return html`<button
    type="button" class="step" aria-current=${number === halt ? "step" : nothing} @click=${() => to(number)}
  >${text}</button>`;
}
