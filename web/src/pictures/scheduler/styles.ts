/** The styles of the picture of the scheduler. */
import { css } from "lit";

export const schedulerStyles = css`
  /* What comes with the first moment has its room before it. */
  .head {
    justify-content: space-between;
    min-height: 2.125rem;
    margin-bottom: 0.5rem;
  }
  h3,
  h4 {
    margin: 0;
    font-size: 0.875rem;
    font-weight: 600;
    color: var(--strong, CanvasText);
  }
  .legend {
    gap: 0.125rem 0.875rem;
    margin-bottom: 0.375rem;
    font-size: 0.8125rem;
    color: var(--soft, GrayText);
  }
  .swatch {
    width: 0.75rem;
    height: 0.625rem;
    margin-right: 0.3125rem;
  }
  .swatch.thin {
    height: 0.1875rem;
    vertical-align: 0.1875rem;
  }
  /* Many Ps scroll in here. */
  .lanes {
    display: grid;
    grid-template-columns: max-content minmax(0, 1fr);
    gap: 0 0.75rem;
    min-height: 13.875rem;
    max-height: 32rem;
    overflow-y: auto;
  }
  .names {
    min-width: 9.5rem;
    margin: 0;
    padding: 0;
    list-style: none;
    font-size: 0.8125rem;
  }
  .names li {
    display: flex;
    align-items: flex-end;
    justify-content: space-between;
    gap: 0.75rem;
    height: 40px;
    padding-bottom: 3px;
    line-height: 1.25;
  }
  .low .names li {
    height: 24px;
  }
  .names strong {
    font-weight: 500;
    font-variant-numeric: tabular-nums;
    color: var(--strong, CanvasText);
  }
  .plane {
    position: relative;
    touch-action: pan-y;
  }
  canvas {
    display: block;
    width: 100%;
  }
  .now {
    position: absolute;
    top: 0;
    bottom: 22px;
    left: 0;
    width: 1px;
    background: var(--ink, CanvasText);
    pointer-events: none;
  }
  .reading {
    margin-top: 0.5rem;
  }
  .reading label {
    display: flex;
    align-items: center;
    gap: 0.625rem;
  }
  .reading label .number {
    min-width: 7.5ch;
  }
  input[type="range"] {
    flex: 1 1 10rem;
    min-width: 0;
    height: 1.75rem;
    margin: 0;
    accent-color: var(--accent, Highlight);
  }
  .sentence {
    min-height: 4.4em;
    margin: 0.125rem 0 0;
    max-width: none;
  }
  .detail {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(19rem, 100%), 1fr));
    gap: 0.75rem 1.5rem;
    margin-top: 0.75rem;
  }
  .detail section {
    min-width: 0;
  }
  .detail .wide {
    grid-column: 1 / -1;
  }
  /* Of one height, whatever the moment has. */
  .detail .scroll {
    height: 9.5rem;
  }
  .detail .wide .scroll {
    height: 13rem;
  }
  .detail th[scope="row"] {
    position: static;
    font-weight: 400;
    color: var(--ink, CanvasText);
  }
  .detail .wide :is(th[scope="row"], .which) {
    white-space: normal;
  }
  @media (width < 40rem) {
    .names {
      min-width: 7.25rem;
    }
  }
  @media (width >= 56rem) {
    .sentence {
      min-height: 2.9em;
    }
  }
`;
