/**
 * Marks and arrows on the code, drawn by the editor. They move with the code that they stand on, and
 * go where a line is changed: what was said of it is no longer known to hold.
 */
import { ensureSyntaxTree } from "@codemirror/language";
import {
  type EditorState,
  type Extension,
  type Line,
  type Range,
  RangeSet,
  StateEffect,
  StateField,
  type Text,
  type Transaction,
} from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  GutterMarker,
  gutterLineClass,
} from "@codemirror/view";
import { arrowLayer, type Path } from "./editor-arrows.ts";
import { keptLines } from "./line-map.ts";
import { type Look, looks, type Mark, type Marks, type Spot, unitsBefore } from "./marks.ts";

/** Puts marks on the code in place of those that are there; null takes them away. */
export const setMarks = StateEffect.define<Marks | null>();

interface Drawn {
  marks: DecorationSet;
  signs: RangeSet<GutterMarker>;
  paths: readonly Path[];
}

const nothing: Drawn = { marks: Decoration.none, signs: RangeSet.empty, paths: [] };

type SyntaxTree = ReturnType<typeof ensureSyntaxTree>;

/** How long code may be parsed to find where a marked expression ends, in ms. */
const parsesFor = 50;

const drawn = StateField.define<Drawn>({
  create: () => nothing,
  update(value, transaction) {
    const next = transaction.docChanged ? moved(value, transaction) : value;
    const effect = transaction.effects.findLast((effect) => effect.is(setMarks));
    if (!effect) return next;
    return effect.value ? drawing(transaction.state, effect.value) : nothing;
  },
  provide: (field) => [
    EditorView.decorations.from(field, ({ marks }) => marks),
    gutterLineClass.from(field, ({ signs }) => signs),
  ],
});

/** What the marks look like in the code as it stands. */
function drawing(state: EditorState, { source, marks, arrows }: Marks): Drawn {
  const { doc } = state;
  const tree = ensureSyntaxTree(state, doc.length, parsesFor);
  const kept = keptLines(source, doc.toString());
  const lineOf = (spot: Spot): Line | null => {
    const line = kept.get(spot.line);
    return line === undefined ? null : doc.line(line);
  };
  const spans = new Map<string, { line: Line; column: number | undefined; marks: Mark[] }>();
  const signs = new Map<number, Look>();
  for (const mark of marks) {
    const line = lineOf(mark);
    if (!line) continue;
    const key = `${line.number}:${mark.column ?? ""}`;
    const span = spans.get(key) ?? { line, column: mark.column, marks: [] };
    span.marks.push(mark);
    spans.set(key, span);
    const sign = signs.get(line.from);
    if (!sign || looks.indexOf(mark.look) < looks.indexOf(sign)) signs.set(line.from, mark.look);
  }
  const offset = (spot: Spot) => {
    const line = lineOf(spot);
    return line && line.from + unitsBefore(line.text, spot.column ?? 1);
  };
  return {
    marks: Decoration.set(
      [...spans.values()].map(({ line, column, marks }) =>
        decoration(doc, tree, line, column, marks),
      ),
      true,
    ),
    signs: RangeSet.of(
      [...signs].map(([from, look]) => new Sign(look).range(from)),
      true,
    ),
    paths: arrows.flatMap(({ from, to, now }) => {
      const [start, end] = [offset(from), offset(to)];
      return start === null || end === null ? [] : [{ from: start, to: end, now }];
    }),
  };
}

function decoration(
  doc: Text,
  tree: SyntaxTree,
  line: Line,
  column: number | undefined,
  marks: readonly Mark[],
): Range<Decoration> {
  const present = looks.filter((look) => marks.some((mark) => mark.look === look));
  const title = [...new Set(marks.map(({ text }) => text))].join("\n");
  const [from, to] =
    column === undefined ? [line.from, line.from] : extent(doc, tree, line, column);
  // An empty line, or a place after the end of one, has no letter to be marked.
  if (from === to) {
    const names = present.map((look) => `cm-line-${look}`).join(" ");
    return Decoration.line({ class: names, attributes: { title } }).range(line.from);
  }
  const names = present.map((look) => `cm-mark-${look}`).join(" ");
  return Decoration.mark({ class: names, attributes: { title } }).range(from, to);
}

/** Of the expression whose place the compiler named, what stands on the line. */
function extent(doc: Text, tree: SyntaxTree, line: Line, column: number): [number, number] {
  const at = line.from + Math.min(unitsBefore(line.text, column), line.length);
  if (!tree || at === line.to) return [at, Math.min(at + 1, line.to)];
  let node = tree.resolveInner(at, 1);
  // A parenthesis or an operator names the call or the operation that it belongs to.
  const isName = /^[\p{L}_]/u.test(doc.sliceString(at, at + 2));
  while (
    !isName &&
    node.parent &&
    /^(\W+|Arguments|LogicOp|ArithOp|CompareOp|BitOp|LiteralValue)$/.test(node.name)
  )
    node = node.parent;
  const from = node.name.endsWith("Assignment") || node.name.endsWith("Decl") ? at : node.from;
  return [Math.max(from, line.from), Math.min(Math.max(node.to, at + 1), line.to)];
}

