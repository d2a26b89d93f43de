/** Places an element by its styles' properties: the page's policy refuses style attributes, and so Lit's own `styleMap`. */
import { nothing } from "lit";
import { Directive, directive, type ElementPart, PartType } from "lit/directive.js";

/** Where an element lies in its box, in pixels. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

class Placed extends Directive {
  constructor(info: { type: number }) {
    super(info as never);
    if (info.type !== PartType.ELEMENT) throw new Error("placed() stands in a tag");
  }

  override render(_box: Box) {
    return nothing;
  }

  override update(part: ElementPart, [box]: [Box]) {
    const { style } = part.element as HTMLElement;
    for (const side of ["left", "top", "width", "height"] as const) style[side] = `${box[side]}px`;
    return nothing;
  }
}

/** In a tag, `${placed(box)}`, for an element with an absolute position. */
export const placed = directive(Placed);
