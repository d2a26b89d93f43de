/** How the picture looks. Rows are 1.5rem high, as `rows.ts` has it. */
import { css } from "lit";

export const assemblyStyles = css`
  .row {
    margin-bottom: 0.625rem;
  }
  label {
    display: inline-flex;
    align-items: center;
    gap: 0.5rem;
    min-width: 0;
  }
  select {
    min-height: 2rem;
    max-width: min(26rem, 62vw);
    padding: 0 0.5rem;
    font: inherit;
    color: inherit;
    background: var(--surface, Field);
    border: 1px solid var(--field, currentcolor);
    border-radius: 6px;
  }
  .group {
    display: inline-flex;
    flex-wrap: wrap;
    gap: 0.375rem;
    align-items: center;
  }
  .panes {
    display: grid;
    grid-auto-flow: column;
    grid-template-columns: minmax(17rem, 2fr);
    grid-auto-columns: minmax(19rem, 3fr);
    gap: 0.5rem;
    overflow-x: auto;
  }
  .pane {
    display: flex;
    flex-direction: column;
    min-width: 0;
    margin: 0;
    border: 1px solid var(--line, GrayText);
    border-radius: 6px;
    overflow: hidden;
  }
  .pane h3 {
    display: flex;
    gap: 0.75rem;
    justify-content: space-between;
    margin: 0;
    padding: 0.25rem 0.625rem;
    font-size: 0.8125rem;
    font-weight: 500;
    color: var(--soft, GrayText);
    border-bottom: 1px solid var(--line, GrayText);
  }
  .said {
    padding: 0.75rem;
  }
  .box {
    height: 27rem;
    overflow: auto;
    font: 0.8125rem / 1.5rem var(--mono, ui-monospace, monospace);
    scrollbar-width: thin;
  }
  .box:focus-visible {
    outline-offset: -2.5px;
  }
  .space {
    min-width: max-content;
    overflow: hidden;
    contain: layout;
  }
  .window {
    min-width: max-content;
  }
  .line {
    display: flex;
    gap: 1.25ch;
    height: 1.5rem;
    padding-right: 1rem;
    white-space: pre;
    border-left: 3px solid transparent;
    cursor: default;
  }
  .line > * {
    flex: none;
  }
  .box:focus-visible .current {
    box-shadow: inset 0 0 0 1.5px var(--accent, Highlight);
  }
  .near {
    background: var(--sunken, transparent);
    border-left-color: var(--line-strong, GrayText);
  }
  .lit {
    background: var(--accent-wash, Highlight);
    border-left-color: var(--accent, Highlight);
  }
  .target {
    box-shadow: inset 0 0 0 1px var(--heap, GrayText);
  }
  .here .operation,
  .here .text {
    font-weight: 600;
  }
  .number {
    width: 4ch;
    color: var(--code-gutter, GrayText);
  }
  .made {
    width: 4ch;
    color: var(--stack, GrayText);
    text-align: right;
  }
  .pc {
    width: 5ch;
    text-align: right;
    color: var(--code-gutter, GrayText);
  }
  .bytes {
    width: 30ch;
    overflow: hidden;
    text-overflow: ellipsis;
    color: var(--soft, GrayText);
  }
  .places {
    width: var(--places, 8ch);
    overflow: hidden;
    text-overflow: ellipsis;
    color: var(--stack, GrayText);
  }
  .operation {
    width: 9ch;
    color: var(--hl-func, inherit);
  }
  .quiet .operation,
  .quiet .operands {
    color: var(--soft, GrayText);
  }
  .head {
    padding-left: 0.75ch;
    font-weight: 600;
    border-top: 1px solid var(--line, GrayText);
  }
  .head .soft {
    font-weight: 400;
  }
  .fold,
  .separator {
    color: var(--soft, GrayText);
    font-family: var(--sans, system-ui, sans-serif);
  }
  .fold {
    padding-left: 0.75ch;
  }
  .fold,
  .head {
    cursor: pointer;
  }
  .fold:hover,
  .head:hover {
    color: var(--accent, currentcolor);
  }
  .detail {
    height: 9.5rem;
    margin-top: 0.5rem;
    padding: 0.5rem 0.75rem;
    overflow: auto;
    background: var(--sunken, transparent);
    border-radius: 6px;
  }
  .detail p {
    margin-bottom: 0.25rem;
  }
  .detail ol {
    margin: 0;
    padding-left: 1.5rem;
  }
  .detail li::marker {
    color: var(--soft, GrayText);
  }
  td.mono {
    white-space: pre;
  }
  @media (max-width: 700px) {
    .panes {
      grid-auto-flow: row;
      grid-template-columns: minmax(0, 1fr);
      grid-auto-columns: auto;
      overflow: visible;
    }
    .box {
      height: 18rem;
    }
    .source .box {
      height: 12rem;
    }
    .places {
      max-width: 8ch;
    }
    .detail {
      height: 12rem;
    }
  }
  @media print {
    .box {
      height: 27rem;
    }
  }
`;
