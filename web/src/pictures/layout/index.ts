/** `<layout-picture>`: the bytes of struct types, and what another order of their fields would cost. */
import { html, nothing } from "lit";
import type { RunRequest } from "../../protocol.ts";
import { type Happening, isEnd } from "../../run-state.ts";
import { hasNamedFiles } from "../../txtar.ts";
import { Picture, pictureStyles } from "../picture.ts";
import { Asking } from "./asking.ts";
import type { Drag } from "./fields-view.ts";
import { artifactName, keyOf, type Layout, readLayout, type Struct } from "./layout.ts";
import {
  byAlignment,
  fieldsOf,
  isSame,
  moved,
  type Order,
  reordered,
  writtenOrder,
} from "./order.ts";
import { type Side, structView } from "./struct-view.ts";
import { layoutStyles } from "./styles.ts";

/** How many structs are drawn until more are asked for, and how many rows of each. */
const [firstStructs, firstRows] = [12, 96];

/** Architectures to see beside the one that was run. */
const others = ["amd64", "386"];

/** What the compiler said, and of which orders. */
interface Shown {
  layout: Layout;
  orders: ReadonlyMap<string, Order>;
}

/** Draws each struct type of a run of mode `layout`. */
export class LayoutPicture extends Picture {
  static override styles = [pictureStyles, layoutStyles];

