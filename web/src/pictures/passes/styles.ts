import { css } from "lit";

export const passesStyles = css`
  .head {
    justify-content: space-between;
    margin-bottom: 0.5rem;
  }
  .name {
    font: 600 0.9375rem / 1.4 var(--mono, monospace);
    color: var(--strong, CanvasText);
    overflow-wrap: anywhere;
  }
  .all-passes {
    display: inline-flex;
    align-items: center;
    gap: 0.375rem;
  }
  .overview {
    display: block;
    width: 100%;
    height: 4rem;
    cursor: pointer;
  }
  .overview .values {
    fill: var(--line-strong, GrayText);
  }
  .overview .touched {
    fill: var(--stack, Highlight);
  }
  .overview .life {
    fill: var(--heap, CanvasText);
  }
  .overview .now {
    fill: var(--accent-wash, Highlight);
  }
  .steps {
    flex-wrap: nowrap;
    gap: 0.5rem;
    margin: 0.25rem 0 0.5rem;
  }
  .steps input {
    flex: 1;
    min-width: 0;
    height: 2rem;
    margin: 0;
    accent-color: var(--accent-fill, auto);
  }
  .steps button {
    min-width: 2.25rem;
    padding: 0;
  }
  select {
    width: 100%;
    max-width: 22rem;
    min-height: 2rem;
    padding: 0 0.375rem;
    font: inherit;
    color: inherit;
    background: var(--surface, Field);
    border: 1px solid var(--field, currentcolor);
    border-radius: 6px;
  }
  .summary {
    min-height: 2.6em;
    margin: 0.5rem 0;
  }
  .panes {
    display: flex;
    flex-wrap: wrap;
    gap: 0.75rem;
  }
  .pane {
    min-width: 0;
    border: 1px solid var(--line, GrayText);
    border-radius: 6px;
  }
  .values-pane {
    flex: 3 1 22rem;
  }
  .side {
    display: flex;
    flex-direction: column;
    flex: 2 1 16rem;
    gap: 0.75rem;
    min-width: 0;
  }
  .list {
    position: relative;
    height: 28rem;
    overflow: auto;
    font: 400 0.8125rem / 1.5rem var(--mono, monospace);
  }
  .window {
    position: absolute;
    inset: 0 auto auto 0;
    min-width: 100%;
  }
  .one {
    height: 1.5rem;
    padding: 0 0.75rem 0 0;
    white-space: pre;
    cursor: pointer;
  }
  .one.block,
  .one.end {
    padding-left: 0.5rem;
    cursor: default;
  }
  .one.block {
    color: var(--strong, CanvasText);
    background: var(--sunken, transparent);
  }
  .one.end {
    padding-left: 1.625rem;
    color: var(--soft, GrayText);
  }
  .mark {
    display: inline-block;
    width: 1.625rem;
    text-align: center;
    font-weight: 600;
  }
  .one.added {
    background: color-mix(in srgb, var(--good, Highlight) 12%, var(--surface, Canvas));
  }
  .one.added .mark {
    color: var(--good, currentcolor);
  }
  .one.changed {
    background: var(--stack-wash, transparent);
  }
  .one.changed .mark,
  .one.moved .mark {
    color: var(--stack, currentcolor);
  }
  .one.removed {
    background: var(--bad-wash, transparent);
  }
  .one.removed .mark {
    color: var(--bad, currentcolor);
  }
  .one.removed .text,
  .one.block.removed .text {
    text-decoration: line-through;
  }
  .one.dead .text {
    color: var(--soft, GrayText);
    font-style: italic;
  }
  .id {
    display: inline-block;
    min-width: 3.5ch;
    font-weight: 600;
  }
  .place {
    display: inline-block;
    min-width: 5ch;
    padding-right: 1ch;
    color: var(--soft, GrayText);
    text-align: right;
  }
  .ref {
    text-decoration: underline dotted;
    text-underline-offset: 3px;
  }
  .followed {
    color: var(--heap, CanvasText);
    background: var(--heap-wash, transparent);
    border-radius: 3px;
    box-shadow: 0 0 0 1px currentcolor;
  }
  .list:focus-visible .active {
    box-shadow: inset 0 0 0 2px var(--accent, Highlight);
  }
  .life,
  .source {
    overflow: auto;
    padding: 0.5rem 0.625rem;
  }
  .life {
    max-height: 16rem;
  }
  .source {
    flex: 1;
    max-height: 12rem;
  }
  .life ol {
    margin: 0.375rem 0 0;
    padding: 0;
    list-style: none;
  }
  .life li {
    padding: 0.1875rem 0;
  }
  .life code {
    overflow-wrap: anywhere;
  }
  .life button {
    min-height: 1.5rem;
    padding: 0 0.4375rem;
    font-size: 0.8125rem;
  }
  .life li button {
    margin-right: 0.25rem;
  }
  .life .row {
    gap: 0.25rem 0.375rem;
    margin-bottom: 0.25rem;
  }
  .life p:last-child {
    margin: 0.375rem 0 0;
  }
  .source {
    font: 400 0.8125rem / 1.4rem var(--mono, monospace);
  }
  .source div {
    white-space: pre;
    tab-size: 4;
    min-width: fit-content;
  }
  .source .of-value {
    background: var(--heap-wash, transparent);
    box-shadow: inset 3px 0 0 var(--heap, currentcolor);
  }
  .source .number {
    display: inline-block;
    min-width: 3ch;
    margin: 0 1.25ch 0 0.5ch;
    color: var(--soft, GrayText);
  }
`;
