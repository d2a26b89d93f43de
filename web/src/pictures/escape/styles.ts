/** The look of the escape picture. Its samples are those of the marks on the code. */
import { css } from "lit";

export const escapeStyles = css`
  .layer {
    display: inline-flex;
    gap: 0.4375rem;
    align-items: baseline;
    padding: 0.25rem 0.625rem;
  }
  .layer[aria-pressed="false"] .sample {
    color: var(--soft, GrayText);
    border-color: transparent;
    background: none;
  }
  .count {
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }
  .sample.heap {
    border-bottom: 2px solid var(--heap, currentcolor);
    background: var(--heap-wash, transparent);
  }
  .sample.stack {
    border-bottom: 2px solid var(--stack, currentcolor);
  }
  .sample.leak {
    border-bottom: 2px dashed var(--bad, currentcolor);
  }
  .sample.check {
    border-bottom: 2px dashed var(--heap, currentcolor);
  }
  .sample.proved {
    border-bottom: 2px dotted var(--good, currentcolor);
  }
  .sample.inline {
    border-bottom: 2px dotted var(--soft, currentcolor);
  }
  .sample.direct {
    border-bottom: 2px dashed var(--good, currentcolor);
  }
  .hint {
    min-height: 1.45em;
    margin: 0.5rem 0;
    font-size: 0.8125rem;
  }
  .counting {
    margin-bottom: 0.625rem;
  }
  .caveat {
    font-size: 0.8125rem;
  }
  ol,
  ul {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .lines {
    border: 1px solid var(--line, GrayText);
    border-radius: 6px;
  }
  .line {
    padding: 0.4375rem 0.75rem 0.5rem;
    content-visibility: auto;
    contain-intrinsic-size: auto 4.5rem;
  }
  .line + .line {
    border-top: 1px solid var(--line, GrayText);
  }
  .head {
    display: flex;
    gap: 0.75rem;
    align-items: baseline;
  }
  .number-of {
    flex: none;
    min-width: 1.5rem;
    font: 0.8125rem var(--mono, monospace);
    color: var(--soft, GrayText);
    text-align: right;
  }
  .code {
    flex: 1;
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: pre;
  }
  .allocated {
    flex: none;
    font-size: 0.8125rem;
    font-variant-numeric: tabular-nums;
    color: var(--strong, currentcolor);
  }
  .within {
    margin: 0 0 0 2.25rem;
    font-size: 0.8125rem;
    text-align: right;
    overflow-wrap: anywhere;
  }
  .line .note {
    margin: 0.25rem 0 0.25rem 2.25rem;
    font-size: 0.8125rem;
  }
  .line > ul,
  .line > .says {
    margin-left: 1.75rem;
  }
  .told {
    display: flex;
    gap: 0.5rem;
    align-items: center;
  }
  .says,
  .step {
    min-height: 1.75rem;
    padding: 0.125rem 0.5rem;
    font: 0.8125rem / 1.45 var(--mono, monospace);
    text-align: left;
    overflow-wrap: anywhere;
    background: none;
    border: 0;
  }
  .says:disabled {
    color: inherit;
    opacity: 1;
  }
  button.says:hover:enabled,
  button.step:hover {
    background: var(--accent-wash, transparent);
  }
  .at {
    color: var(--soft, GrayText);
  }
  .reasons,
  .small {
    flex: none;
    min-height: 1.625rem;
    padding: 0 0.625rem;
    font-size: 0.8125rem;
  }
  .small[aria-disabled="true"] {
    color: var(--soft, GrayText);
    border-color: var(--line, GrayText);
    cursor: default;
  }
  .reasons[aria-expanded="true"] {
    color: var(--accent, currentcolor);
    border-color: currentcolor;
    background: var(--accent-wash, transparent);
  }
  .flow {
    margin: 0.25rem 0 0.375rem 0.5rem;
    padding: 0.25rem 0 0.25rem 0.625rem;
    border-left: 3px solid var(--heap, currentcolor);
  }
  .walk {
    position: sticky;
    z-index: 1;
    top: 0;
    padding: 0.25rem 0;
    background: var(--surface, Canvas);
  }
  .flow ol ol {
    margin-left: 1rem;
  }
  .step {
    display: block;
    width: 100%;
  }
  .step[aria-current] {
    font-weight: 600;
    background: var(--heap-wash, transparent);
  }
`;
