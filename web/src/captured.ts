/** What an exported page shows while nothing runs: outputs that were captured, written into the page. */
import { html, nothing, type TemplateResult } from "lit";
import type { RunEvent, Stream } from "./protocol.ts";
import type { RunState } from "./run-state.ts";

/** What was captured of a variant. */
export interface Capture {
  /** Where it comes from, in words that go on after "Captured". */
  stamp: string;
  /** All events of the run; none where nothing was captured. */
  events: RunEvent[];
}

/** The captures in a snippet, by the names of their variants. */
export function capturesIn(snippet: Element): Map<string, Capture> {
  const sections = snippet.querySelectorAll<HTMLElement>(".captured[data-variant]");
  return new Map([...sections].map((section) => [section.dataset.variant ?? "", capture(section)]));
}

/** The page holds the output once, as text for readers without scripts. */
function capture(section: HTMLElement): Capture {
  const { stamp, events } = JSON.parse(
    section.querySelector("script")?.textContent ?? "{}",
  ) as Capture;
  const pieces = [...section.querySelectorAll<HTMLElement>(".snippet-output pre > span")];
  const output = pieces.map((piece): RunEvent => {
    const type: Stream = piece.className === "err" ? "stderr" : "stdout";
    const after = piece.nextSibling;
    const isEnded = after instanceof Text && after.data.startsWith("\n");
    return { type, text: piece.textContent + (isEnded ? "\n" : "") };
  });
  // `exit` is the last event.
  return { stamp, events: [...events.slice(0, -1), ...output, ...events.slice(-1)] };
}

/** Says that an output was captured, and why it is shown. */
export function capturedView(capture: Capture, why: string): TemplateResult {
  return html`${why ? html`<p class="why">${why}</p>` : nothing}
    <p class="stamp"><b>${capture.events.length > 0 ? "Captured" : "Not captured"}</b> ${capture.stamp}</p>`;
}

/** Says that an output is of a run just now, on a site whose outputs are captured otherwise. */
export function liveView(run: RunState, host: string): TemplateResult | typeof nothing {
  if (!run.go) return nothing;
  return html`<p class="stamp live"><b>Live</b> with ${run.go}, run by ${host}.</p>`;
}
