/** One struct: its sizes, its bytes and its fields, and what can be done about their order. */
import { html, nothing, type TemplateResult } from "lit";
import { type Bytes, bytesView } from "./bytes-view.ts";
import { type Fields, fieldsView } from "./fields-view.ts";
import type { Struct } from "./layout.ts";
import { byAlignment, isSame, writtenOrder } from "./order.ts";

/** A struct on one architecture. */
export interface Side {
  arch: string;
  /** In the order that is tried; null where there is nothing to show. */
  struct: Struct | null;
  /** As written. */
  written: Struct | null;
  /** The number as written of each field of `struct`. */
  numbers: readonly number[];
  /** Whether the compiler is asked just now, and `struct` is of the order before. */
  isAsking: boolean;
  /** Why there is nothing to show. */
  why: string;
}

/** What is shown of a struct, and whom it tells. */
export interface StructProps {
  written: Struct;
  /** The one that was run, and perhaps another beside it. */
  sides: readonly Side[];
  fields: Fields;
  /** How the bytes are drawn. */
  drawn: Omit<Bytes, "struct" | "numbers">;
  /** Why the fields cannot be moved; empty where they can. */
  fixed: string;
  /** Whether the reader's code is still what was run, so that an order can be put into it. */
  canKeep: boolean;
  goTo: (() => void) | null;
  smallest: () => void;
  asWritten: () => void;
  keep: () => void;
}

/** The whole of it. */
export function structView(props: StructProps): TemplateResult {
  const { written, sides, fields, fixed, goTo } = props;
  return html`<section class="struct" data-struct=${written.name} aria-label=${written.name}>
    <div class="title">
      <strong class="name">${written.name}</strong>
      ${
        goTo
          ? html`<button type="button" class="line-link" @click=${goTo}>line ${written.line}</button>`
          : html`<span class="soft">${written.file}:${written.line}</span>`
      }
    </div>
    <div class="drawings">${sides.map((side) => sideView(side, props, sides.length > 1))}</div>
    ${fieldsView(fields)}
    ${fixed ? html`<p class="soft fixed">${fixed}</p>` : nothing}
    ${fields.isMovable ? actionsView(props) : nothing}
  </section>`;
}

function sideView(
  side: Side,
  { drawn, fields, written: asRun }: StructProps,
  isNamed: boolean,
): TemplateResult {
  const { arch, struct, written, numbers, isAsking, why } = side;
  const isMoved = !isSame(fields.order, writtenOrder(asRun));
  return html`<div class="drawing ${isAsking ? "asking" : ""}" data-arch=${arch} aria-busy=${isAsking}>
    <p>${isNamed ? html`<b>${arch}</b> · ` : nothing}${struct ? sizesView(struct, written ?? struct, isMoved && !isAsking) : nothing}</p>
    ${struct ? bytesView({ ...drawn, struct, numbers }) : nothing}
    ${why ? html`<p class="note why">${why}</p>` : nothing}
    ${!struct && !why ? html`<p class="soft">Asking the compiler.</p>` : nothing}
  </div>`;
}

/** The sizes, with those as written where the order makes a difference. */
function sizesView(struct: Struct, written: Struct, isMoved: boolean): TemplateResult {
  const size = change(written.size, struct.size, "bytes");
  const saved = written.size - struct.size;
  const sign = saved === 0 ? "same" : saved > 0 ? "less" : "more";
  const words = { same: "as large as written", less: `${saved} fewer`, more: `${-saved} more` };
  const note =
    saved || isMoved ? html` <span class="saved ${sign}">${words[sign]}</span>` : nothing;
  const block =
    struct.block === undefined
      ? nothing
      : html` · ${change(written.block ?? struct.block, struct.block, "on the heap")}`;
  const pointers =
    struct.pointer_bytes === 0
      ? "no pointers"
      : change(written.pointer_bytes, struct.pointer_bytes, "to the end of the last pointer");
  return html`<span class="sizes">${size}${note} · alignment ${struct.align} ·
    ${change(written.padding, struct.padding, "of padding")} · ${pointers}${block}</span>`;
}

function change(before: number, after: number, what: string): TemplateResult {
  const was = before === after ? nothing : html`<span class="was">${before} →</span> `;
  return html`${was}<b>${after}</b> ${what}`;
}

function actionsView(props: StructProps): TemplateResult {
  const { written, fields, canKeep, smallest, asWritten, keep } = props;
  const isMoved = !isSame(fields.order, writtenOrder(written));
  const literals = (written.positional ?? []).map(({ line }) => line);
  return html`<div class="row actions">
      <button type="button" ?disabled=${isSame(fields.order, byAlignment(written))} @click=${smallest}
      >Smallest order</button>
      <button type="button" ?disabled=${!isMoved} @click=${asWritten}>As written</button>
      <button type="button" ?disabled=${!isMoved || !canKeep || fields.shown === null} @click=${keep}
      >Keep this order</button>
    </div>
    ${
      isMoved && !canKeep
        ? html`<p class="soft fixed">The code has changed since it was run. Run it again to keep an order.</p>`
        : nothing
    }
    ${
      isMoved && literals.length > 0
        ? html`<p class="note fixed">${linesOf(literals)}: values are listed without the names of fields, so they
            would go to other fields in this order.</p>`
        : nothing
    }`;
}

function linesOf(lines: readonly number[]): string {
  const all = [...new Set(lines)];
  const shown = all.slice(0, 8).join(", ");
  return `${all.length > 1 ? "Lines" : "Line"} ${shown}${all.length > 8 ? " and others" : ""}`;
}
