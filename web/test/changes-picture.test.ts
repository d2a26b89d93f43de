import assert from "node:assert/strict";
import { test } from "node:test";
import { bases, toolchainsIn } from "../src/pictures/changes/bases.ts";
import { type Comparison, compare } from "../src/pictures/changes/compare.ts";
import { functions, Hearing, type Outcome } from "../src/pictures/changes/outcome.ts";
import type { RunEvent } from "../src/protocol.ts";
import type { Happening } from "../src/run-state.ts";
// Captured with `underhood run … --json` and Go 1.27.3; `source` is what was sent.
import afterAsm from "./captured/changes-after-asm.json";
import afterBounds from "./captured/changes-after-bounds.json";
import afterEscape from "./captured/changes-after-escape.json";
import beforeAsm from "./captured/changes-before-asm.json";
import beforeBounds from "./captured/changes-before-bounds.json";
import beforeEscape from "./captured/changes-before-escape.json";
import withoutInlining from "./captured/changes-before-no-inlining.json";
import bitsV1 from "./captured/changes-bits-v1.json";
import bitsV3 from "./captured/changes-bits-v3.json";
import level1 from "./captured/escape-mixed.json";
import level2 from "./captured/escape-mixed-2.json";

interface Captured {
  source: string;
  events: unknown[];
}

function outcome({ source, events }: Captured, mode: string, options = {}): Outcome {
  const hearing = new Hearing({ source, mode, options, env: {} });
  for (const event of events as RunEvent[]) hearing.take(event);
  assert.ok(hearing.isOver);
  return hearing.outcome();
}

function shown({ groups }: Comparison): [string, string[]][] {
  return groups.map(({ title, changes }) => [
    title,
    changes.map(({ said, isOwnLine }) => `${said.at} ${said.message}${isOwnLine ? " *" : ""}`),
  ]);
}

test("only what ended by its code has decided something, or that it does not build", () => {
  const end = (event: Happening) => {
    const hearing = new Hearing({ source: "", mode: "escape", options: {}, env: {} });
    assert.equal(hearing.isOver, false);
    hearing.take(event);
    assert.equal(hearing.isOver, true);
    const { isWhole, isLost } = hearing.outcome();
    return [isWhole, isLost];
  };
  assert.deepEqual(end({ type: "exit", status: "ok" }), [true, false]);
  assert.deepEqual(end({ type: "exit", status: "build_failed" }), [false, false]);
  assert.deepEqual(end({ type: "exit", status: "output_limit" }), [false, true]);
  assert.deepEqual(end({ type: "stopped" }), [false, true]);
});

test("an edit: what moved to the heap, though all lines have other numbers", () => {
  const result = compare(outcome(beforeEscape, "escape"), outcome(afterEscape, "escape"));
  assert.deepEqual(shown(result), [
    ["Now on the heap", ["17:2 moved to heap: u *", '17:18 "Ada" + os.Args[0] escapes to heap *']],
  ]);
  assert.equal(result.same, 8);
});

test("the same edit taken back", () => {
  const result = compare(outcome(afterEscape, "escape"), outcome(beforeEscape, "escape"));
  assert.deepEqual(
    result.groups.map(({ title, changes }) => [title, changes.map(({ line }) => line)]),
    [["No longer on the heap", [null, null]]],
  );
});

test("bounds checks that went, and one that came with its line", () => {
  const result = compare(outcome(beforeBounds, "bounds"), outcome(afterBounds, "bounds"));
  assert.deepEqual(shown(result), [
    ["Bounds checks now in the program", ["10:10 Found IsInBounds *", "17:27 Found IsInBounds *"]],
    ["Bounds checks gone from the program", ["8:23 Found IsInBounds"]],
    ["Bounds checks now proved away", ["11:26 Proved IsInBounds"]],
  ]);
  assert.equal(result.groups[1]?.changes[0]?.line, 11);
});

