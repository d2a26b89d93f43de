/** The drawing: a strip of dots for each benchmark, unit by unit, and the table of the same numbers. Pure templates. */
import { css, html, nothing, svg, type TemplateResult } from "lit";
import { type Benchmark, unitsOf } from "./format.ts";
import { numeral, type Scale, scaleOf } from "./scale.ts";
import {
  ALL_EQUAL,
  type Comparison,
  change,
  compare,
  evidence,
  type Summary,
  spread,
  summarise,
} from "./statistics.ts";

const meanings: Record<string, string> = {
  "ns/op": "time of one operation",
  "B/op": "bytes that one operation allocates",
  "allocs/op": "allocations of one operation",
  "MB/s": "throughput",
};

/** A benchmark in one unit, beside what it is compared with. */
export interface Row {
  benchmark: Benchmark;
  samples: readonly number[];
  summary: Summary;
  basis: readonly number[] | undefined;
  basisSummary: Summary | undefined;
  comparison: Comparison | undefined;
}

/** All benchmarks that have a unit. */
export interface Panel {
  unit: string;
  rows: Row[];
}

/** Summarises and compares all that was measured. Infinite values are in the table, and nothing is drawn of them. */
export function panelsOf(
  benchmarks: readonly Benchmark[],
  basisOf: (benchmark: Benchmark, unit: string) => readonly number[] | undefined,
): Panel[] {
  return unitsOf(benchmarks).map((unit) => ({
    unit,
    rows: benchmarks.flatMap((benchmark) => {
      const samples = benchmark.units.get(unit);
      if (!samples) return [];
      const basis = basisOf(benchmark, unit);
      return {
        benchmark,
        samples,
        summary: summarise(samples),
        basis,
        basisSummary: basis && summarise(basis),
        comparison: basis && compare(basis, samples),
      };
    }),
  }));
}

/** What there are too few measurements for, in the words of benchstat. */
export function warningsOf(panels: readonly Panel[]): string[] {
  const rows = panels.flatMap((panel) => panel.rows);
  const all = rows.flatMap(({ summary, comparison }) => [summary.warning, comparison?.warning]);
  return [...new Set(all)].flatMap((text) => (text && text !== ALL_EQUAL ? text : []));
}

/** One unit: a scale, and a strip for each benchmark. */
export function panelView(
  { unit, rows }: Panel,
  fromZero: boolean,
  isOtherRun: boolean,
): TemplateResult {
  const drawn = rows.flatMap(({ samples, basis }) => [
    ...samples,
    ...(isOtherRun && basis ? basis : []),
  ]);
  const scale = scaleOf(drawn.filter(Number.isFinite), fromZero);
  return html`<figure data-unit=${unit}>
    <figcaption>
      <code>${unit}</code>
      <span class="soft">${meanings[unit] ?? "a metric of the benchmark's own"}${scale.isLogarithmic ? ", on a logarithmic scale" : ""}</span>
    </figcaption>
    <div class="strips">
      <div class="axis" aria-hidden="true">${axisView(scale)}</div>
      ${rows.map((row) => rowView(row, unit, scale, isOtherRun))}
    </div>
  </figure>`;
}

function rowView(row: Row, unit: string, scale: Scale, isOtherRun: boolean): TemplateResult {
  const { benchmark, samples, summary, basis, basisSummary, comparison } = row;
  const other = isOtherRun && basis && basisSummary ? { basis, basisSummary } : undefined;
  const label = `${benchmark.name}: ${rangeOf(summary, unit)}, ${samples.length} measured`;
  return html`<div class="strip" data-benchmark=${benchmark.name}>
    <code class="name">${benchmark.name}</code>
    <svg class="plot ${other ? "double" : ""}" role="img" aria-label=${label}>
      ${scale.ticks.map((tick) => lineAt("grid", scale.at(tick), 0, "100%"))}
      ${other ? laneView(other.basis, other.basisSummary, scale, 13, "base") : nothing}
      ${laneView(samples, summary, scale, other ? 37 : 15, "own")}
    </svg>
    <span class="number value"><b>${numeral(summary.median)}</b> ± ${spread(summary)}</span>
    <span class="number change">${
      comparison && basisSummary ? changeView(basisSummary, summary, comparison) : nothing
    }</span>
  </div>`;
}

function laneView(
  samples: readonly number[],
  { median, low, high }: Summary,
  scale: Scale,
  middle: number,
  kind: "own" | "base",
) {
  const finite = samples.filter(Number.isFinite);
  const hasInterval = Number.isFinite(low) && Number.isFinite(high);
  return svg`<g class=${kind}>
    ${
      hasInterval
        ? svg`<rect class="interval" x="${scale.at(low)}%" y=${middle - 10} height="20"
            width="${scale.at(high) - scale.at(low)}%" />`
        : nothing
    }
    ${Number.isFinite(median) ? lineAt("median", scale.at(median), middle - 10, middle + 10) : nothing}
    ${finite.map(
      (value, i) => svg`<circle class="sample" data-value=${value} cx="${scale.at(value)}%"
        cy=${middle + (((i * 3) % 7) - 3) * 2} r="3"><title>${numeral(value)}</title></circle>`,
    )}
  </g>`;
}

