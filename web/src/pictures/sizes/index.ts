/** `<sizes-picture>`: what the file of a program is made of, from modes `build` and `nm`. */
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { endingOf, type Happening, isEnd } from "../../run-state.ts";
import { Picture, pictureStyles } from "../picture.ts";
import { compose, composeSymbols, type Division, type Part, sharesOf } from "./composition.ts";
import { Facts } from "./facts.ts";
import { count, mapStyles, mapView, partsTable, percent } from "./map.ts";
import { notesOf, pairsView, totalView, zeroedView } from "./surroundings.ts";
import { type Tile, tilesOf } from "./treemap.ts";

/** Draws the file as a treemap, and asks for what the run itself did not tell. */
export class SizesPicture extends Picture {
  static override styles = [
    pictureStyles,
    mapStyles,
    css`
      :host {
        box-sizing: border-box;
      }
      .path button {
        min-height: 1.5rem;
        padding: 0 0.25rem;
        color: var(--accent, LinkText);
        border-color: transparent;
      }
      .pointed {
        min-height: 2.9em;
        margin: 0;
        overflow-wrap: anywhere;
      }
      @media (min-width: 40rem) {
        .pointed {
          min-height: 1.45em;
        }
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
  /** How the run ended; null until then. */
  #ending: string | null = null;
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
  /** The map whose size is watched. */
  #watched: Element | null = null;
  /** What was laid out last. */
  #laidOut: { inside: Part; width: number; height: number; tiles: Tile[] } | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#askForTheRest();
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#facts?.drop();
    this.#resizes.disconnect();
    this.#watched = null;
  }

  protected override restart(): void {
    // The page is not to jump until the new drawing is there.
    this.style.minHeight = `${this.offsetHeight}px`;
    this.#facts?.drop();
    this.#facts = this.request && new Facts(this.request);
    this.#ending = null;
    this.#whole = null;
    this.#go([]);
  }

  protected override take(event: Happening): void {
    const facts = this.#facts;
    if (!facts || facts.isToldAll) return;
    facts.take(event);
    if (facts.isToldAll) this.#askForTheRest();
    if (!isEnd(event)) return;
    this.#ending = endingOf(event);
    this.style.minHeight = "";
  }

  /** A picture that is not on the page asks for nothing. */
  #askForTheRest(): void {
    if (this.desk && this.isConnected) void this.#facts?.askForTheRest(this.desk, this.#learned);
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
    if (!map || map === this.#watched) return;
    this.#resizes.disconnect();
    this.#resizes.observe(map);
    this.#watched = map;
  }

  #tilesOf(inside: Part): Tile[] {
    const { width, height } = this.#size;
    const last = this.#laidOut;
    if (last?.inside === inside && last.width === width && last.height === height)
      return last.tiles;
    const tiles = width > 0 ? tilesOf(inside, width, height) : [];
    this.#laidOut = { inside, width, height, tiles };
    return tiles;
  }

  protected override render(): TemplateResult | typeof nothing {
    const [facts, file] = [this.#facts, this.#file];
    const asking = facts?.asking ? `Asking for ${facts.asking} …` : "";
    if (!facts || !file) return html`<p class="soft">${asking || this.#whyNothing}</p>`;
    const inside = this.#inside(file);
    return html`
      <div class="row">
        ${totalView(facts, file)} ${this.#divisionView(facts)} ${this.#compareView(facts)}
        <span class="soft" role="status">${asking}</span>
      </div>
      ${notesOf(facts).map((text) => html`<p class="note">${text}</p>`)}
      ${this.#pathView(file, inside)}
      ${this.#mapView(inside)}
      <p class="pointed soft">${this.#pointed ? `${this.#pointed.name}: ${this.#sizeOf(this.#pointed, file)}` : "Enter or a click goes into a part, Escape comes back."}</p>
      ${zeroedView(facts)}
      <details @toggle=${this.#onToggle}>
        <summary>The same numbers as a table</summary>
        <div class="scroll" tabindex="0" role="region" aria-label="Parts of ${inside.name}">
          ${this.#isTableOpen ? partsTable(inside, file.size) : nothing}
        </div>
      </details>
      ${pairsView(facts)}
    `;
  }

  get #whyNothing(): string {
    if (this.#ending === null) return "The sizes come when the program is linked.";
    return this.#ending === "build_failed"
      ? "It does not build, so there is no program to measure."
      : "There is nothing to draw. The text below says why.";
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
    const tiles = this.#tilesOf(inside);
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
    >${guard([tiles, this.#current], () => mapView(tiles, this.#current, inside.name))}</div>`;
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
    const index = this.#tilesOf(this.#inside(file)).findIndex(({ part }) => part.name === from);
    this.#focusTile(Math.max(0, index));
  }

  #focusTile(index: number): void {
    this.#current = index;
    this.requestUpdate();
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>(`.tile[data-index="${index}"]`)?.focus(),
    );
  }

  #sizeOf({ size }: Part, file: Part): string {
    return `${count(size)} bytes, ${percent(size, file.size)}`;
  }

  #onToggle = (event: Event): void => {
    this.#isTableOpen = (event.target as HTMLDetailsElement).open;
    this.requestUpdate();
  };
}

customElements.define("sizes-picture", SizesPicture);
