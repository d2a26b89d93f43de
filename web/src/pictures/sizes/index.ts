/** `<sizes-picture>`: what the file of a program is made of, from modes `build` and `nm`. */
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Happening } from "../../run-state.ts";
import { Picture, pictureStyles } from "../picture.ts";
import {
  compose,
  composeSymbols,
  type Division,
  isZeroed,
  type Part,
  pairs,
  sharesOf,
} from "./composition.ts";
import { Facts } from "./facts.ts";
import { count, mapStyles, mapView, pairsTable, partsTable, percent } from "./map.ts";
import { tilesOf } from "./treemap.ts";

/** Draws the file as a treemap, and asks for what the run itself did not tell. */
export class SizesPicture extends Picture {
  static override styles = [
    pictureStyles,
    mapStyles,
    css`
      .path button {
        min-height: 1.5rem;
        padding: 0 0.25rem;
        color: var(--accent, LinkText);
        border-color: transparent;
      }
      .pointed {
        min-height: 1.45em;
        margin: 0;
        overflow-wrap: anywhere;
      }
      .parted {
        display: flex;
        gap: 0.375rem;
      }
      .pairs-title {
        margin: 1rem 0 0.25rem;
      }
    `,
  ];

  #facts: Facts | null = null;
  #division: Division = "packages";
  /** The whole file, while nothing of it changes. */
  #whole: Part | null = null;
  /** Names of the parts that the reader went into. */
  #path: string[] = [];
  /** The tile that Tab leads to, and the one that is pointed at. */
  #current = 0;
  #pointed: Part | null = null;
  #isTableOpen = false;

