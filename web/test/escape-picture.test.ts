import assert from "node:assert/strict";
import { test } from "node:test";
import { byLine, type Decision, decision, withCosts } from "../src/pictures/decisions.ts";
import { counts, difference, report } from "../src/pictures/escape/allocations.ts";
import { counting } from "../src/pictures/escape/counting.ts";
import { halts, hops, way } from "../src/pictures/escape/flow.ts";
import type { RunEvent } from "../src/protocol.ts";
import { join, lineInText, parts } from "../src/txtar.ts";
// Captured with `underhood run … --json` and Go 1.27.3; `source` is what was sent.
import flow from "./captured/escape-flow.json";
import inlining from "./captured/escape-inlining.json";
import mixed from "./captured/escape-mixed.json";
// Of the program that counts, with cmark1 for its mark.
import mixedCount from "./captured/escape-mixed-count.json";

interface Captured {
  source: string;
  events: unknown[];
}

function decisions({ source, events }: Captured): Decision[] {
  const files = parts(source);
  const told = (events as RunEvent[]).flatMap((event) =>
    event.type === "diagnostic" ? (decision(event, files) ?? []) : [],
  );
  return withCosts(told);
}

function text({ events }: Captured, stream: "stdout" | "stderr"): string {
  return (events as RunEvent[]).map((event) => (event.type === stream ? event.text : "")).join("");
}

test("an explanation has the steps of the text, and halts at each reason", () => {
  const told = decisions(flow);
  const lines = text(flow, "stderr").split("\n");
  const steps = told.flatMap(({ steps }) => steps);
  const said = (word: string) => lines.filter((line) => line.includes(`  ${word} `)).length;
  assert.equal(steps.filter(({ kind }) => kind === "flow").length, said("flow:"));
  assert.equal(steps.filter(({ kind }) => kind === "from").length, said("from"));
  const spread = told.find(({ message }) => message === "[]*int{...} escapes to heap");
  assert.ok(spread);
  assert.deepEqual(
    hops(spread.steps).map(({ flow, reasons }) => [flow?.text, reasons.length]),
    [
      ["limits ← &{storage for []*int{...}}", 2],
      ["next ← limits", 2],
      ["{heap} ← next", 1],
    ],
  );
  assert.equal(halts(spread.steps).length, 5);
});

test("arrows lead from what escapes to each place on its way, and not from a place to itself", () => {
  const spread = decisions(flow).find(({ message }) => message === "[]*int{...} escapes to heap");
  assert.ok(spread);
  const { marks, arrows } = way(spread, 4);
  assert.deepEqual(
    arrows.map(({ from, to, now }) => [from.line, from.column, to.line, to.column, now]),
    [
      [10, 18, 10, 9, false],
      [10, 9, 11, 16, false],
      [11, 16, 11, 7, false],
      [11, 7, 12, 10, true],
    ],
  );
  assert.deepEqual(marks, [
    { line: 12, column: 10, look: "step", text: "from current = next (assign)" },
  ]);
  assert.deepEqual(way(spread, 0).arrows, []);
});

test("an inlined call has the cost that is told of what it calls", () => {
  const call = decisions(inlining).find(({ code }) => code === "inlined-call");
  assert.equal(call?.cost, 7);
  assert.equal(call?.at, "11:15");
});

test("places of several files are found in their text", () => {
  const source = join([
    { name: "a.go", text: "package main" },
    { name: "main.go", text: "package main\n\nfunc main() {}\n" },
  ]);
  const files = parts(source);
  assert.deepEqual(
    files.map(({ name, text, before }) => [name, text, before]),
    [
      ["a.go", "package main\n", 1],
      ["main.go", "package main\n\nfunc main() {}\n", 3],
    ],
  );
  assert.equal(lineInText(files, "main.go", 3), 6);
  assert.equal(source.split("\n")[6 - 1], "func main() {}");
  assert.equal(lineInText(files, "other.go", 1), null);
  assert.deepEqual(
    parts("x\n-- b.go --\ny\n").map(({ name, before }) => [name, before]),
    [
      ["main.go", 0],
      ["b.go", 2],
    ],
  );
});

test("the program that counts is the reader's, letter by letter but for the name of main", () => {
  const source =
    "package main\n\n// func main() in a comment\nvar s = `func main()`\n\nfunc main() { x := 1; main(); _ = x }\n\ntype T struct{ main int }\n\nfunc (T) main() {}";
  const program = counting(source, "mark");
  assert.ok(program);
  const file = parts(program.source).find(({ name }) => name === "main.go");
  assert.ok(file);
  assert.equal(file.text.length, source.length + 1);
  assert.equal(
    file.text.trimEnd(),
    source
      .replace("func main() { x", `func ${program.renamed}() { x`)
      .replace("1; main()", `1; ${program.renamed}()`),
  );
  assert.ok(!source.includes(program.renamed));
  assert.equal(counting("package main\n\nfunc f() {}\n", "mark"), null);
});

test("allocations are counted once, on the innermost line", () => {
  const told = report(text(mixedCount, "stdout"), "cmark1");
  assert.equal(told.returned, true);
  assert.equal(told.shared, 1);
  assert.equal(told.isWhole, true);
  const found = counts(told, parts(mixed.source));
  assert.deepEqual(
    [...found.lines].map(([line, { objects, bytes }]) => [line, objects, bytes]).sort(),
    [
      [15, 10, 240],
      [33, 5, 1984],
      [35, 4, 456],
      [36, 2, 32],
    ],
  );
  // newNode was inlined into main: its allocations stand on its own line, and line 28 leads there.
  assert.deepEqual([...(found.inlined.get(28) ?? [])], [15]);
  const all = told.records.reduce((sum, { Objects }) => sum + Objects, 0);
  const mine = [...found.lines.values()].reduce((sum, { objects }) => sum + objects, 0);
  assert.equal(mine + found.outside.objects, all);
});

test("where -m and the run differ, it is said why", () => {
  const found = counts(report(text(mixedCount, "stdout"), "cmark1"), parts(mixed.source));
  const lines = byLine(decisions(mixed));
  const said = (line: number) => difference(lines.get(line) ?? [], line, found);
  assert.equal(said(15), null);
  assert.match(said(22) ?? "", /not reached/);
  assert.match(said(28) ?? "", /line 15/);
  assert.match(said(33) ?? "", /runtime\.growslice/);
  assert.equal(said(36), null);
  // Constants and small numbers are boxed without memory; what was recorded is fmt's own.
  assert.match(said(35) ?? "", /nothing was recorded/);
});

test("a record that is lost is missed", () => {
  const lost = text(mixedCount, "stdout").replace(/\ncmark1\{"Objects.*/, "\ncmark1{");
  const { isWhole, returned } = report(lost, "cmark1");
  assert.deepEqual([isWhole, returned], [false, true]);
});

test("a report that was cut off has no end", () => {
  const cut = text(mixedCount, "stdout").slice(0, 900);
  assert.equal(report(cut, "cmark1").returned, null);
});
