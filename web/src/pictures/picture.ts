/**
 * What every picture of a run is: an element that hears the run's events and draws what they say,
 * beside the text and never in its place. It works on any page: hand it a request with `begin` and
 * each event with `hear`. Nothing is drawn that the events do not say.
 */
import { css, LitElement } from "lit";
import { keptLines } from "../line-map.ts";
import type { Marks } from "../marks.ts";
import type { RunEvent, RunRequest } from "../protocol.ts";
import type { Happening } from "../run-state.ts";

/** What a picture may ask of the snippet that it stands in. */
export interface Desk {
  /** The code as it stands. */
  readonly source: string;
  /** Runs something beside the snippet's own run; null where no service runs code. */
  readonly run: ((request: RunRequest, signal: AbortSignal) => AsyncGenerator<RunEvent>) | null;
  /** Reads another address of that service, such as `/api/v1/toolchains`. */
  readonly ask: ((address: string) => Promise<unknown>) | null;
  /** Shows a place in the code. Lines and columns count from 1. */
  goTo(line: number, column: number): void;
  /** Puts marks and arrows on the code in place of those that are there; null takes them away, as a picture does that goes. */
  mark(marks: Marks | null): void;
  /** Puts other code in the place of the reader's, as an edit that the editor takes back. */
  replace(source: string): void;
}

/** A picture. Its styles are its own; of the page's it takes the colours and letters of `tokens.css`. */
export abstract class Picture extends LitElement {
  static override properties = { desk: { attribute: false } };

  /** The snippet, where there is one. A picture that stands alone offers nothing that needs it. */
  declare desk: Desk | null;

  /** Of the run that is shown; null before the first. */
  protected request: RunRequest | null = null;
  #frame = 0;

  constructor() {
    super();
    this.desk = null;
  }

  /** A new run begins. */
  begin(request: RunRequest): void {
    this.request = request;
    this.restart();
    this.redraw();
  }

  /** Hears what happens next. Draws in the next frame, however many events come until then. */
  hear(event: Happening): void {
    this.take(event);
    this.redraw();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  /** Shows a place of the code that was run, where it stands now. */
  protected goTo(line: number, column = 1): void {
    if (!this.desk || !this.request) return;
    const now = keptLines(this.request.source, this.desk.source).get(line);
    this.desk.goTo(now ?? line, column);
  }

  /** Makes room for a new run, whose request is at hand. */
  protected abstract restart(): void;

  /** Takes in one event. */
  protected abstract take(event: Happening): void;

  /** Draws in the next frame. */
  protected redraw(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.requestUpdate();
    });
  }
}

/** What pictures have in common: letters, spaces, buttons, and a table that shows the same numbers. */
export const pictureStyles = css`
  :host {
    display: block;
    padding: 0.75rem 0.875rem 0.875rem;
    font: 400 0.875rem / 1.45 var(--sans, system-ui, sans-serif);
    color: var(--ink, CanvasText);
    background: var(--surface, Canvas);
  }
  :host([hidden]) {
    display: none;
  }
  * {
    box-sizing: border-box;
  }
  code,
  .mono {
    font-family: var(--mono, ui-monospace, monospace);
    font-size: 0.8125rem;
  }
  .soft {
    color: var(--soft, GrayText);
  }
  .number {
    font-variant-numeric: tabular-nums;
    text-align: right;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.375rem 0.875rem;
  }
  p {
    margin: 0 0 0.5rem;
    max-width: 68ch;
  }
  .note {
    padding: 0.375rem 0.625rem;
    border-left: 3px solid var(--heap, currentcolor);
    background: var(--heap-wash, transparent);
  }
  button {
    min-height: 2rem;
    padding: 0 0.75rem;
    font: inherit;
    color: var(--ink, ButtonText);
    background: var(--surface, ButtonFace);
    border: 1px solid var(--field, currentcolor);
    border-radius: 6px;
    cursor: pointer;
  }
  button[aria-pressed="true"] {
    color: var(--accent, currentcolor);
    border-color: currentcolor;
    background: var(--accent-wash, transparent);
  }
  button:disabled {
    opacity: 0.55;
    cursor: default;
  }
  :focus-visible {
    outline: 2.5px solid var(--accent, Highlight);
    outline-offset: 1px;
  }
  details {
    margin-top: 0.625rem;
  }
  summary {
    width: fit-content;
    color: var(--soft, GrayText);
    cursor: pointer;
  }
  /* For screen readers alone, or to read colours from. */
  .spoken {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .scroll {
    max-height: 24rem;
    overflow: auto;
  }
  table {
    border-collapse: collapse;
    font-size: 0.8125rem;
  }
  th,
  td {
    padding: 0.1875rem 0.75rem 0.1875rem 0;
    text-align: left;
    vertical-align: top;
    border-bottom: 1px solid var(--line, GrayText);
  }
  th {
    position: sticky;
    top: 0;
    font-weight: 500;
    color: var(--soft, GrayText);
    background: var(--surface, Canvas);
  }
  @media (prefers-reduced-motion: reduce) {
    * {
      transition: none !important;
      animation: none !important;
    }
  }
`;
