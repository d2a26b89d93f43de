import assert from "node:assert/strict";
import { test } from "node:test";
import { keptLines } from "../src/line-map.ts";
import { unitsBefore } from "../src/marks.ts";

test("a column counts bytes", () => {
  const line = "\tä, 語, 😀 := f()";
  assert.equal(unitsBefore(line, 1), 0);
  assert.equal(unitsBefore(line, 2), 1);
  assert.equal(line.slice(unitsBefore(line, 4)), ", 語, 😀 := f()");
  assert.equal(line.slice(unitsBefore(line, 15)), " := f()");
  assert.equal(unitsBefore(line, 400), line.length);
});

test("an inserted line moves those below, and a changed one is not kept", () => {
  const kept = keptLines("a\nb\nc\nd\n", "a\nnew\nb\nchanged\nd\n");
  assert.deepEqual(
    [...kept],
    [
      [1, 1],
      [2, 3],
      [4, 5],
      [5, 6],
    ],
  );
});

test("the same code keeps all of its lines, other code none", () => {
  assert.equal(keptLines("a\nb", "a\nb").size, 2);
  assert.equal(keptLines("a\nb", "c").size, 0);
});
