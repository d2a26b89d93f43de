/** What a reader chooses in the picture, and what it says that it lacks. */
import { html, nothing, type TemplateResult } from "lit";
import { plainName } from "./inlining.ts";
import type { Asked } from "./listings.ts";
import type { Pane } from "./pane.ts";

/** Stand for all functions, and for those that the run was asked for. No function has such a name. */
export const ALL = "";
export const ASKED = "*";

/** Which function is shown: one, all, or with `asked` what the run was asked for. */
export function functionChoice(
  pane: Pane,
  chosen: string,
  asked: unknown,
  choose: (name: string) => void,
): TemplateResult {
  const options = (indices: readonly number[]) =>
    indices.map((index) => {
      const name = pane.func(index)?.name ?? "";
      return html`<option value=${name} .selected=${name === chosen}>${plainName(name)}</option>`;
    });
  return html`<label>Function
    <select @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}>
      ${asked === undefined ? nothing : html`<option value=${ASKED} .selected=${chosen === ASKED}>${asked}</option>`}
      <option value=${ALL} .selected=${chosen === ALL}>All ${pane.own.length + pane.others.length}</option>
      <optgroup label="Yours">${options(pane.own)}</optgroup>
      ${pane.others.length > 0 ? html`<optgroup label="Made by the compiler">${options(pane.others)}</optgroup>` : nothing}
    </select></label>`;
}

/** Which other architectures lie beside that of the run. */
export function besideChoice(
  own: string,
  others: readonly string[],
  shown: readonly Asked[],
  press: (arch: string) => void,
): TemplateResult {
  return html`<span class="group" role="group" aria-label="Beside it"><span class="soft">${own} beside</span>
    ${others.map(
      (arch) => html`<button
        type="button" aria-pressed=${shown.some((asked) => asked.arch === arch)} @click=${() => press(arch)}
      >${arch}</button>`,
    )}</span>`;
}

/** What the picture lacks. */
export function notesView(asked: readonly Asked[]): TemplateResult {
  const here = asked.filter(({ listing }) => listing);
  const isUnknown = here.some(({ inlining }) => inlining === "unknown");
  const isCut = here.some((one) => one.isCut);
  return html`${
    isUnknown
      ? html`<p class="note">Of inlined code only the innermost line is known here: a listing has no more, and nothing
          answered that could compile it again.</p>`
      : nothing
  }${
    isCut
      ? html`<p class="note">The listing is longer than an output may be, so functions are missing at its end.</p>`
      : nothing
  }`;
}
