/** A table of many rows, some of them at a time. */
import { css, html, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";

/** So many rows are shown at a time. */
export const pageRows = 200;

export interface LongTable<Row> {
  /** What it is of, for who hears it. */
  caption: string;
  /** The heading of each column, what stands in it, and its class: that of numbers where none is named. */
  columns: readonly (readonly [
    heading: string,
    cell: (row: Row) => string | number,
    look?: string,
  ])[];
  rows: readonly Row[];
  /** From 0. */
  page: number;
  turn: (page: number) => void;
}

/** The table, with buttons for the pages where there is more than one. */
export function longTable<Row>({
  caption,
  columns,
  rows,
  page,
  turn,
}: LongTable<Row>): TemplateResult {
  const last = Math.max(0, Math.ceil(rows.length / pageRows) - 1);
  const at = Math.min(page, last);
  const shown = rows.slice(at * pageRows, (at + 1) * pageRows);
  const first = at * pageRows + 1;
  return html`
    ${
      last === 0
        ? nothing
        : html`<div class="row pages">
            <button type="button" ?disabled=${at === 0} @click=${() => turn(at - 1)}>Earlier</button>
            <span>${first} to ${first + shown.length - 1} of ${rows.length}</span>
            <button type="button" ?disabled=${at === last} @click=${() => turn(at + 1)}>Later</button>
          </div>`
    }
    <div class="scroll" tabindex="0" role="region" aria-label=${caption}>
      ${guard(
        [shown[0], shown.length, columns],
        () => html`<table>
          <thead><tr>${columns.map(([heading]) => html`<th scope="col">${heading}</th>`)}</tr></thead>
          <tbody>
            ${shown.map((row) => html`<tr>${columns.map(([, cell, look = "number"]) => html`<td class=${look}>${cell(row)}</td>`)}</tr>`)}
          </tbody>
        </table>`,
      )}
    </div>
  `;
}

/** Goes with the styles of all pictures. */
export const longTableStyles = css`
  .pages {
    margin: 0.5rem 0;
  }
  .scroll th,
  .scroll td {
    white-space: nowrap;
  }
`;