  /** What was run, or kept since. */
  #source = "";
  #written: Layout | null = null;
  /** Whether `#written` is of a run before the one that is under way. */
  #isOld = false;
  /** The orders that are tried, by the struct's key, where they are not as written. */
  #orders = new Map<string, Order>();
  #asking: Asking | null = null;
  /** The last answers, by architecture. */
  readonly #shown = new Map<string, Shown>();
  #beside: string | null = null;
  #abort: AbortController | null = null;
  #pointed: { key: string; field: number } | null = null;
  #drag: (Drag & { key: string }) | null = null;
  #structs = firstStructs;
  #rows = firstRows;
  /** What a screen reader is told. */
  #spoken = "";

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.#asking && !this.#isOld) void this.#ask();
    else this.redraw();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#abort?.abort();
  }

  protected override restart(): void {
    this.#abort?.abort();
    this.#isOld = true;
  }

  protected override take(event: Happening): void {
    if (event.type === "artifact" && event.name === artifactName && this.request) {
      const layout = readLayout(event.text);
      if (layout) this.#begin(this.request, layout);
    }
    if (!isEnd(event) || !this.#isOld) return;
    this.#written = null;
    this.#isOld = false;
  }

  protected override render() {
    const layout = this.#written;
    if (!layout) {
      return html`<p class="soft">${
        this.#isOld
          ? "Types are drawn when the compiler has said what they are."
          : "There is nothing to draw. The text below says why."
      }</p>`;
    }
    const { structs, arch } = layout;
    if (structs.length === 0)
      return html`<p class="soft">The code declares no struct type whose size is known.</p>`;
    const rest = structs.length - this.#structs;
    return html`
      <div class="row head">
        <span class="soft">Each row is 8 bytes on ${arch}. Hatched bytes are padding.</span>
        ${this.#asking ? this.#archChoice(arch) : nothing}
      </div>
      ${structs.slice(0, this.#structs).map((struct) => this.#structView(struct, layout))}
      ${
        rest > 0
          ? html`<button type="button" @click=${() =>
              this.#draw(() => {
                this.#structs *= 2;
              })}
            >Show more of the ${rest} other types</button>`
          : nothing
      }
      <p class="spoken" role="status">${this.#spoken}</p>`;
  }

  #begin(request: RunRequest, layout: Layout): void {
    this.#isOld = false;
    this.#source = request.source;
    this.#written = layout;
    this.#orders = new Map();
    this.#shown.clear();
    this.#shown.set(layout.arch, { layout, orders: this.#orders });
    this.#structs = firstStructs;
    this.#rows = firstRows;
    this.#spoken = "";
    const run = this.desk?.run;
    this.#asking = run ? new Asking(run, request) : null;
    this.#asking?.keep(request.source, layout);
    if (this.#beside === layout.arch) this.#beside = null;
    if (this.#beside && this.isConnected) void this.#ask();
  }

  #archChoice(arch: string) {
    const choose = (other: string) => () => {
      this.#beside = this.#beside === other ? null : other;
      void this.#ask();
    };
    return html`<span class="row" role="group" aria-label="Beside it">
      <span class="soft">Beside it:</span>
      ${others
        .filter((other) => other !== arch)
        .map(
          (
            other,
          ) => html`<button type="button" aria-pressed=${this.#beside === other} @click=${choose(other)}
            >${other === "amd64" ? "64 bits" : "32 bits"}: ${other}</button>`,
        )}
    </span>`;
  }

  #structView(written: Struct, layout: Layout) {
    const key = keyOf(written);
    const order = this.#orders.get(key) ?? writtenOrder(written);
    const arches = [layout.arch, ...(this.#beside ? [this.#beside] : [])];
    const sides = arches.map((arch) => this.#side(arch, key));
    const [main] = sides;
    const point = (field: number | null) => {
      this.#pointed = field === null ? null : { key, field };
      this.redraw();
    };
    const pointed = this.#pointed?.key === key ? this.#pointed.field : null;
    const goTo =
      this.desk && !hasNamedFiles(this.#source) ? () => this.desk?.goTo(written.line, 1) : null;
    return structView({
      written,
      sides,
      drawn: {
        pointed,
        point,
        limit: this.#rows,
        more: () =>
          this.#draw(() => {
            this.#rows *= 2;
          }),
      },
      fields: {
        written,
        order,
        shown: main && !main.isAsking && !main.why ? main.struct : null,
        isMovable: this.#asking !== null && order.length > 1,
        drag: this.#drag?.key === key ? this.#drag : null,
        pointed,
        point,
        move: (declaration, by, button) => this.#move(written, declaration, by, button),
        dragTo: (drag) =>
          this.#draw(() => {
            this.#drag = drag && { ...drag, key };
          }),
        drop: () => {
          const drag = this.#drag;
          if (drag && drag.from !== drag.to) this.#try(written, moved(order, drag.from, drag.to));
        },
      },
      fixed: this.#fixed(written),
      canKeep: this.desk?.source === this.#source,
      goTo,
      smallest: () => this.#try(written, byAlignment(written)),
      asWritten: () => this.#try(written, writtenOrder(written)),
      keep: () => void this.#keep(written, order),
    });
  }

  #fixed({ fixed, fields }: Struct): string {
    if (!this.#asking) return "";
    return fixed && fields.length > 1 ? `Its fields cannot be moved here: ${fixed}.` : "";
  }

  /** A struct on an architecture, in the order that is tried or the last that is known. */
  #side(arch: string, key: string): Side {
    const find = (layout: Layout | undefined) =>
      layout?.structs.find((one) => keyOf(one) === key) ?? null;
    const tried = this.#asking?.known(this.#tried, arch);
    const shown =
      tried && "layout" in tried
        ? { layout: tried.layout, orders: this.#orders }
        : this.#shown.get(arch);
    const asWritten = this.#asking?.known(this.#source, arch);
    const written = find(asWritten && "layout" in asWritten ? asWritten.layout : undefined);
    const why = tried && "why" in tried ? tried.why : "";
    const struct = why ? null : find(shown?.layout);
    const order = shown?.orders.get(key);
    const groups = written ? fieldsOf(written) : [];
    const numbers = order?.flatMap((at) => groups[at] ?? []) ?? [];
    return {
      arch,
      struct,
      written,
      numbers,
      isAsking: this.#asking !== null && !tried,
      why: why && arch === this.#written?.arch ? `In this order it does not compile:\n${why}` : why,
    };
  }

  /** The source with all orders that are tried. */
  get #tried(): string {
    const structs = this.#written?.structs ?? [];
    return structs.reduce((source, struct) => {
      const order = this.#orders.get(keyOf(struct));
      return order ? reordered(source, struct, order) : source;
    }, this.#source);
  }

  /** Asks the compiler about what is tried, and then shows what it says. */
  async #ask(): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.redraw();
    const source = this.#tried;
    const orders = new Map(this.#orders);
    const arch = this.#written?.arch;
    for (const one of [arch, this.#beside]) {
      if (!one) continue;
      // What was written is asked for too, to compare with.
      for (const text of new Set([source, this.#source])) {
        const answer = await this.#asking?.ask(text, one, abort.signal);
        if (abort.signal.aborted || !answer) return;
        if (text === source && "layout" in answer)
          this.#shown.set(one, { layout: answer.layout, orders });
        this.redraw();
      }
    }
  }

  #try(written: Struct, order: Order): void {
    const key = keyOf(written);
    this.#orders = new Map(this.#orders);
    if (isSame(order, writtenOrder(written))) this.#orders.delete(key);
    else this.#orders.set(key, order);
    const size = () => this.#side(this.#written?.arch ?? "", key).struct?.size;
    void this.#ask().then(() => {
      const now = size();
      if (now === undefined) return;
      this.#draw(() => {
        this.#spoken = `${written.name}: ${now} bytes, as written ${written.size}.`;
      });
    });
  }

  /** Moves by a button, which keeps the focus although its row goes elsewhere. A press counts before the last is drawn. */
  #move(written: Struct, declaration: number, by: number, button: HTMLElement): void {
    const order = this.#orders.get(keyOf(written)) ?? writtenOrder(written);
    const from = order.indexOf(declaration);
    const to = from + by;
    if (to < 0 || to >= order.length) return;
    const section = button.closest("section");
    this.#try(written, moved(order, from, to));
    requestAnimationFrame(async () => {
      await this.updateComplete;
      const same = `button[data-by="${by}"][data-declaration="${declaration}"]`;
      section?.querySelector<HTMLElement>(same)?.focus();
    });
  }

  /** Puts an order into the reader's code. What the compiler says of that is asked first: it has the lines of the fields. */
  async #keep(written: Struct, order: Order): Promise<void> {
    const before = this.#source;
    const source = reordered(before, written, order);
    const abort = new AbortController();
    this.#abort?.abort();
    this.#abort = abort;
    const answer = await this.#asking?.ask(source, this.#written?.arch ?? "", abort.signal);
    const isLate = abort.signal.aborted || this.desk?.source !== before;
    if (isLate || !answer || !("layout" in answer)) return;
    this.#source = source;
    this.#written = answer.layout;
    this.#orders = new Map(this.#orders);
    this.#orders.delete(keyOf(written));
    this.#spoken = "The order is in the code now.";
    this.desk?.replace(source);
    void this.#ask();
  }

  #draw(change: () => void): void {
    change();
    this.redraw();
  }
}

customElements.define("layout-picture", LayoutPicture);