function lineAt(kind: string, percent: number, from: number | string, to: number | string) {
  return svg`<line class=${kind} x1="${percent}%" x2="${percent}%" y1=${from} y2=${to} />`;
}

function axisView(scale: Scale) {
  return html`<svg class="plot">
    ${scale.ticks.map((tick) => {
      const at = scale.at(tick);
      // Letters at the ends would be cut.
      const anchor = at < 5 ? "start" : at > 95 ? "end" : "middle";
      return svg`<text x="${at}%" y="13" text-anchor=${anchor}>${numeral(tick)}</text>`;
    })}
  </svg>`;
}

function changeView(from: Summary, to: Summary, comparison: Comparison) {
  if (comparison.warning === ALL_EQUAL) return html`<span class="soft">${ALL_EQUAL}</span>`;
  const text = change(from.median, to.median, comparison);
  return html`<b class=${text === "~" ? "same" : ""}>${text}</b> <span class="soft">(${evidence(comparison)})</span>`;
}

/** A median with its interval, for who hears it. */
function rangeOf({ median, low, high }: Summary, unit: string): string {
  const interval = Number.isFinite(low) ? `, interval ${numeral(low)} to ${numeral(high)}` : "";
  return `median ${numeral(median)} ${unit}${interval}`;
}

/** The same numbers, and each measurement as it was printed. */
export function tableView(panels: readonly Panel[]): TemplateResult {
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Benchmark</th><th scope="col">Unit</th><th scope="col" class="number">Median</th>
        <th scope="col" class="number">95% interval</th><th scope="col">Measured</th><th scope="col">Against the base</th>
      </tr>
    </thead>
    <tbody>
      ${panels.flatMap(({ unit, rows }) =>
        rows.map(
          ({ benchmark, samples, summary, basisSummary, comparison }) => html`<tr>
            <th scope="row"><code>${benchmark.name}</code></th>
            <td><code>${unit}</code></td>
            <td class="number">${numeral(summary.median)}</td>
            <td class="number">${
              summary.warning ? "±∞" : `${numeral(summary.low)} to ${numeral(summary.high)}`
            }</td>
            <td class="samples">${samples.map(numeral).join("  ")}</td>
            <td>${comparison && basisSummary ? changeView(basisSummary, summary, comparison) : nothing}</td>
          </tr>`,
        ),
      )}
    </tbody>
  </table>`;
}

export const stripStyles = css`
  figure {
    margin: 0.875rem 0 0;
  }
  figcaption {
    display: flex;
    flex-wrap: wrap;
    gap: 0 0.625rem;
    margin-bottom: 0.125rem;
  }
  figcaption code {
    font-weight: 600;
  }
  .strips {
    display: grid;
    grid-template-columns: minmax(4rem, max-content) minmax(8rem, 1fr) 7.5rem 12rem;
    gap: 0 0.875rem;
  }
  .axis,
  .strip {
    display: grid;
    grid-column: 1 / -1;
    grid-template-columns: subgrid;
    align-items: center;
    border-bottom: 1px solid var(--line, GrayText);
  }
  .axis .plot {
    grid-column: 2;
    height: 18px;
  }
  .axis text {
    font: 400 0.6875rem var(--sans, system-ui, sans-serif);
    fill: var(--soft, GrayText);
  }
  .name {
    overflow-wrap: anywhere;
    max-width: 16rem;
  }
  .plot {
    display: block;
    width: 100%;
    height: 30px;
    overflow: visible;
  }
  .plot.double {
    height: 50px;
  }
  .value,
  .change {
    white-space: nowrap;
  }
  .grid {
    stroke: var(--line, GrayText);
  }
  .interval {
    fill: var(--accent-wash, LightBlue);
    stroke: none;
  }
  .median {
    stroke: var(--accent, Highlight);
    stroke-width: 2;
  }
  .sample {
    fill: var(--accent, Highlight);
    fill-opacity: 0.8;
  }
  .base .interval {
    fill: var(--sunken, LightGray);
  }
  .base .median {
    stroke: var(--soft, GrayText);
  }
  .base .sample {
    fill: var(--surface, Canvas);
    stroke: var(--soft, GrayText);
    fill-opacity: 1;
  }
  .same {
    font-weight: 400;
  }
  tbody code {
    white-space: nowrap;
  }
  .samples {
    min-width: 16rem;
    font-variant-numeric: tabular-nums;
    white-space: pre-wrap;
  }
  @container (max-width: 38rem) {
    .strips {
      grid-template-columns: 1fr max-content;
    }
    .axis .plot,
    .strip .plot {
      grid-column: 1 / -1;
      grid-row: 2;
    }
    .name {
      max-width: none;
    }
    .change {
      grid-column: 1 / -1;
      grid-row: 3;
      text-align: left;
      padding-bottom: 0.25rem;
    }
    .change:empty {
      display: none;
    }
  }
`;
