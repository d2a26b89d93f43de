/** Listings that go1.27.3 printed of `test/assembly/main.go`: `GOARCH=ARCH go tool compile -p main -S -trimpath=$PWD main.go`. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { foldsOf } from "../src/pictures/assembly/folds.ts";
import { plainName, readInlining } from "../src/pictures/assembly/inlining.ts";
import {
  branchTarget,
  bytesOf,
  type Func,
  parseListing,
} from "../src/pictures/assembly/listing.ts";
import { explain } from "../src/pictures/assembly/mnemonics/explain.ts";
import {
  framesOf,
  listingOf,
  madeOf,
  readersOrder,
  rowsOf,
} from "../src/pictures/assembly/model.ts";
import { rowFinder, sourceLines } from "../src/pictures/assembly/source.ts";

const read = (name: string) => readFileSync(`test/assembly/${name}`, "utf8");
const architectures = ["amd64", "arm64", "riscv64"];
const texts = new Map(architectures.map((arch) => [arch, read(`${arch}.txt`)]));
const lines = sourceLines(read("main.go"));
const rowOf = rowFinder(lines);

function functions(arch: string): Func[] {
  return parseListing(texts.get(arch) ?? "", arch);
}

function named(arch: string, name: string): Func {
  const found = functions(arch).find((one) => one.name === name);
  assert.ok(found, name);
  return found;
}

for (const arch of architectures) {
  test(`${arch}: every instruction is read, with its bytes`, () => {
    const text = texts.get(arch) ?? "";
    const printed = text.split("\n").filter((line) => /^\t0x[0-9a-f]{4} \d{5} \(/.test(line));
    const all = functions(arch);
    const read = all.flatMap(({ instructions }) => instructions);
    assert.equal(read.length, printed.length);
    assert.equal(printed.length > 250, true);
    read.forEach((one, index) => {
      const line = printed[index] ?? "";
      assert.ok(line.includes(`)\t${one.operation}${one.operands && `\t${one.operands}`}`), line);
      assert.equal(Number(line.split(" ")[1]), one.pc);
      const place = one.place ? `${one.place.file}:${one.place.line}` : "<unknown line number>";
      assert.ok(line.includes(`(${place})\t`), line);
    });
    for (const one of all) {
      assert.equal(one.bytes.length, one.size, one.name);
      const told = one.instructions.map((of) => bytesOf(one, of)).filter((bytes) => bytes !== "");
      // What is left out is filling after the last instruction.
      const rest = one.bytes.slice(told.join(" ").split(" ").length);
      assert.equal([...told, ...rest].join(" "), one.bytes.join(" "));
      assert.deepEqual(new Set(rest), new Set(arch === "arm64" && rest.length > 0 ? ["00"] : []));
    }
  });

  test(`${arch}: every branch leads to an instruction`, () => {
    let branches = 0;
    for (const { instructions, name } of functions(arch)) {
      const starts = new Set(instructions.map(({ pc }) => pc));
      for (const one of instructions) {
        const target = branchTarget(arch, one);
        if (target === null) continue;
        branches++;
        assert.ok(starts.has(target), `${name} ${one.pc} ${one.operation} ${one.operands}`);
      }
    }
    assert.ok(branches > 20, String(branches));
  });

  test(`${arch}: each instruction is explained`, () => {
    for (const { operation } of functions(arch).flatMap(({ instructions }) => instructions)) {
      assert.ok(explain(arch, operation), operation);
    }
    assert.equal(explain(arch, "VFROBNICATE"), undefined);
  });

  test(`${arch}: the panic tails of a division and an index`, () => {
    const share = named(arch, "main.share");
    const folds = foldsOf(arch, share);
    const panics = share.instructions.filter((_, at) => folds[at] === "panics");
    assert.equal(panics.length, 3);
    assert.match(panics[0]?.operands ?? "", /runtime\.panicdivide\(SB\)$/);
    assert.match(panics[1]?.operands ?? "", /runtime\.panicBounds\(SB\)$/);
    const notes = share.instructions.filter(({ operation }) => /^(PC|FUNC)DATA$/.test(operation));
    assert.equal(folds.filter((fold) => fold === "notes").length, notes.length);
  });

  test(`${arch}: the stack check is at the start, and what calls morestack`, () => {
    const fold = named(arch, "main.fold[go.shape.int]");
    const folds = foldsOf(arch, fold);
    const check = fold.instructions.filter((_, at) => folds[at] === "stack");
    const operations = check.map(({ operation }) => operation).join(" ");
    assert.equal(
      operations,
      {
        amd64: "CMPQ JLS NOP MOVQ MOVQ MOVQ MOVQ MOVQ NOP CALL MOVQ MOVQ MOVQ MOVQ MOVQ NOP JMP",
        arm64: "MOVD CMP BLS NOP STP STP MOVD MOVD CALL LDP LDP MOVD JMP",
        riscv64: "MOV BLTU MOV MOV MOV MOV MOV JAL MOV MOV MOV MOV MOV JAL",
      }[arch],
    );
    // One that needs no stack has none.
    assert.ok(!foldsOf(arch, named(arch, "main.add[go.shape.int]")).includes("stack"));
  });
}

test("folded parts are a line each, and open in their places", () => {
  const listing = listingOf(texts.get("amd64") ?? "", "amd64");
  const share = listing.functions.findIndex(({ name }) => name === "main.share");
  const folded = rowsOf(listing, [share], new Set());
  const counts = folded.flatMap((row) => (row.kind === "fold" ? [[row.fold, row.count]] : []));
  assert.deepEqual(counts, [
    ["notes", 7],
    ["panics", 3],
  ]);
  const open = rowsOf(listing, [share], new Set(["notes main.share", "panics main.share"]));
  const shown = open.filter(({ kind }) => kind === "instruction").length;
  assert.equal(shown, listing.functions[share]?.instructions.length);
  assert.equal(folded.length, open.length - 10);
});

test("the reader's own functions come first, in the order of the code", () => {
  const listing = listingOf(texts.get("amd64") ?? "", "amd64");
  const { own, others } = readersOrder(listing, rowOf);
  const names = (indices: number[]) => indices.map((index) => listing.functions[index]?.name);
  assert.deepEqual(names(own).slice(-3), ["main.average", "main.share", "main.main"]);
  assert.deepEqual(names(own).slice(0, 2).sort(), [
    "main.add[go.shape.float64]",
    "main.add[go.shape.int]",
  ]);
  // Wrappers that pass a dictionary on.
  assert.deepEqual(names(others).sort(), ["main.total[float64]", "main.total[int]"]);
});

test("stacks of inlined calls are those of the artifact", () => {
  const listing = listingOf(texts.get("amd64") ?? "", "amd64");
  const index = listing.functions.findIndex(({ name }) => name === "main.average");
  const average = listing.functions[index];
  const addition = average?.instructions.find(({ operation }) => operation === "ADDSD");
  assert.ok(addition);
  const place = { function: "main.add[go.shape.float64]", file: "main.go", line: 6 };
  // Without them there is what the listing says.
  assert.deepEqual(framesOf(listing, index, addition), [
    { function: "", file: "main.go", line: 6 },
  ]);
  const around = { function: "main.average", file: "main.go", line: 22, column: 14 };
  const artifact = {
    functions: [
      { symbol: "main.average", stacks: [[place, around]], instructions: [[addition.pc, 0]] },
    ],
  };
  const stacks = readInlining(JSON.stringify(artifact), listing.functions);
  const known = { ...listing, stacks };
  assert.deepEqual(framesOf(known, index, addition), [place, around]);
  assert.equal(stacks.filter((one) => one !== null).length, 1);
  const made = madeOf(known, [index], rowOf);
  assert.deepEqual(made.get(5), { itself: 1, through: 0 });
  assert.equal(made.get(21)?.through, 1);
});

test("names and files as a reader knows them", () => {
  assert.equal(
    plainName("main.total[go.shape.int].func1#jbSNPssdxLI=#"),
    "main.total[go.shape.int].func1",
  );
  const two = sourceLines("-- a.go --\npackage main\n-- go.mod --\nmodule x\n");
  assert.deepEqual(
    two.map(({ file, line }) => `${file}:${line}`),
    [":0", "a.go:1", ":0", "go.mod:1"],
  );
  assert.deepEqual(
    sourceLines("package main\n-- a.go --\r\npackage main").map(({ file, line }) => [file, line]),
    [
      ["main.go", 1],
      ["", 0],
      ["a.go", 1],
    ],
  );
  assert.equal(rowFinder(two)({ file: "a.go", line: 1 }), 1);
  assert.equal(rowFinder(two)({ file: "$GOROOT/src/fmt/print.go", line: 1 }), undefined);
});
