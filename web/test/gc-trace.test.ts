import assert from "node:assert/strict";
import { test } from "node:test";
import { endOf, GcTrace, readCycle, summary } from "../src/pictures/heap/gc-trace.ts";
import go125 from "./traces/gctrace-1.25.txt" with { type: "text" };
import go126 from "./traces/gctrace-1.26.txt" with { type: "text" };
import go127 from "./traces/gctrace-1.27.txt" with { type: "text" };
import mixed from "./traces/gctrace-mixed.txt" with { type: "text" };

function read(...pieces: string[]): GcTrace {
  const trace = new GcTrace();
  for (const piece of pieces) trace.push(piece);
  return trace;
}

test("each part of a line is read", () => {
  const line =
    "gc 2 @0.029s 4%: 0.18+17+0.058 ms clock, 0.37+0.1/16/0.2+0.11 ms cpu, 12->15->10 MB, 15 MB goal, 1 MB stacks, 3 MB globals, 2 P (forced)";
  assert.deepEqual(readCycle(line), {
    number: 2,
    at: 0.029,
    cpuShare: 4,
    findsLeaks: false,
    clock: [0.18, 17, 0.058],
    cpu: [0.37, 0.1, 16, 0.2, 0.11],
    heap: [12, 15, 10],
    goal: 15,
    stacks: 1,
    globals: 3,
    procs: 2,
    isForced: true,
    scanned: [],
  });
  assert.equal(readCycle(`${line}x`), null);
  assert.equal(
    readCycle(line.replace("4%:", "4% (checking for goroutine leaks):"))?.findsLeaks,
    true,
  );
});

for (const [version, text] of Object.entries({ 1.25: go125, 1.26: go126, 1.27: go127 })) {
  test(`a real trace of Go ${version} is read to the last line`, () => {
    const trace = read(text);
    const lines = text.split("\n").filter((line) => line.startsWith("gc "));
    assert.ok(lines.length >= 3);
    assert.equal(trace.cycles.length, lines.length);
    for (const [i, { heap, goal, procs }] of trace.cycles.entries())
      assert.ok(lines[i]?.includes(` ${heap.join("->")} MB, ${goal} MB goal, `), `${procs}`);
    const scans = text.split("\n").filter((line) => line.startsWith("scan: "));
    assert.equal(trace.cycles.flatMap(({ scanned }) => scanned).length, scans.length);
    for (const { scanned } of trace.cycles) {
      const [all, ...sizes] = scanned;
      assert.equal(all?.size, null);
      assert.equal(
        sizes.reduce((sum, { objects }) => sum + objects, 0),
        all?.objects,
      );
    }
    assert.equal(trace.mixed, 0);
    assert.equal(trace.isUnfinished, false);
  });
}

test("only a collector that scans spans tells of them", () => {
  assert.equal(read(go125).cycles[0]?.scanned[0]?.spans, null);
  assert.equal(typeof read(go127).cycles[0]?.scanned[0]?.spans, "number");
});

test("a trace cut anywhere reads as the whole does", () => {
  const whole = read(go127);
  for (let at = 0; at <= go127.length; at++) {
    const { cycles, mixed, isUnfinished } = read(go127.slice(0, at), go127.slice(at));
    assert.deepEqual(
      { cycles, mixed, isUnfinished },
      { cycles: whole.cycles, mixed: 0, isUnfinished: false },
    );
  }
});

test("lines that the program wrote into are counted and not read", () => {
  // A real one, less the notes that stood between lines. The program said by itself that there were
  // 41 cycles (runtime.MemStats.NumGC).
  const trace = read(mixed);
  assert.ok(trace.mixed > 0);
  assert.equal(trace.cycles.length + trace.mixed, 41);
  const numbers = trace.cycles.map(({ number }) => number);
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((one, other) => one - other),
  );
});

test("what scan lines of a lost cycle say is not said of the one before", () => {
  const lines = go127.split("\n");
  const second = lines.findIndex((line) => line.startsWith("gc 2 "));
  const before = read(lines.slice(0, second).join("\n").concat("\n")).cycles[0];
  lines[second] = `a note ${lines[second]}`;
  const trace = read(lines.join("\n"));
  assert.deepEqual(trace.cycles[0], before);
  assert.equal(trace.mixed, 1);
});

test("a line without an end is said to be so", () => {
  const line = go126.split("\n")[0] ?? "";
  assert.equal(read(line).isUnfinished, true);
  assert.equal(read(line).cycles.length, 0);
  assert.equal(read("hello").isUnfinished, false);
});

test("times of a cycle, and what all come to", () => {
  const { cycles } = read(go125);
  const [first] = cycles;
  assert.ok(first);
  assert.equal(endOf(first), first.at + (first.clock[0] + first.clock[1] + first.clock[2]) / 1000);
  const sum = summary(cycles);
  assert.equal(sum.cycles, cycles.length);
  assert.equal(sum.peak, Math.max(...cycles.flatMap(({ heap }) => heap)));
  assert.equal(sum.longestPause, Math.max(...cycles.flatMap(({ clock }) => [clock[0], clock[2]])));
  assert.equal(summary([]).cpuShare, null);
});
