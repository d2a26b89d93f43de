import assert from "node:assert/strict";
import { test } from "node:test";
import {
  currentStep,
  type Happening,
  idle,
  isBusy,
  type RunState,
  reduce,
} from "../src/run-state.ts";

function after(...events: Happening[]): RunState {
  return events.reduce(reduce, idle);
}

const started: Happening = {
  type: "started",
  go: "go1.27.3",
  mode: "run",
  cached: false,
  command: "go run main.go",
};

test("a run is queued, runs, and ends", () => {
  assert.equal(after({ type: "sent" }).phase, "sent");
  const queued = after({ type: "sent" }, { type: "queued", position: 2 });
  assert.deepEqual([queued.phase, queued.position], ["queued", 2]);
  const running = reduce(queued, started);
  assert.deepEqual([running.phase, running.command], ["running", "go run main.go"]);
  assert.equal(isBusy(running), true);
  const ended = reduce(running, { type: "exit", status: "ok", code: 0 });
  assert.deepEqual([ended.phase, ended.exit?.status], ["ended", "ok"]);
  assert.equal(isBusy(ended), false);
});

test("a step is told at its start and its end, or only at its end", () => {
  const compiling = after({ type: "sent" }, { type: "step", name: "compile" });
  assert.equal(currentStep(compiling)?.name, "compile");
  const compiled = reduce(compiling, { type: "step", name: "compile", wall_ms: 12 });
  assert.equal(currentStep(compiled), undefined);
  const linked = reduce(compiled, { type: "step", name: "link", wall_ms: 3 });
  assert.deepEqual(linked.steps, [
    { name: "compile", wallMs: 12 },
    { name: "link", wallMs: 3 },
  ]);
});

test("what tools write is kept until the next run", () => {
  const ssa: Happening = { type: "artifact", name: "ssa.html", mime: "text/html", text: "<p>" };
  const written = after({ type: "sent" }, ssa);
  assert.deepEqual(written.artifacts, [ssa]);
  assert.deepEqual(after({ type: "sent" }, ssa, { type: "exit", status: "ok" }).artifacts, [ssa]);
  assert.deepEqual(
    after({ type: "sent" }, ssa, { type: "stopped" }, { type: "sent" }).artifacts,
    [],
  );
});

test("only what is said of the run as a whole is kept", () => {
  const ofRun: Happening = {
    type: "diagnostic",
    severity: "error",
    code: "memory",
    message: "too much",
  };
  const ofFile: Happening = {
    type: "diagnostic",
    file: "main.go",
    line: 3,
    severity: "information",
    code: "heap",
    message: "moved to heap: x",
  };
  assert.deepEqual(after({ type: "sent" }, ofRun, ofFile).diagnostics, [ofRun]);
});

test("each stream is counted by itself", () => {
  const state = after(
    { type: "sent" },
    { type: "stdout", text: "abc" },
    { type: "stderr", text: "de" },
    { type: "stdout", text: "f" },
  );
  assert.deepEqual(state.chars, { stdout: 4, stderr: 2 });
});

test("what comes after the end changes nothing", () => {
  const stopped = after({ type: "sent" }, started, { type: "stopped" });
  assert.equal(reduce(stopped, { type: "stdout", text: "late" }), stopped);
  assert.equal(reduce(stopped, { type: "exit", status: "cancelled" }), stopped);
  assert.equal(reduce(idle, started), idle);
});

test("a new run begins from nothing", () => {
  const ended = after({ type: "sent" }, started, { type: "exit", status: "failed", code: 3 });
  assert.deepEqual(reduce(ended, { type: "sent" }), { ...idle, phase: "sent" });
});
