/** How a reader goes from pass to pass, and what is said of each. */
import { html, nothing, type TemplateResult } from "lit";
import type { Change } from "./passes.ts";
import type { Read, Step } from "./reading.ts";

/** The slider, a button at each end, and a list of all names; of those but the buttons a screen reader says where they stand. */
export function stepsView(
  steps: readonly Step[],
  now: number,
  show: (at: number, isSpoken?: boolean) => void,
): TemplateResult {
  const last = steps.length - 1;
  const slide = (event: Event) => show((event.target as HTMLInputElement).valueAsNumber, false);
  const choose = (event: Event) => show((event.target as HTMLSelectElement).selectedIndex, false);
  return html`<div class="row steps">
      <button type="button" aria-label="Pass before" ?disabled=${now === 0} @click=${() => show(now - 1)}>←</button>
      <input type="range" aria-label="Pass" min="0" max=${last} .value=${String(now)}
        aria-valuetext="${steps[now]?.name}, ${now + 1} of ${steps.length}" @input=${slide}>
      <button type="button" aria-label="Next pass" ?disabled=${now === last} @click=${() => show(now + 1)}>→</button>
    </div>
    <select aria-label="Pass by name" @change=${choose}>
      ${steps.map(
        ({ name, isQuiet }, at) =>
          html`<option .selected=${at === now}>${at + 1}. ${name}${isQuiet ? " (changed nothing)" : ""}</option>`,
      )}
    </select>`;
}

/** What a step did, and what there is after it. */
export function summaryView({ name, stage, isQuiet }: Step, read: Read): TemplateResult {
  const { blocks, instructions, quiet } = read.stage;
  const size = instructions.length
    ? `${instructions.length} instructions, with the value that each is made of.`
    : `${read.count} values in ${blocks.length} ${blocks.length === 1 ? "block" : "blocks"}.`;
  if (isQuiet) return html`<b>${name}</b> changed nothing. ${size}`;
  const change = stage > 0 && !instructions.length ? wordsOf(read.change) : nothing;
  const before = html`<span class="soft">Before it, without a change: ${quiet.join(", ")}.</span>`;
  return html`<b>${name}</b>: ${change} ${size} ${quiet.length ? before : nothing}`;
}

function wordsOf({ added, removed, changed, moved }: Change): string {
  const counts: [number, string][] = [
    [added.size, "added"],
    [removed.size, "removed"],
    [changed.size, "changed"],
    [moved.size, "moved to another block"],
  ];
  const parts = counts.flatMap(([count, word]) => (count ? [`${count} ${word}`] : []));
  if (parts.length > 0) return `${parts.join(", ")}.`;
  return "the values are the same; their order, their lines or the blocks around them are not.";
}

/** All passes as a table. */
export function tableView(read: readonly Read[]): TemplateResult {
  return html`<details>
    <summary>As a table</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="What each pass changed"><table>
      <thead><tr>
        <th scope="col">pass</th><th scope="col">blocks</th><th scope="col">values</th>
        <th scope="col">added</th><th scope="col">removed</th><th scope="col">changed</th><th scope="col">moved</th>
      </tr></thead>
      <tbody>${read.map(rowsView)}</tbody>
    </table></div>
  </details>`;
}

function rowsView({ stage, change, count }: Read, at: number): TemplateResult {
  const { added, removed, changed, moved } = change;
  const isCode = stage.instructions.length > 0;
  const changes = [added, removed, changed, moved].map(({ size }) =>
    at === 0 || isCode ? "" : size,
  );
  const sizes = isCode ? ["", `${count} instructions`] : [stage.blocks.length, count];
  return html`${stage.quiet.map(
    (name) => html`<tr><td>${name}</td><td class="soft" colspan="6">changed nothing</td></tr>`,
  )}
    <tr><td>${stage.name}</td>${[...sizes, ...changes].map((cell) => html`<td class="number">${cell}</td>`)}</tr>`;
}
