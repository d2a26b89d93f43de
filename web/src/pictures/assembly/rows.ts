/** `<assembly-rows>`: a list of which only the rows in sight are drawn. Renders into the picture, whose styles hold. */
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";

/** Rows that are drawn beyond each edge, so that a small scroll shows no gap. */
const BEYOND = 8;

/** In rem; the styles have the same. */
const ROW = 1.5;

/** What happens to a row: a pointer is over it, it is the current one of the keyboard, or it is pressed; -1 for none. */
export type RowEvent = CustomEvent<number>;

/**
 * All rows are equally high, so where each lies is known without measuring: no more is needed than
 * this, and no library. Tells `point`, `focus-row` and `press` with the number of a row.
 */
export class AssemblyRows extends LitElement {
  static override properties = {
    count: { attribute: false },
    columns: { attribute: false },
    width: { attribute: false },
    places: { attribute: false },
    label: { attribute: false },
    isTree: { attribute: false },
    draw: { attribute: false },
    current: { state: true },
    first: { state: true },
    last: { state: true },
  };

  declare count: number;
  /** How many cells each row has. */
  declare columns: number;
  /** Of the widest row, in characters, so that the box scrolls as far at every place. */
  declare width: number;
  /** Of the column of places, in characters. */
  declare places: number;
  declare label: string;
  /** Whether some rows open and fold others. */
  declare isTree: boolean;
  /** The cells of a row, and its classes. */
  declare draw: (row: number) => { cells: TemplateResult; classes: string; isOpen?: boolean };
  /** The row of the keyboard. */
  declare private current: number;
  declare private first: number;
  declare private last: number;

  readonly #size = new ResizeObserver(() => this.#look());
  /** Where the pointer was last, so that rows that pass below it while it rests are not pointed at. */
  #pointer = "";
  /** The first row that is drawn. */
  #drawn = 0;

  constructor() {
    super();
    this.count = 0;
    this.columns = 1;
    this.width = 0;
    this.places = 0;
    this.label = "";
    this.isTree = false;
    this.draw = () => ({ cells: html``, classes: "" });
    this.current = 0;
    this.first = 0;
    this.last = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#size.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#size.disconnect();
  }

  /** Brings a row into sight: into the middle if it is not in it already. */
  show(row: number): void {
    const box = this.#box;
    if (!box || row < 0) return;
    const top = row * this.#row;
    const isSeen = top >= box.scrollTop && top + this.#row <= box.scrollTop + box.clientHeight;
    if (!isSeen) box.scrollTop = top - (box.clientHeight - this.#row) / 2;
    this.#look();
  }

  /** Brings a row to the top. */
  showFirst(row: number): void {
    const box = this.#box;
    if (!box) return;
    box.scrollTop = row * this.#row;
    this.#look();
  }

  /** The row of the keyboard from now on, in sight. */
  select(row: number): void {
    if (row < 0) return;
    this.current = row;
    // Once the box is as high as its rows.
    void this.updateComplete.then(() => this.show(row));
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render() {
    const current = Math.min(this.current, this.count - 1);
    const last = Math.min(this.last, this.count);
    const first = Math.max(0, Math.min(this.first, last - 1));
    const rows = Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index);
    this.#drawn = first;
    const isDrawn = current >= first && current < last;
    return html`<div
      class="box" role=${this.isTree ? "treegrid" : "grid"} tabindex="0" aria-label=${this.label}
      aria-rowcount=${this.count} aria-colcount=${this.columns}
      aria-activedescendant=${isDrawn ? this.#id(current) : nothing}
      @scroll=${this.#look} @keydown=${this.#onKey} @focus=${this.#onFocus} @blur=${this.#onBlur}
      @pointermove=${this.#onPointer} @pointerleave=${this.#onLeave} @click=${this.#onClick}
    ><div class="space" role="presentation">
      <div class="window" role="rowgroup">${repeat(
        rows,
        (row) => row,
        (row) => {
          const { cells, classes, isOpen } = this.draw(row);
          return html`<div
            role="row" id=${this.#id(row)} data-row=${row} aria-rowindex=${row + 1}
            aria-expanded=${isOpen ?? nothing} aria-describedby=${row === current ? "detail" : nothing}
            class="line ${classes} ${row === current ? "current" : ""}"
          >${cells}</div>`;
        },
      )}</div>
    </div></div>`;
  }

  /** Where things lie is set here: a style attribute is not allowed by the page, not even one from Lit's styleMap. */
  protected override updated(): void {
    const [space, drawn] = this.querySelectorAll<HTMLElement>(".space, .window");
    if (space && drawn) {
      space.style.height = `${this.count * ROW}rem`;
      space.style.minWidth = `${this.width}ch`;
      space.style.setProperty("--places", `${this.places}ch`);
      drawn.style.transform = `translateY(${this.#drawn * ROW}rem)`;
    }
    this.#look();
  }

  get #box(): HTMLElement | null {
    return this.querySelector(".box");
  }

  /** Pixels. */
  get #row(): number {
    return ROW * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  }

  #id(row: number): string {
    return `${this.id}-${row}`;
  }

  /** Which rows are in sight. */
  #look = (): void => {
    const box = this.#box;
    if (!box) return;
    const above = Math.floor(box.scrollTop / this.#row);
    // In steps, so that not every row that passes draws anew.
    const step = BEYOND / 2;
    this.first = Math.max(0, Math.floor((above - step) / step) * step);
    this.last = this.first + Math.ceil(box.clientHeight / this.#row) + 2 * BEYOND;
  };

  #tell(name: string, row: number): void {
    this.dispatchEvent(new CustomEvent<number>(name, { detail: row }));
  }

  #onKey = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor((this.#box?.clientHeight ?? 0) / this.#row) - 1);
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -this.count,
      End: this.count,
    };
    const step = steps[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (step !== undefined) {
      event.preventDefault();
      this.current = Math.max(0, Math.min(this.count - 1, this.current + step));
      this.show(this.current);
      this.#tell("focus-row", this.current);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.#tell("press", this.current);
    } else if (event.key === "Escape") this.#tell("press", -1);
  };

  /** A press focuses too, and has its own meaning. */
  #onFocus = (event: Event): void => {
    if (event.target instanceof Element && event.target.matches(":focus-visible"))
      this.#tell("focus-row", this.current);
  };
  #onBlur = (): void => this.#tell("focus-row", -1);

  #rowOf(event: Event): number {
    const line = event.target instanceof Element ? event.target.closest("[data-row]") : null;
    return line ? Number(line.getAttribute("data-row")) : -1;
  }

  #onPointer = (event: PointerEvent): void => {
    const pointer = `${event.screenX} ${event.screenY}`;
    if (event.pointerType === "touch" || pointer === this.#pointer) return;
    this.#pointer = pointer;
    this.#tell("point", this.#rowOf(event));
  };

  #onLeave = (): void => {
    this.#tell("point", -1);
  };

  #onClick = (event: MouseEvent): void => {
    const row = this.#rowOf(event);
    if (row < 0) return;
    this.current = row;
    this.#tell("focus-row", -1);
    this.#tell("press", row);
  };
}

customElements.define("assembly-rows", AssemblyRows);
