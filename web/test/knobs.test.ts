import assert from "node:assert/strict";
import { test } from "node:test";
import { Knobs } from "../src/knobs.ts";
import { choices, type SnippetData, type Variant } from "../src/page-data.ts";

const trace: Variant = {
  name: "trace",
  mode: "run",
  label: "trace",
  options: {},
  env: { GODEBUG: "gctrace=1", GOMAXPROCS: "2" },
  knobs: ["GODEBUG", "GOGC"],
};
const quiet: Variant = { ...trace, name: "quiet", env: {} };

test("without a change the variant's own environment holds", () => {
  assert.deepEqual(new Knobs().environment(trace), trace.env);
  assert.equal(new Knobs().changed, false);
});

test("a knob is set, and an emptied one is left out", () => {
  const knobs = new Knobs().with(trace, "GOGC", " 50 ").with(trace, "GODEBUG", "");
  assert.deepEqual(knobs.environment(trace), { GOMAXPROCS: "2", GOGC: "50" });
  assert.equal(knobs.changed, true);
});

test("values stay with their variant", () => {
  const knobs = new Knobs().with(trace, "GOGC", "50");
  assert.equal(knobs.value(quiet, "GOGC"), "");
  assert.equal(knobs.value(trace, "GOGC"), "50");
});

test("setting a knob back is no change", () => {
  const knobs = new Knobs().with(trace, "GOGC", "50").with(trace, "GOGC", "");
  assert.equal(knobs.changed, false);
});

test("modes that no variant uses are offered after the variants", () => {
  const snippet: SnippetData = {
    example: "gc/trace",
    title: "",
    source: "",
    variants: [trace],
    variant: "trace",
  };
  const modes = [
    { name: "run", label: "Run" },
    { name: "asm", label: "Assembly" },
  ];
  assert.deepEqual(
    choices(snippet, modes).map((choice) => [choice.name, choice.mode]),
    [
      ["trace", "run"],
      ["mode:asm", "asm"],
    ],
  );
});
