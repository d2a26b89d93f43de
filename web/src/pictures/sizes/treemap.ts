/** Where the parts of a treemap lie. Pure functions over d3-hierarchy, which squares them as Bruls, Huizing and van Wijk do. */
import { type HierarchyRectangularNode, hierarchy, treemap, treemapSquarify } from "d3-hierarchy";
import type { Part } from "./composition.ts";

/** A part and its place, in pixels of the drawing. */
export interface Tile {
  part: Part;
  left: number;
  top: number;
  width: number;
  height: number;
  /** Its own parts, as far as they are large enough to be seen. */
  inner: Tile[];
}

/** Height of the line in which a tile bears its name, in pixels. */
const NAME = 20;

/** Below this width or height, in pixels, a part is not drawn. */
const SEEN = 2;

/** From so many parts on, gaps between them would be most of the drawing. */
const MANY = 100;

/** A tile shows its parts from this height on, in pixels. */
const ROOMY = 3 * NAME;

/** The parts of `whole`, the largest first, and their parts, in a drawing of this many pixels. */
export function tilesOf(whole: Part, width: number, height: number): Tile[] {
  const upper = new Set([whole, ...whole.parts]);
  // Two levels: what is deeper is drawn when the reader goes into it, and until then stands for all that is in it.
  const root = hierarchy<Part>(whole, (part) => (upper.has(part) ? part.parts : []))
    .sum((part) => (part.parts.length === 0 || !upper.has(part) ? part.size : 0))
    .sort((one, other) => (other.value ?? 0) - (one.value ?? 0));
  const lay = treemap<Part>()
    .tile(treemapSquarify)
    .size([width, height])
    .paddingInner((node) => (node.depth > 0 || whole.parts.length > MANY ? 1 : 2))
    .paddingTop((node) => (node.depth === 1 && isRoomy(node) ? NAME : 0));
  return (lay(root).children ?? []).map(placeOf).filter(isSeen);
}

function isRoomy({ y0, y1 }: { y0: number; y1: number }): boolean {
  return y1 - y0 >= ROOMY;
}

function placeOf(node: HierarchyRectangularNode<Part>): Tile {
  const { data: part, x0, x1, y0, y1 } = node;
  return {
    part,
    left: x0,
    top: y0,
    width: Math.max(0, x1 - x0),
    height: Math.max(0, y1 - y0),
    inner: isRoomy(node) ? (node.children ?? []).map(placeOf).filter(isSeen) : [],
  };
}

function isSeen({ width, height }: Tile): boolean {
  return width >= SEEN && height >= SEEN;
}
