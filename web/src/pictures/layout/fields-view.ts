/** The fields of a struct as a table, in which they are moved. */
import { html, nothing, type TemplateResult } from "lit";
import { type Field, nameOf, type Struct } from "./layout.ts";
import { fieldsOf, type Order } from "./order.ts";

/** A declaration on its way to another place: both by place in the order. */
export interface Drag {
  from: number;
  to: number;
}

/** What the table shows, and whom it tells. */
export interface Fields {
  written: Struct;
  order: Order;
  /** With its fields in that order; null while the compiler is asked, or where it does not compile. */
  shown: Struct | null;
  /** Whether they can be moved. */
  isMovable: boolean;
  drag: Drag | null;
  pointed: number | null;
  point: (field: number | null) => void;
  /** Moves a declaration, by its number as written, one place up (-1) or down (1). */
  move: (declaration: number, by: number, button: HTMLElement) => void;
  dragTo: (drag: Drag | null) => void;
  drop: () => void;
}

/** A row for each field. */
export function fieldsView(fields: Fields): TemplateResult {
  const { written, order, shown, isMovable } = fields;
  const groups = isMovable ? fieldsOf(written) : written.fields.map((_, at) => [at]);
  const places = isMovable ? order : groups.map((_, at) => at);
  let next = 0;
  const rows = places.map((declaration, place) => {
    const members = groups[declaration] ?? [];
    return members.map((number, at) => {
      const field = written.fields[number];
      const measured = shown?.fields[next++];
      if (!field) return nothing;
      const controls =
        isMovable && at === 0 ? movesView(fields, place, field, members.length) : nothing;
      return rowView(fields, { number, field, place, measured, controls });
    });
  });
  return html`<div class="fields" tabindex="0" role="region" aria-label="Fields of ${written.name}"><table>
    <thead><tr>
      <th class="field-name" scope="col">field</th>
      <th scope="col">offset</th><th scope="col">size</th><th scope="col">align</th>
      <th scope="col" title="Unused bytes after the field">padding</th>
      ${isMovable ? html`<th scope="col">move</th>` : nothing}
    </tr></thead>
    <tbody @pointerleave=${() => fields.point(null)}>${rows}</tbody>
  </table></div>`;
}

interface OneRow {
  /** As written. */
  number: number;
  field: Field;
  /** Of its declaration, in the order. */
  place: number;
  measured: Field | undefined;
  controls: unknown;
}

function rowView({ pointed, point, drag, isMovable }: Fields, row: OneRow): TemplateResult {
  const { number, field, place, measured, controls } = row;
  const classes = [
    pointed === number ? "pointed" : "",
    drag && drag.from === place ? "dragged" : "",
    drag && drag.to === place && drag.to < drag.from ? "over-above" : "",
    drag && drag.to === place && drag.to > drag.from ? "over-below" : "",
  ];
  const cell = (value: number | undefined) => html`<td class="number">${value ?? "·"}</td>`;
  return html`<tr class=${classes.join(" ").trim()} data-place=${place} @pointerenter=${() => point(number)}>
    <td class="field-name"><code>${field.name || nothing}</code> <code class="soft">${field.type}</code></td>
    ${cell(measured?.offset)}${cell(measured?.size)}${cell(measured?.align)}${cell(measured?.padding)}
    ${isMovable ? html`<td class="moves">${controls}</td>` : nothing}
  </tr>`;
}

/** The handle and the two buttons of a declaration. Alt with an arrow does what they do. */
function movesView(fields: Fields, place: number, field: Field, count: number): TemplateResult {
  const last = fields.order.length - 1;
  const name = count > 1 ? `${nameOf(field)} and the fields declared with it` : nameOf(field);
  const declaration = fields.order[place] ?? place;
  const move = (by: number) => (event: Event) =>
    fields.move(declaration, by, event.currentTarget as HTMLElement);
  const keys = (event: KeyboardEvent) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!event.altKey || by === undefined) return;
    event.preventDefault();
    move(by)(event);
  };
  const button = (by: number, sign: string, way: string) => html`<button
    type="button" aria-label="Move ${name} ${way}" title="Move ${way} (Alt+${by < 0 ? "↑" : "↓"})"
    data-by=${by} data-declaration=${declaration}
    aria-disabled=${place + by < 0 || place + by > last} @click=${move(by)} @keydown=${keys}
  >${sign}</button>`;
  return html`<span class="handle" aria-hidden="true" title="Drag"
      @pointerdown=${(event: PointerEvent) => grab(event, place, fields)}>⠿</span>${button(-1, "↑", "up")}
    ${button(1, "↓", "down")}`;
}

/** Follows the pointer until it is let go. Esc and a lost pointer leave things as they are. */
function grab(event: PointerEvent, from: number, { dragTo, drop }: Fields): void {
  const handle = event.currentTarget as HTMLElement;
  const table = handle.closest("tbody");
  if (event.button !== 0 || !table) return;
  event.preventDefault();
  handle.setPointerCapture(event.pointerId);
  const over = new AbortController();
  const { signal } = over;
  const end = () => {
    over.abort();
    dragTo(null);
  };
  const follow = ({ clientY }: PointerEvent) => dragTo({ from, to: placeAt(table, clientY, from) });
  handle.addEventListener("pointermove", follow, { signal });
  handle.addEventListener("pointercancel", end, { signal });
  const finish = () => {
    drop();
    end();
  };
  handle.addEventListener("pointerup", finish, { signal });
  const leave = ({ key }: KeyboardEvent) => key === "Escape" && end();
  addEventListener("keydown", leave, { signal });
}

/** The place whose rows are at this height of the window. */
function placeAt(table: Element, y: number, from: number): number {
  const rows = [...table.querySelectorAll<HTMLElement>("tr")];
  const at = (row: HTMLElement | undefined) => Number(row?.dataset.place ?? from);
  const under = rows.find((row) => y < row.getBoundingClientRect().bottom);
  return at(under ?? rows.at(-1));
}
