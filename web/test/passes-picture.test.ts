import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { columnsOf, functionOf } from "../src/pictures/passes/columns.ts";
import {
  changeOf,
  lifeOf,
  type Stage,
  textOf,
  usersOf,
  valuesOf,
} from "../src/pictures/passes/passes.ts";
import { idOf, rowsOf } from "../src/pictures/passes/rows.ts";

/** What the compilers wrote of one small function, without their styles and scripts. */
const real = (name: string) => readFileSync(`test/output/${name}`, "utf8");
/** The columns of 1.27, as `read.ts` read them in a browser. */
const stages = JSON.parse(real("half-stages.json")) as Stage[];

for (const version of ["1.25", "1.27"]) {
  test(`columns are those of the document, ${version}`, () => {
    const html = real(`half-${version}.html`);
    assert.equal(functionOf(html), "half");
    const columns = columnsOf(html);
    const names = columns.flatMap(({ names }) => names);
    assert.equal(names.length, html.match(/<h2>/gu)?.length);
    assert.deepEqual(names.slice(0, 4), ["sources", "AST", "before insert phis", "start"]);
    assert.equal(names.at(-1), "genssa");
    assert.ok(columns.some(({ names }) => names.length > 1));
    for (const { names, html } of columns) {
      assert.equal(html.match(/<h2>/gu)?.length, names.length);
      for (const name of names) assert.ok(html.includes(`<h2>${name}`), name);
    }
  });
}

test("a document of something else has no columns", () => {
  assert.deepEqual(columnsOf("<p>no</p>"), []);
  assert.equal(functionOf("<p>no</p>"), "");
});

test("names are unescaped", () => {
  assert.equal(
    functionOf("<h1>a[go.shape.[]&lt;-chan int,&#34;&amp;lt;],1</h1>"),
    'a[go.shape.[]<-chan int,"&lt;]',
  );
});

function stage(name: string): Stage {
  const found = stages.find((one) => one.name === name);
  assert.ok(found, name);
  return found;
}

test("each change leads from the values before to those after", () => {
  for (const [at, after] of stages.entries()) {
    const before = stages[at - 1];
    if (!before || after.instructions.length > 0) continue;
    const { added, removed, changed, moved } = changeOf(before, after);
    const [was, is] = [valuesOf(before.blocks), valuesOf(after.blocks)];
    assert.equal(was.size + added.size - removed.size, is.size, after.name);
    for (const id of [...changed.keys(), ...moved.keys()]) assert.ok(was.has(id) && is.has(id));
    for (const [id, { value, block }] of is) {
      const old = was.get(id);
      if (added.has(id) || changed.has(id) || moved.has(id)) continue;
      assert.equal(textOf(value.parts), old && textOf(old.value.parts), `${after.name} ${id}`);
      assert.equal(block, old?.block);
    }
  }
});

/** A life as (pass, what, text). */
function life(id: string): unknown[] {
  return lifeOf(id, stages).map(({ stage, what, text }) => [stages[stage]?.name, what, text]);
}

test("a value is followed from the division to the instruction", () => {
  assert.deepEqual(life("v12"), [
    ["before insert phis", "first", "Div64u <uint> v10 v11"],
    ["early phielim and copyelim", "changed", "Div64u <uint> v6 v11"],
    ["opt", "changed", "Rsh64Ux64 <uint> [true] v6 v13"],
    ["lower", "changed", "SHRQconst <uint> [1] v6"],
    ["regalloc", "changed", "SHRQconst <uint> [1] v6 : AX"],
    ["genssa", "machine code", "00008 (+6) SHRQ $1, AX"],
  ]);
});

test("a name that is given again is another value", () => {
  assert.deepEqual(life("v11"), [
    ["before insert phis", "first", "Const64 <uint> [2]"],
    ["opt", "removed", ""],
    ["expand calls", "added", "SB <uintptr>"],
    ["late opt", "removed", ""],
  ]);
});

test("a value that only goes to another block has moved", () => {
  assert.deepEqual(
    life("v15").filter((event) => Array.isArray(event) && event[1] === "moved"),
    [["tighten", "moved", "from b1 to b2"]],
  );
});

test("rows are all values and those that are gone", () => {
  for (const [at, after] of stages.entries()) {
    const before = stages[at - 1];
    const change = changeOf(before, after);
    const rows = rowsOf(after, before, change);
    const values = rows.filter((row) => row.kind === "value");
    if (after.instructions.length > 0) assert.equal(rows.length, after.instructions.length);
    else assert.equal(values.length, valuesOf(after.blocks).size + change.removed.size, after.name);
    assert.equal(
      rows.filter((row) => row.kind === "value" && row.mark === "added").length,
      change.added.size,
    );
  }
});

test("users are found among values and the ends of blocks", () => {
  const { blocks } = stage("start");
  for (const [id, { value }] of valuesOf(blocks))
    for (const part of value.parts)
      if (typeof part !== "string") assert.ok(usersOf(part.ref, blocks).includes(id));
  const control = blocks[0]?.end.find(
    (part) => typeof part !== "string" && part.ref.startsWith("v"),
  );
  assert.ok(control && typeof control !== "string");
  assert.ok(usersOf(control.ref, blocks).includes("b1"));
});

test("an instruction leads to its value, and not to a block", () => {
  const code = stage("genssa");
  const rows = rowsOf(code, undefined, changeOf(undefined, code));
  const of = rows.map(idOf).filter(Boolean);
  assert.ok(of.length > 0 && of.every((id) => /^v\d+$/u.test(id)));
});