test("with and without inlining", () => {
  const with_ = outcome(beforeEscape, "escape");
  const without = outcome(withoutInlining, "escape", { inline: "off" });
  const result = compare(without, with_);
  assert.deepEqual(
    result.groups.map(({ title, changes }) => [title, changes.length]),
    [
      ["Calls inlined now", 2],
      ["Can be inlined now", 3],
    ],
  );
  assert.equal(compare(with_, with_).changed, 0);
  assert.equal(compare(with_, with_).same, with_.said.length);
});

test("runs of different levels are compared by what both were asked", () => {
  const result = compare(
    outcome(level1, "escape", { level: 1 }),
    outcome(level2, "escape", { level: 2 }),
  );
  assert.deepEqual(shown(result), []);
  assert.equal(result.same, 13);
});

test("GOAMD64=v3: a call of the fallback is gone, and so are the instructions around it", () => {
  const result = compare(outcome(bitsV1, "asm"), outcome(bitsV3, "asm", { goamd64: "v3" }));
  assert.deepEqual(
    shown(result).map(([title, all]) => [title, all.map((one) => one.replace(/^\S+ /, ""))]),
    [
      [
        "Calls gone from the machine code",
        ["CALL math/bits.OnesCount64", "CALL runtime.morestack_noctxt"],
      ],
    ],
  );
  const [ones] = result.functions;
  assert.deepEqual([ones?.name, ones?.after], ["main.ones", 2]);
  assert.ok(
    ones?.ops.some(({ op, before, after }) => op === "CALL" && before === 2 && after === 0),
  );
  assert.ok(!ones?.ops.some(({ op }) => op === "POPCNTQ"));
});

test("machine code: calls for the heap and for bounds checks", () => {
  const result = compare(outcome(beforeAsm, "asm"), outcome(afterAsm, "asm"));
  assert.deepEqual(
    result.groups
      .slice(0, 3)
      .map(({ title, changes }) => [title, changes.map(({ said }) => said.at)]),
    [
      ["Now calls the allocator", ["main.go:17"]],
      ["Bounds checks now in the machine code", ["main.go:10", "main.go:17"]],
      ["Bounds checks gone from the machine code", ["main.go:8"]],
    ],
  );
});

test("the allocator under the name of another release is no other decision", () => {
  const older = {
    ...afterAsm,
    events: afterAsm.events.map((event) => ({
      ...event,
      text: event.text?.replaceAll("mallocgcSmallScanNoHeaderSC2", "newobject"),
    })),
  };
  assert.equal(compare(outcome(older, "asm"), outcome(afterAsm, "asm")).changed, 0);
});

test("each line knows its function", () => {
  const names = functions("package p\n\nfunc a() {\n\tx := 1\n}\n\nfunc (t T) b() {}\n");
  assert.deepEqual(
    [1, 3, 4, 5, 6, 7].map((line) => names.get(line)),
    [undefined, "a", "a", "a", undefined, "b"],
  );
});

test("settings on offer are those one choice away", () => {
  const request = { source: "", mode: "escape", options: { inline: false }, env: {} };
  const toolchains = toolchainsIn({
    toolchains: [
      { go: "1.27.3", default: true, goexperiment: ["a", "noa"] },
      { go: "1.26.6", goexperiment: ["b"] },
    ],
  });
  assert.deepEqual(
    bases(request, "go1.27.3", toolchains).map(({ kind, label }) => `${kind}: ${label}`),
    [
      "Flags: a build with inlining",
      "Go: go1.26.6",
      "GOEXPERIMENT: GOEXPERIMENT=a",
      "GOEXPERIMENT: GOEXPERIMENT=noa",
    ],
  );
  const asm = bases({ ...request, mode: "asm", options: {} }, "go1.27.3", []);
  assert.deepEqual(
    asm.map(({ request }) => request.options),
    [{ optimise: false }, { goamd64: "v2" }, { goamd64: "v3" }, { goamd64: "v4" }],
  );
  assert.deepEqual(toolchainsIn({ toolchains: "none" }), []);
});
