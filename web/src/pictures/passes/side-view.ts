/** Beside the list: the life of the value that is followed, and the source. */
import { html, nothing, type TemplateResult } from "lit";
import type { LifeEvent, Placed } from "./passes.ts";
import { textOf } from "./passes.ts";
import type { SourceLine } from "./read.ts";

/** The value that is followed. */
export interface Followed {
  id: string;
  events: readonly LifeEvent[];
  /** Names of the stages. */
  names: readonly string[];
  /** The stage that is shown, and the value in it. */
  stage: number;
  here: Placed | undefined;
  users: readonly string[];
  isComplete: boolean;
  goTo: (() => void) | null;
  show: (stage: number) => void;
  follow: (id: string) => void;
}

const words: Record<LifeEvent["what"], string> = {
  first: "is there from the beginning",
  added: "is made",
  changed: "becomes",
  moved: "moves",
  removed: "is gone",
  "machine code": "is now",
};

/** Its whole life, as steps to go to. */
export function lifeView(followed: Followed | null): TemplateResult {
  if (!followed) {
    return html`<div class="pane life"><p class="soft">Choose a value to follow it: click it, or press Enter on
      it in the list. Left and right arrows go from pass to pass there.</p></div>`;
  }
  const { id, events, names, stage, here, users, goTo, show, follow, isComplete } = followed;
  const seen = events.filter(({ what }) => what === "added" || what === "first");
  const refs =
    here?.value.parts.flatMap((part) => (typeof part === "string" ? [] : [part.ref])) ?? [];
  return html`<div class="pane life" tabindex="0" role="region" aria-label="The life of ${id}">
    <div class="row">
      <strong class="name followed">${id}</strong>
      ${goTo ? html`<button type="button" @click=${goTo}>Line ${here?.value.line}</button>` : nothing}
      <button type="button" @click=${() => follow("")}>Stop following</button>
    </div>
    ${here ? html`<p><code>${textOf(here.value.parts)}</code></p>` : html`<p class="soft">It is not there after ${names[stage]}.</p>`}
    ${namesView("It takes", refs, follow)} ${namesView("It is used by", users, follow)}
    <ol>${events.map(
      (event) => html`<li>
        <button type="button" aria-pressed=${event.stage === stage} @click=${() => show(event.stage)}
        >${names[event.stage]}</button>
        <span>${words[event.what]} <code>${event.text}</code></span>
      </li>`,
    )}</ol>
    ${isComplete ? nothing : html`<p class="soft">Later passes are being read.</p>`}
    ${
      seen.length > 1
        ? html`<p class="note">The name ${id} was given ${seen.length} times: the compiler gives the numbers of
            values that are gone to new ones. They are different values.</p>`
        : nothing
    }
    <p class="soft">Names are all that the output tells values apart by: one that is rewritten may be
      another value.</p>
  </div>`;
}

/** At most so many names are buttons. */
const most = 24;

function namesView(what: string, ids: readonly string[], follow: (id: string) => void) {
  const values = [...new Set(ids)];
  if (values.length === 0) return nothing;
  return html`<div class="row"><span class="soft">${what}</span>${values
    .slice(0, most)
    .map((id) =>
      id.startsWith("v")
        ? html`<button type="button" @click=${() => follow(id)}>${id}</button>`
        : html`<code>${id}</code>`,
    )}${values.length > most ? html`<span class="soft">and ${values.length - most} more</span>` : nothing}</div>`;
}

/** The source, with the lines of this number marked. */
export function sourceView(
  lines: readonly SourceLine[],
  of: number | null,
): TemplateResult | typeof nothing {
  if (lines.length === 0) return nothing;
  const marked = lines.filter((line) => "number" in line && line.number === of).length;
  return html`<div class="pane source" tabindex="0" role="region" aria-label="Source">
    ${lines.map((line) =>
      "file" in line
        ? html`<div class="soft">${line.file}</div>`
        : html`<div class=${line.number === of ? "of-value" : ""} aria-current=${line.number === of ? "true" : nothing}
          ><span class="number">${line.number}</span>${line.text}</div>`,
    )}
    ${marked > 1 ? html`<div class="soft">The output names the line, not its file.</div>` : nothing}
  </div>`;
}
