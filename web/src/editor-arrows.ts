/** Arrows over the code, in a layer of the editor's own. */
import type { EditorState, Extension } from "@codemirror/state";
import { EditorView, type LayerMarker, layer } from "@codemirror/view";

/** An arrow between two offsets. */
export interface Path {
  from: number;
  to: number;
  /** Whether it is shown over all others. */
  now: boolean;
}

/** Draws the arrows that `paths` finds in a state. */
export function arrowLayer(paths: (state: EditorState) => readonly Path[]): Extension {
  return [
    layer({
      above: true,
      class: "cm-arrows",
      update: ({ docChanged, viewportChanged, startState, state }) =>
        docChanged || viewportChanged || paths(startState) !== paths(state),
      markers: (view) => drawn(view, paths(view.state)),
    }),
    look,
  ];
}

/** How far an arrow goes straight at its ends at least, in px. */
const bend = 13;

/** Room around an arrow for its head and its bend, in px. */
const margin = 40;

/** An arrow as an SVG in the editor's own coordinates. */
class ArrowMarker implements LayerMarker {
  constructor(
    private readonly path: string,
    private readonly head: string,
    private readonly now: boolean,
    private readonly width: number,
    private readonly height: number,
  ) {}

  eq(other: ArrowMarker): boolean {
    return this.path === other.path && this.now === other.now;
  }

  draw(): HTMLElement {
    const box = document.createElement("div");
    box.className = this.now ? "cm-arrow cm-arrow-now" : "cm-arrow";
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("width", String(this.width));
    svg.setAttribute("height", String(this.height));
    for (const d of [this.path, this.head]) {
      const line = document.createElementNS(svg.namespaceURI, "path");
      line.setAttribute("d", d);
      svg.append(line);
    }
    box.append(svg);
    return box;
  }
}

/** The arrows, drawn where the code is at the moment. */
function drawn(view: EditorView, paths: readonly Path[]): ArrowMarker[] {
  const scroller = view.scrollDOM.getBoundingClientRect();
  const left = scroller.left - view.scrollDOM.scrollLeft * view.scaleX;
  const top = scroller.top - view.scrollDOM.scrollTop * view.scaleY;
  const point = (offset: number) => {
    const block = view.lineBlockAt(offset);
    // A line out of sight is not laid out: there the arrow points to its beginning.
    const seen = view.coordsAtPos(offset, 1)?.left;
    return {
      x:
        (seen ?? view.contentDOM.getBoundingClientRect().left) -
        left +
        view.defaultCharacterWidth / 2,
      y: view.documentTop - top + block.top + block.height / 2,
      half: view.defaultLineHeight * 0.3,
    };
  };
  return paths.map(({ from, to, now }) => {
    const [a, b] = [point(from), point(to)];
    const width = Math.max(a.x, b.x) + margin;
    const height = Math.max(a.y, b.y) + margin;
    // On one line it goes over the letters; between lines from edge to edge, upright at both ends.
    const isFlat = Math.abs(a.y - b.y) < 1;
    const down = isFlat || b.y > a.y;
    const start = a.y + (down && !isFlat ? a.half : -a.half);
    const end = b.y + (down ? -b.half : b.half);
    const pull = (down && !isFlat ? 1 : -1) * Math.max(bend, Math.abs(end - start) / 3);
    const arrive = isFlat ? pull : -pull;
    const path = `M${a.x} ${start}C${a.x} ${start + pull} ${b.x} ${end + arrive} ${b.x} ${end}`;
    const tip = end + (down ? -5 : 5);
    const head = `M${b.x - 4.5} ${tip}L${b.x} ${end}L${b.x + 4.5} ${tip}`;
    return new ArrowMarker(path, head, now, width, height);
  });
}

const look = EditorView.theme({
  ".cm-arrows": { pointerEvents: "none" },
  ".cm-arrow": { position: "absolute", left: "0", top: "0" },
  ".cm-arrow path": {
    fill: "none",
    stroke: "var(--line-strong)",
    strokeWidth: "1.75",
    strokeLinecap: "round",
    strokeLinejoin: "round",
  },
  ".cm-arrow-now path": { stroke: "var(--heap)", strokeWidth: "2.25" },
});
