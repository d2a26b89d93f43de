/** The drawing: the treemap, the way back up, the tables. Pure templates. */
import { css, html, nothing, type TemplateResult } from "lit";
import type { Pair, Part } from "./composition.ts";
import { type Box, placed } from "./placed.ts";
import type { Tile } from "./treemap.ts";

/** From this width and height on, in pixels, a tile bears its name. */
const NAMED = { width: 34, height: 15 };

/** From this height on, in pixels, its bytes too. */
const COUNTED = 34;

/** A number of bytes, exact. */
export function count(bytes: number): string {
  return bytes.toLocaleString("en-US");
}

/** A share in percent, with a digit behind the point. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? "" : `${((100 * part) / whole).toFixed(1)}%`;
}

/** All tiles of one level. `inside` is the name of what they are parts of, which need not be said again. */
export function mapView(tiles: readonly Tile[], current: number, inside: string): TemplateResult[] {
  return tiles.map((tile, i) => {
    const { part } = tile;
    const short = shortName(part.name, inside);
    return html`<button
      type="button" class="tile ${kindOf(part)}" data-index=${i} data-size=${part.size}
      aria-label="${part.name}, ${count(part.size)} bytes"
      tabindex=${i === current ? 0 : -1} ${placed(tile)}
    >
      ${isNamed(tile) ? html`<span class="tile-name">${short}</span>` : nothing}
      ${
        tile.height >= COUNTED && tile.inner.length === 0 && isNamed(tile)
          ? html`<span class="tile-size">${count(part.size)}</span>`
          : nothing
      }
      ${tile.inner.map(
        (inner) => html`<span
          class="inner ${kindOf(inner.part)}" aria-hidden="true"
          ${placed(within(inner, tile))}
        >${isNamed(inner) ? shortName(inner.part.name, part.name) : nothing}</span>`,
      )}
    </button>`;
  });
}

function kindOf({ name, isRest }: Part): string {
  return isRest ? "rest" : name === "main" || name.startsWith("main.") ? "mine" : "";
}

function isNamed({ width, height }: Tile): boolean {
  return width >= NAMED.width && height >= NAMED.height;
}

/** The place of a tile inside of another, counted from within its border. */
function within({ left, top, width, height }: Tile, outer: Tile): Box {
  return { left: left - outer.left - 1, top: top - outer.top - 1, width, height };
}

function shortName(name: string, inside: string): string {
  return name.startsWith(`${inside}.`) ? name.slice(inside.length + 1) : name;
}

/** The parts of one level as rows. */
export function partsTable({ parts, size }: Part, whole: number): TemplateResult {
  return html`<table>
    <thead>
      <tr><th scope="col">Part</th><th scope="col" class="number">Bytes</th><th scope="col" class="number">Share</th></tr>
    </thead>
    <tbody>
      ${parts.map(
        (part) => html`<tr>
          <th scope="row"><code>${part.name}</code></th>
          <td class="number">${count(part.size)}</td>
          <td class="number">${percent(part.size, whole)}</td>
        </tr>`,
      )}
      <tr class="sum">
        <th scope="row">Sum</th>
        <td class="number">${count(size)}</td>
        <td class="number">${percent(size, whole)}</td>
      </tr>
    </tbody>
  </table>`;
}

/** Two files side by side, section by section. */
export function pairsTable(pairs: readonly Pair[], names: [string, string]): TemplateResult {
  const sum = (of: "first" | "second") => pairs.reduce((all, pair) => all + pair[of], 0);
  const rows = [...pairs, { name: "The file", first: sum("first"), second: sum("second") }];
  return html`<table class="pairs">
    <thead>
      <tr>
        <th scope="col">Section</th>
        ${names.map((name) => html`<th scope="col" class="number">${name}</th>`)}
        <th scope="col" class="number">Change</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ name, first, second }, i) => html`<tr class=${i === pairs.length ? "sum" : ""}>
          <th scope="row"><code>${name}</code></th>
          <td class="number">${count(first)}</td>
          <td class="number">${count(second)}</td>
          <td class="number">${first === second ? "" : `${second > first ? "+" : ""}${count(second - first)}`}</td>
        </tr>`,
      )}
    </tbody>
  </table>`;
}

export const mapStyles = css`
  .map {
    position: relative;
    height: 384px;
    margin: 0.375rem 0;
    overflow: hidden;
  }
  .tile {
    position: absolute;
    display: flex;
    flex-direction: column;
    align-items: stretch;
    min-height: 0;
    padding: 0;
    overflow: hidden;
    text-align: left;
    font-size: 0.75rem;
    line-height: 1.125rem;
    color: var(--ink, ButtonText);
    background: var(--sunken, ButtonFace);
    border: 1px solid var(--line-strong, currentcolor);
    border-radius: 2px;
  }
  .tile:hover {
    border-color: var(--accent, Highlight);
  }
  .tile:focus-visible {
    z-index: 1;
    outline-offset: -2px;
  }
  .tile-name,
  .tile-size {
    display: block;
    flex: none;
    padding: 0 0.25rem;
    overflow: hidden;
    white-space: nowrap;
    text-overflow: ellipsis;
  }
  .tile-size {
    font-variant-numeric: tabular-nums;
    color: var(--soft, GrayText);
  }
  .inner {
    position: absolute;
    padding: 0 0.1875rem;
    overflow: hidden;
    font-size: 0.6875rem;
    line-height: 0.9375rem;
    white-space: nowrap;
    text-overflow: ellipsis;
    color: var(--soft, GrayText);
    background: var(--surface, Canvas);
    border-radius: 1px;
  }
  .mine {
    color: var(--accent, Highlight);
    background: var(--accent-wash, Canvas);
    border-color: currentcolor;
  }
  .rest {
    background: repeating-linear-gradient(
      135deg,
      var(--surface, Canvas) 0 6px,
      var(--sunken, ButtonFace) 6px 9px
    );
  }
  th code {
    overflow-wrap: anywhere;
  }
  .sum th,
  .sum td {
    font-weight: 600;
    color: var(--ink, CanvasText);
  }
`;