/** Scrolls the code inside of its box so that a line is seen. The page stays where it is. */
export function reveal(view: EditorView, { source, show }: Marks): void {
  const line = show && keptLines(source, view.state.doc.toString()).get(show.line);
  if (!line) return;
  const block = view.lineBlockAt(view.state.doc.line(line).from);
  // Lines are measured in the page's pixels, scrolling in the editor's own.
  const [top, bottom] = [block.top / view.scaleY, block.bottom / view.scaleY];
  const { scrollTop, clientHeight } = view.scrollDOM;
  if (top >= scrollTop && bottom <= scrollTop + clientHeight) return;
  view.scrollDOM.scrollTo({ top: (top + bottom - clientHeight) / 2, behavior: "instant" });
}

/** Marks after an edit: those of lines that read as before. */
function moved({ marks, signs, paths }: Drawn, { startState, state, changes }: Transaction): Drawn {
  const stands = (offset: number) => reads(startState.doc, offset, changes, state.doc);
  return {
    marks: marks.update({ filter: stands }).map(changes),
    signs: signs.update({ filter: stands }).map(changes),
    paths: paths
      .filter(({ from, to }) => stands(from) && stands(to))
      .map((path) => ({
        ...path,
        from: changes.mapPos(path.from, 1),
        to: changes.mapPos(path.to, 1),
      })),
  };
}

/** Whether the line of an offset reads after the changes as it did before. */
function reads(
  before: Text,
  offset: number,
  changes: Transaction["changes"],
  after: Text,
): boolean {
  const line = before.lineAt(offset);
  if (line.length > 0 && changes.touchesRange(line.from, line.to) === "cover") return false;
  return after.lineAt(changes.mapPos(line.from, 1)).text === line.text;
}

/** A letter beside the line's number, by a class: that takes no room, so nothing moves when it comes. */
class Sign extends GutterMarker {
  override readonly elementClass: string;

  constructor(look: Look) {
    super();
    this.elementClass = `cm-sign-${look}`;
  }

  override eq(other: Sign): boolean {
    return this.elementClass === other.elementClass;
  }
}

const look = EditorView.theme({
  ...Object.fromEntries(
    [
      ["heap", "H"],
      ["check", "B"],
      ["leak", "L"],
      ["direct", "D"],
      ["inline", "I"],
      ["stack", "S"],
      ["proved", "P"],
    ].flatMap(([name, letter]) => [
      [`.cm-line.cm-line-${name}`, { boxShadow: `inset 3px 0 0 var(--mark-${name})` }],
      [
        `.cm-lineNumbers .cm-gutterElement.cm-sign-${name}::before`,
        {
          content: `"${letter}"`,
          position: "absolute",
          left: "0.1875rem",
          fontSize: "0.625rem",
          fontWeight: "700",
          color: `var(--mark-${name})`,
        },
      ],
    ]),
  ),
  "&": {
    "--mark-heap": "var(--heap)",
    "--mark-check": "var(--heap)",
    "--mark-proved": "var(--good)",
    "--mark-stack": "var(--stack)",
    "--mark-leak": "var(--bad)",
    "--mark-inline": "var(--soft)",
    "--mark-direct": "var(--good)",
  },
  ".cm-mark-stack": { borderBottom: "2px solid var(--mark-stack)" },
  ".cm-mark-proved": { borderBottom: "2px dotted var(--mark-proved)" },
  ".cm-mark-inline": { borderBottom: "2px dotted var(--mark-inline)" },
  ".cm-mark-direct": { borderBottom: "2px dashed var(--mark-direct)" },
  ".cm-mark-check": { borderBottom: "2px dashed var(--mark-check)" },
  ".cm-mark-leak": { borderBottom: "2px dashed var(--mark-leak)" },
  ".cm-mark-heap": {
    borderBottom: "2px solid var(--mark-heap)",
    backgroundColor: "var(--heap-wash)",
  },
  ".cm-mark-step": {
    outline: "2px solid var(--mark-heap)",
    borderRadius: "2px",
    backgroundColor: "var(--heap-wash)",
  },
  ".cm-line.cm-line-line, .cm-mark-line": { backgroundColor: "var(--accent-wash)" },
});

/** All that draws marks. */
export const marking: Extension = [drawn, arrowLayer((state) => state.field(drawn).paths), look];
