import { css, unsafeCSS } from "lit";
import { width } from "./rows.ts";

/** Where in a row a cell begins, and how many bytes it has. */
const places = Array.from(
  { length: width },
  (_, at) =>
    `.at-${at} { grid-column-start: ${at + 2} } .of-${at + 1} { grid-column-end: span ${at + 1} }`,
).join("\n");

export const layoutStyles = css`
  :host {
    container-type: inline-size;
  }
  ${unsafeCSS(places)}
  .head {
    justify-content: space-between;
    margin-bottom: 0.625rem;
  }
  .struct {
    padding: 0.625rem 0 0.875rem;
    border-top: 1px solid var(--line, GrayText);
  }
  .title {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0.125rem 0.875rem;
    margin-bottom: 0.5rem;
  }
  .name {
    font: 600 0.9375rem / 1.4 var(--mono, monospace);
    color: var(--strong, CanvasText);
    overflow-wrap: anywhere;
  }
  .line-link {
    min-height: 1.5rem;
    padding: 0;
    color: var(--accent, LinkText);
    border: 0;
    background: none;
    text-decoration: underline;
    text-underline-offset: 2px;
  }
  .was {
    color: var(--soft, GrayText);
  }
  .saved {
    padding: 0 0.4375rem;
    border: 1px solid currentcolor;
    border-radius: 999px;
    font-size: 0.8125rem;
  }
  .saved.same {
    color: var(--soft, GrayText);
  }
  .less {
    color: var(--good, currentcolor);
  }
  .more {
    color: var(--bad, currentcolor);
  }
  .drawings {
    display: flex;
    flex-wrap: wrap;
    gap: 0.75rem 1.5rem;
  }
  .drawing {
    flex: 1 1 17rem;
    min-width: 0;
    max-width: 44rem;
  }
  .drawing > p {
    margin: 0 0 0.25rem;
    font-size: 0.8125rem;
  }
  .bytes {
    font: 400 0.75rem / 1 var(--mono, monospace);
  }
  .asking .bytes {
    opacity: 0.6;
  }
  .bytes-row,
  .scale {
    display: grid;
    grid-template-columns: 2.5rem repeat(${width}, minmax(0, 1fr));
    gap: 2px;
    margin-bottom: 2px;
  }
  .bytes-row {
    height: 1.75rem;
  }
  .scale,
  .offset {
    color: var(--soft, GrayText);
    font-variant-numeric: tabular-nums;
  }
  .scale > * {
    text-align: center;
  }
  .offset {
    grid-column: 1;
    align-self: center;
    padding-right: 0.375rem;
    text-align: right;
  }
  .cell {
    display: flex;
    align-items: center;
    min-width: 0;
    padding: 0 0.25rem;
    color: var(--strong, CanvasText);
    border: 1px solid transparent;
    border-radius: 3px;
    overflow: hidden;
    white-space: nowrap;
    cursor: default;
  }
  .cell > span {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .field {
    background: color-mix(in srgb, var(--stack, Highlight) 26%, var(--surface, Canvas));
    border-color: color-mix(in srgb, var(--stack, Highlight) 45%, var(--surface, Canvas));
  }
  .field.odd {
    background: color-mix(in srgb, var(--stack, Highlight) 13%, var(--surface, Canvas));
    border-color: color-mix(in srgb, var(--stack, Highlight) 32%, var(--surface, Canvas));
  }
  .padding,
  .inner {
    color: var(--soft, GrayText);
    border-color: var(--line-strong, GrayText);
    border-style: dashed;
    background: repeating-linear-gradient(
      135deg,
      var(--line, GrayText) 0 1.5px,
      transparent 1.5px 6px
    );
  }
  .padding > span {
    padding: 0.125rem 0.25rem;
    border-radius: 3px;
    background: var(--surface, Canvas);
  }
  .inner {
    background-color: color-mix(in srgb, var(--stack, Highlight) 8%, var(--surface, Canvas));
  }
  .cell.pointed {
    border: 2px solid var(--accent, Highlight);
    border-style: solid;
  }
  .fold,
  .line {
    margin: 0 0 2px 2.625rem;
    padding: 0.3125rem 0.375rem;
    color: var(--soft, GrayText);
  }
  .fold {
    border-left: 2px dotted var(--line-strong, GrayText);
  }
  .line {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    margin-left: 0;
    padding: 0.25rem 0;
  }
  .line::before,
  .line::after {
    content: "";
    height: 0;
    border-top: 2px solid var(--line-strong, GrayText);
  }
  .line::before {
    width: 2.125rem;
  }
  .line::after {
    flex: 1;
  }
  .fields {
    margin-top: 0.625rem;
    overflow-x: auto;
  }
  .fields td {
    vertical-align: middle;
  }
  .fields th:not(:first-child),
  .fields td.number {
    padding-right: 0.875rem;
    text-align: right;
  }
  .fields .field-name {
    min-width: 8rem;
    text-align: left;
    overflow-wrap: anywhere;
  }
  .fields tr.pointed td {
    background: var(--accent-wash, transparent);
  }
  .fields tr.over-above td {
    box-shadow: inset 0 2px 0 var(--accent, Highlight);
  }
  .fields tr.over-below td {
    box-shadow: inset 0 -2px 0 var(--accent, Highlight);
  }
  .fields tr.dragged td {
    opacity: 0.55;
  }
  .moves {
    white-space: nowrap;
  }
  .moves button {
    min-height: 1.625rem;
    min-width: 1.625rem;
    padding: 0 0.25rem;
  }
  .moves [aria-disabled="true"] {
    opacity: 0.45;
    cursor: default;
  }
  .handle {
    display: inline-block;
    padding: 0.25rem 0.375rem;
    color: var(--soft, GrayText);
    cursor: grab;
    touch-action: none;
    user-select: none;
  }
  /* A phone: all columns fit, and a cell of one byte has room for a few letters. */
  @container (max-width: 30rem) {
    .bytes {
      font-size: 0.6875rem;
    }
    .bytes-row,
    .scale {
      grid-template-columns: 1.75rem repeat(${width}, minmax(0, 1fr));
    }
    .cell {
      padding: 0 1px;
    }
    .cell > span {
      text-overflow: clip;
    }
    .padding > span {
      padding: 0.125rem 0;
    }
    .fields .field-name {
      min-width: 4.5rem;
    }
    .field-name .soft {
      display: block;
    }
    .fields th:not(:first-child),
    .fields td.number,
    .fields td {
      padding-right: 0.4375rem;
    }
    .fields th {
      font-size: 0.75rem;
    }
    .handle {
      padding: 0.25rem 0.125rem;
    }
  }
  .actions {
    margin-top: 0.625rem;
  }
  .why {
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
`;
