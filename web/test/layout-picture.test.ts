import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Layout, nameOf, readLayout, type Struct } from "../src/pictures/layout/layout.ts";
import {
  byAlignment,
  fieldsOf,
  isSame,
  moved,
  reordered,
  writtenOrder,
} from "../src/pictures/layout/order.ts";
import { linesFrom, piecesOf, rowsOf, width } from "../src/pictures/layout/rows.ts";

/** What `underhood run --mode layout` wrote of `layout.go.txt`. */
const real = (name: string) => readFileSync(`test/output/${name}`, "utf8");
const source = real("layout.go.txt");
const layout = readLayout(real("layout.json")) as Layout;

function struct(name: string): Struct {
  const found = layout.structs.find((one) => one.name === name);
  assert.ok(found, name);
  return found;
}

test("an artifact is read, and nothing else", () => {
  assert.equal(layout.arch, "amd64");
  assert.equal(readLayout("{}"), null);
  assert.equal(readLayout("null"), null);
  assert.equal(readLayout("{"), null);
});

test("an embedded field is named by its type", () => {
  const field = { name: "", offset: 0, size: 0, align: 1, padding: 0 };
  const named = (type: string) => nameOf({ ...field, type });
  assert.equal(nameOf({ ...field, name: "a", type: "int" }), "a");
  assert.equal(named("inner"), "inner");
  assert.equal(named("*sync.Mutex"), "Mutex");
  assert.equal(named("list.pair[map[string]time.Time]"), "pair");
});

test("every byte is in one piece, and in one cell unless it is folded", () => {
  for (const one of layout.structs) {
    const pieces = piecesOf(one);
    let at = 0;
    for (const { from, to } of pieces) {
      assert.equal(from, at, one.name);
      at = to;
    }
    assert.equal(at, one.size, one.name);
    const drawn = rowsOf(pieces).reduce(
      (sum, row) =>
        sum +
        (row.kind === "fold"
          ? row.rows * width
          : row.cells.reduce((bytes, { from, to }) => bytes + to - from, 0)),
      0,
    );
    assert.equal(drawn, one.size, one.name);
    const unused = pieces.filter(({ kind }) => kind === "padding");
    const padding = unused.reduce((sum, { from, to }) => sum + to - from, 0);
    assert.equal(padding, one.padding, one.name);
  }
});

test("a struct within shows its own fields and padding", () => {
  const labels = piecesOf(struct("outer")).map(({ kind, label }) => label || kind);
  assert.deepEqual(labels, [
    "inner.at",
    "inner.valid",
    "inner",
    "last",
    "padding",
    "anon.x",
    "inner",
    "anon.y",
    "padding",
    "p",
    "z",
  ]);
});

test("a long field takes three rows", () => {
  const rows = rowsOf(piecesOf(struct("big")));
  assert.deepEqual(
    rows.map((row) => (row.kind === "fold" ? [row.at, row.rows] : [row.at])),
    [[0], [8, 98], [792]],
  );
});

test("cache lines begin at each 64th byte", () => {
  assert.equal(linesFrom(8, 64), null);
  assert.deepEqual(linesFrom(8, 72), [2, 2]);
  assert.deepEqual(linesFrom(64, 65), [2, 2]);
  assert.deepEqual(linesFrom(72, 400), [3, 7]);
});

test("declarations move with their comments and tags, and what is between them stays", () => {
  const pair = struct("pair[int32]");
  assert.deepEqual(fieldsOf(pair), [[0], [1, 2], [3]]);
  const lines = reordered(source, pair, [2, 0, 1]).split("\n");
  assert.deepEqual(lines.slice(2, 12), [
    "type pair[T any] struct {",
    "\t_    struct{}",
    "",
    "\t// floating",
    "",
    "\t// a is first",
    "\t// of all",
    '\ta bool `json:"a"` // tag',
    "\tb, c T",
    "}",
  ]);
  assert.deepEqual([...lines].sort(), source.split("\n").sort());
});

test("an embedded field and a struct of several lines move whole", () => {
  const outer = struct("outer");
  const text = reordered(source, outer, [2, 0, 1, 3, 4]);
  const anon = "\tanon struct {\n\t\tx byte\n\t\ty int32\n\t}\n";
  assert.ok(text.includes(`type outer struct {\n${anon}\tinner\n\tlast bool\n\tp *int\n`), text);
});

test("in several files, the one that declares it is changed", () => {
  const files = `-- other.go --\npackage main\n-- main.go --\n${source}`;
  const pair = struct("pair[int32]");
  const text = reordered(files, pair, [2, 0, 1]);
  assert.equal(
    text,
    `-- other.go --\npackage main\n-- main.go --\n${reordered(source, pair, [2, 0, 1])}`,
  );
  assert.equal(reordered(`-- a.go --\n${source}`, pair, [2, 0, 1]), `-- a.go --\n${source}`);
});

test("the order as written changes nothing", () => {
  for (const one of layout.structs) assert.equal(reordered(source, one, writtenOrder(one)), source);
});

test("what cannot be moved has no declarations, and says why", () => {
  for (const name of ["alias", "oneline"]) {
    assert.deepEqual(writtenOrder(struct(name)), []);
    assert.ok(struct(name).fixed);
  }
});

test("the smallest order is by alignment, and fields without a size come first", () => {
  assert.deepEqual(byAlignment(struct("pair[int32]")), [2, 1, 0]);
  assert.deepEqual(byAlignment(struct("outer")), [0, 3, 4, 2, 1]);
});

test("moving one shifts those between", () => {
  assert.deepEqual(moved([0, 1, 2, 3], 3, 1), [0, 3, 1, 2]);
  assert.deepEqual(moved([0, 1, 2, 3], 0, 2), [1, 2, 0, 3]);
  assert.ok(isSame(moved(moved([0, 1, 2], 0, 2), 2, 0), [0, 1, 2]));
});