  #size = { width: 0, height: 0 };
  readonly #resizes = new ResizeObserver(() => this.#measure());

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#facts?.drop();
    this.#resizes.disconnect();
  }

  protected override restart(): void {
    this.#facts?.drop();
    this.#facts = this.request && new Facts(this.request);
    this.#whole = null;
    this.#go([]);
  }

  protected override take(event: Happening): void {
    const facts = this.#facts;
    if (!facts || facts.isToldAll) return;
    facts.take(event);
    if (facts.isToldAll && this.desk) void facts.askForTheRest(this.desk, this.#learned);
  }

  #learned = (): void => {
    this.#whole = null;
    this.requestUpdate();
  };

  #compare = (): void => {
    if (this.desk) void this.#facts?.askForStripped(this.desk, this.#learned);
  };

  /** The file that the run is about, or as much as is known of it. */
  get #file(): Part | null {
    this.#whole ??= this.#compose();
    return this.#whole;
  }

  #compose(): Part | null {
    if (!this.#facts) return null;
    const { file, full, symbols } = this.#facts;
    if (!file) return symbols && composeSymbols(symbols);
    const shares = symbols && full ? sharesOf(symbols, full) : [];
    return compose(shares, file, shares.length > 0 ? this.#division : "sections");
  }

  /** The part that the reader went into. */
  #inside(file: Part): Part {
    return this.#path.reduce(
      (part, name) => part.parts.find((one) => one.name === name) ?? part,
      file,
    );
  }

  #go(path: string[], current = 0): void {
    this.#path = path;
    this.#current = current;
    this.#pointed = null;
    this.requestUpdate();
  }

  #divide(division: Division): void {
    this.#division = division;
    this.#whole = null;
    this.#go([]);
  }

  #measure(): void {
    const map = this.renderRoot.querySelector<HTMLElement>(".map");
    if (!map || (map.clientWidth === this.#size.width && map.clientHeight === this.#size.height))
      return;
    this.#size = { width: map.clientWidth, height: map.clientHeight };
    this.requestUpdate();
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const map = this.renderRoot.querySelector(".map");
    if (map) this.#resizes.observe(map);
  }

  protected override render(): TemplateResult | typeof nothing {
    const [facts, file] = [this.#facts, this.#file];
    const asking = facts?.asking ? `Asking for ${facts.asking} …` : "";
    if (!facts || !file) {
      return html`<p class="soft">${asking || "The sizes come when the program is linked."}</p>`;
    }
    const inside = this.#inside(file);
    return html`
      <div class="row">
        ${this.#totalView(facts, file)} ${this.#divisionView(facts)} ${this.#compareView(facts)}
        <span class="soft" role="status">${asking}</span>
      </div>
      ${this.#notes(facts).map((text) => html`<p class="note">${text}</p>`)}
      ${this.#pathView(file, inside)}
      ${this.#mapView(inside)}
      <p class="pointed soft">${this.#pointed ? this.#sentence(this.#pointed, file) : "Enter or a click goes into a part, Escape comes back."}</p>
      ${this.#zeroedView(facts)}
      <details @toggle=${this.#onToggle}>
        <summary>The same numbers as a table</summary>
        <div class="scroll" tabindex="0" role="region" aria-label="Parts of ${inside.name}">
          ${this.#isTableOpen ? partsTable(inside, file.size) : nothing}
        </div>
      </details>
      ${this.#pairsView(facts)}
    `;
  }

  #totalView(facts: Facts, file: Part) {
    const where = facts.file ? "bytes in the file" : "bytes of symbols";
    return html`<span><b data-total=${file.size}>${count(file.size)}</b> ${where}</span>`;
  }

  #divisionView({ symbols, full, file }: Facts) {
    if (!symbols || !full || !file) return nothing;
    const button = (division: Division, label: string) => html`<button
      type="button" aria-pressed=${this.#division === division} @click=${() => this.#divide(division)}
    >${label}</button>`;
    return html`<span class="parted" role="group" aria-label="Divided by">
      ${button("packages", "Packages")} ${button("sections", "Sections")}
    </span>`;
  }

  #compareView({ full, stripped, asking }: Facts) {
    if (!this.desk?.run || !full || stripped) return nothing;
    return html`<button type="button" ?disabled=${asking !== ""} @click=${this.#compare}>
      Compare with -s -w
    </button>`;
  }

  #notes({ trouble, cutAt, isStripped, symbols }: Facts): string[] {
    const notes = trouble ? [trouble] : [];
    if (cutAt > 0) {
      notes.push(
        `The list of symbols was cut after ${count(cutAt)} bytes. The smallest are missing: they are in the rests.`,
      );
    }
    if (isStripped && symbols) {
      notes.push(
        "A stripped program names no symbols. These are those of the same program before that.",
      );
    }
    return notes;
  }

  #pathView(file: Part, inside: Part) {
    const names = [file.name, ...this.#path];
    return html`<nav class="path row" aria-label="Where in the file">
      ${names.map((name, depth) =>
        depth === names.length - 1
          ? html`<span aria-current="true"><b>${name}</b> <span class="soft">${this.#sizeOf(inside, file)}</span></span>`
          : html`<button type="button" @click=${() => this.#leave(depth)}>${name}</button><span aria-hidden="true">›</span>`,
      )}
    </nav>`;
  }

  #mapView(inside: Part) {
    const { width, height } = this.#size;
    const tiles = width > 0 ? tilesOf(inside, width, height) : [];
    const partAt = (event: Event) => {
      const tile = (event.target as Element).closest<HTMLElement>(".tile");
      return tile && tiles[Number(tile.dataset.index)]?.part;
    };
    const point = (event: Event) => {
      this.#pointed = partAt(event) ?? null;
      this.requestUpdate();
    };
    const enter = (event: Event) => {
      const part = partAt(event);
      if (part && part.parts.length > 0) this.#enter(part);
    };
    return html`<div
      class="map" role="group" aria-label="Treemap of ${inside.name}"
      @click=${enter} @pointerover=${point} @focusin=${point}
      @keydown=${(event: KeyboardEvent) => this.#onKey(event, tiles.length)}
    >${mapView(tiles, this.#current, inside.name)}</div>`;
  }

  #onKey(event: KeyboardEvent, tiles: number): void {
    const steps: Record<string, number> = {
      ArrowRight: this.#current + 1,
      ArrowDown: this.#current + 1,
      ArrowLeft: this.#current - 1,
      ArrowUp: this.#current - 1,
      Home: 0,
      End: tiles - 1,
    };
    const next = steps[event.key];
    if (event.key === "Escape" && this.#path.length > 0) this.#leave(this.#path.length - 1);
    else if (next !== undefined && tiles > 0)
      this.#focusTile(Math.min(Math.max(next, 0), tiles - 1));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #enter({ name }: Part): void {
    this.#go([...this.#path, name]);
    this.#focusTile(0);
  }

  /** Back to where the reader came from: `depth` counts from the whole file, 0. */
  #leave(depth: number): void {
    const file = this.#file;
    if (!file) return;
    const from = this.#path[depth];
    this.#go(this.#path.slice(0, depth));
    const { width, height } = this.#size;
    const tiles = tilesOf(this.#inside(file), width, height);
    this.#focusTile(
      Math.max(
        0,
        tiles.findIndex(({ part }) => part.name === from),
      ),
    );
  }

  #focusTile(index: number): void {
    this.#current = index;
    this.requestUpdate();
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>(`.tile[data-index="${index}"]`)?.focus(),
    );
  }

  #sentence(part: Part, file: Part): string {
    return `${part.name}: ${this.#sizeOf(part, file)}`;
  }

  #sizeOf({ size }: Part, file: Part): string {
    return `${count(size)} bytes, ${percent(size, file.size)}`;
  }

  #zeroedView({ file }: Facts) {
    const zeroed = file?.sections.filter(isZeroed) ?? [];
    if (zeroed.length === 0) return nothing;
    const sizes = zeroed.map(({ name, size }) => `${name} ${count(size)}`).join(", ");
    return html`<p class="soft">In memory only, since it begins as zero: ${sizes} bytes.</p>`;
  }

  #onToggle = (event: Event): void => {
    this.#isTableOpen = (event.target as HTMLDetailsElement).open;
    this.requestUpdate();
  };

  #pairsView({ full, stripped }: Facts) {
    if (!full || !stripped) return nothing;
    const less = full.bytes - stripped.bytes;
    return html`<p class="pairs-title">
        With -s -w: <b>${count(stripped.bytes)}</b> bytes, ${count(less)} fewer (${percent(less, full.bytes)})
      </p>
      <div class="scroll" tabindex="0" role="region" aria-label="With and without -s -w">
        ${pairsTable(pairs(full, stripped), ["with symbols", "-s -w"])}
      </div>`;
  }
}

customElements.define("sizes-picture", SizesPicture);
