/** The table of all that the picture shows. */
import { html, nothing, type TemplateResult } from "lit";
import type { Decision } from "../decisions.ts";
import type { Counts } from "./allocations.ts";
import { said } from "./words.ts";

/** Decisions by line, each with what its line allocated where that was counted. `nameOf` names a line without decisions. */
export function tableView(
  rows: ReadonlyMap<number, readonly Decision[]>,
  counts: Counts | null,
  nameOf: (line: number) => string,
): TemplateResult {
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Place</th><th scope="col">Kind</th><th scope="col">What the compiler says</th>
        ${counts ? html`<th scope="col" class="number">Objects</th><th scope="col" class="number">Bytes</th>` : nothing}
      </tr>
    </thead>
    <tbody>
      ${[...rows].flatMap(([line, decisions]) => {
        const { objects, bytes } = counts?.lines.get(line) ?? { objects: 0, bytes: 0 };
        const numbers = html`<td class="number">${objects}</td><td class="number">${bytes}</td>`;
        if (decisions.length === 0)
          return html`<tr><td class="mono">${nameOf(line)}</td><td></td><td></td>${numbers}</tr>`;
        return decisions.map(
          (told, at) => html`<tr>
            <td class="mono">${told.at}</td><td>${told.code}</td><td class="mono">${said(told)}</td>
            ${!counts ? nothing : at > 0 ? html`<td></td><td></td>` : numbers}
          </tr>`,
        );
      })}
    </tbody>
  </table>`;
}
