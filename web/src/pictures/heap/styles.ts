/** The styles of the picture of the heap. */
import { css } from "lit";

export const heapStyles = css`
  .head {
    justify-content: space-between;
    min-height: 2rem;
    margin-bottom: 0.25rem;
  }
  h3 {
    margin: 0;
    font-size: 0.875rem;
    font-weight: 600;
    color: var(--strong, CanvasText);
  }
  .legend {
    gap: 0.125rem 0.875rem;
    font-size: 0.8125rem;
    color: var(--soft, GrayText);
  }
  .legend svg {
    width: 1.5rem;
    height: 0.75rem;
    margin-right: 0.25rem;
    vertical-align: -1px;
    color: var(--ink, CanvasText);
  }
  .legend button {
    min-height: 1.75rem;
    padding: 0 0.5rem;
    font-size: 0.8125rem;
  }
  /* Of one height from the start, so that nothing moves when the first cycle comes. */
  .chart {
    position: relative;
    height: 15rem;
    overflow: hidden;
    touch-action: pan-y;
  }
  .chart.low {
    height: 9.5rem;
    margin-bottom: 0.5rem;
  }
  .empty {
    position: absolute;
    inset: 0;
    display: grid;
    place-items: center;
    margin: 0;
    color: var(--soft, GrayText);
    border: 1px dashed var(--line, GrayText);
    border-radius: 6px;
  }
  .command {
    display: block;
    margin-bottom: 0.625rem;
    overflow-x: auto;
    white-space: nowrap;
    color: var(--soft, GrayText);
  }
  /* Its canvas and its pointer count the page's pixels. */
  .uplot {
    zoom: calc(1 / var(--snippet-zoom, 1));
  }
  .u-select {
    background: var(--accent-wash, Highlight);
    opacity: 0.6;
  }
  .u-hz .u-cursor-x {
    border-right: 1px dashed var(--soft, GrayText);
  }
  input[type="range"] {
    flex: 1 1 10rem;
    min-width: 0;
    height: 1.75rem;
    margin: 0;
    accent-color: var(--accent, Highlight);
  }
  .reading label {
    display: flex;
    align-items: center;
    gap: 0.625rem;
  }
  .reading label .number {
    min-width: 7.5ch;
  }
  /* Room for the longest sentence, so that what is below stays where it is while the reader moves. */
  .sentence {
    min-height: 5.8em;
    margin: 0.125rem 0 0;
    max-width: none;
  }
  .sliders {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr));
    gap: 0.375rem 1.5rem;
    min-width: 0;
    margin: 0.75rem 0 0;
    padding: 0.5rem 0.875rem 0.625rem;
    border: 1px solid var(--line, GrayText);
    border-radius: 6px;
  }
  legend {
    padding: 0 0.375rem;
    font-weight: 600;
    color: var(--strong, CanvasText);
  }
  .sliders label {
    display: grid;
    align-content: start;
    min-width: 0;
  }
  .sliders label > span:first-child {
    display: flex;
    justify-content: space-between;
  }
  .sliders .soft {
    font-size: 0.75rem;
    line-height: 1.35;
  }
  .runs {
    margin-top: 0.75rem;
    overflow-x: auto;
  }
  .runs th,
  .runs td {
    white-space: nowrap;
    vertical-align: middle;
  }
  .runs th[scope="row"] {
    font-weight: 400;
    color: var(--ink, CanvasText);
  }
  .runs th.number {
    text-align: right;
  }
  .runs label {
    display: flex;
    align-items: center;
    gap: 0.375rem;
    min-height: 1.75rem;
  }
  .runs input {
    width: 1rem;
    height: 1rem;
    margin: 0;
    accent-color: var(--accent, Highlight);
  }
  .swatch {
    width: 0.875rem;
    height: 0.25rem;
  }
  .remove {
    min-width: 1.75rem;
    min-height: 1.75rem;
    padding: 0;
    border-color: transparent;
    color: var(--soft, GrayText);
  }
  @media (width >= 56rem) {
    .sentence {
      min-height: 2.9em;
    }
  }
`;
