import assert from "node:assert/strict";
import { test } from "node:test";
import { lanesOf, momentSentence } from "../src/pictures/scheduler/scene.ts";
import {
  gStatus,
  pStatus,
  readSnapshot,
  SchedTrace,
  tickRate,
} from "../src/pictures/scheduler/sched-trace.ts";
import { groups, threadSentence } from "../src/pictures/scheduler/views.ts";
import detail125 from "./traces/scheddetail-1.25.txt" with { type: "text" };
import detail127 from "./traces/scheddetail-1.27.txt" with { type: "text" };
import go125 from "./traces/schedtrace-1.25.txt" with { type: "text" };
import go126 from "./traces/schedtrace-1.26.txt" with { type: "text" };
import go127 from "./traces/schedtrace-1.27.txt" with { type: "text" };

function read(...pieces: string[]): SchedTrace {
  const trace = new SchedTrace();
  for (const piece of pieces) trace.push(piece);
  return trace;
}

test("each part of a line is read", () => {
  assert.deepEqual(
    readSnapshot(
      "SCHED 147ms: gomaxprocs=2 idleprocs=0 threads=4 spinningthreads=3 needspinning=1 idlethreads=5 runqueue=9 [ 4 1 ] schedticks=[ 7 11 ]",
    ),
    {
      at: 147,
      procs: 2,
      idleProcs: 0,
      threads: 4,
      spinning: 3,
      needSpinning: 1,
      idleThreads: 5,
      global: 9,
      queues: [4, 1],
      ticks: [7, 11],
      detail: null,
    },
  );
});

test("a moment at which the main thread is locked, but idle no more", () => {
  const line =
    "SCHED 0ms: gomaxprocs=2 idleprocs=1 threads=4 spinningthreads=0 needspinning=0 idlethreads=2 runqueue=0 gcwaiting=false nmidlelocked=-1 stopwait=0 sysmonwait=false";
  assert.deepEqual(readSnapshot(line)?.detail?.stopWait, 0);
});

test("Go 1.22 wrote less", () => {
  const line =
    "SCHED 0ms: gomaxprocs=2 idleprocs=1 threads=4 spinningthreads=0 needspinning=0 idlethreads=2 runqueue=0 [3 0]";
  assert.deepEqual(readSnapshot(line)?.queues, [3, 0]);
  assert.deepEqual(readSnapshot(line)?.ticks, [null, null]);
});

for (const [version, text] of Object.entries({ 1.25: go125, 1.26: go126, 1.27: go127 })) {
  test(`a real trace of Go ${version} is read to the last line`, () => {
    const trace = read(text);
    const lines = text.trimEnd().split("\n");
    assert.ok(lines.length >= 5);
    assert.equal(trace.snapshots.length, lines.length);
    assert.equal(trace.mixed, 0);
    for (const [i, { at, global, queues, ticks }] of trace.snapshots.entries()) {
      assert.ok(lines[i]?.startsWith(`SCHED ${at}ms: `));
      assert.ok(
        lines[i]?.endsWith(
          ` runqueue=${global} [ ${queues.join(" ")} ] schedticks=[ ${ticks.join(" ")} ]`,
        ),
      );
    }
  });
}

for (const [version, text] of Object.entries({ 1.25: detail125, 1.27: detail127 })) {
  test(`a real scheddetail of Go ${version} is read to the last line`, () => {
    const trace = read(text);
    const lines = text.trimEnd().split("\n");
    const parts = (letter: string) => lines.filter((line) => line.startsWith(`  ${letter}`)).length;
    const details = trace.snapshots.flatMap(({ detail }) => detail ?? []);
    assert.equal(details.length, lines.filter((line) => line.startsWith("SCHED ")).length);
    assert.equal(details.flatMap(({ ps }) => ps).length, parts("P"));
    assert.equal(details.flatMap(({ ms }) => ms).length, parts("M"));
    assert.equal(details.flatMap(({ gs }) => gs).length, parts("G"));
    assert.equal(parts("P") + parts("M") + parts("G") + details.length, lines.length);
    assert.equal(trace.mixed, 0);
    for (const { queues, ticks, detail } of trace.snapshots) {
      assert.deepEqual(
        queues,
        detail?.ps.map(({ queue }) => queue),
      );
      assert.deepEqual(
        ticks,
        detail?.ps.map(({ schedTick }) => schedTick),
      );
    }
  });
}

test("a trace cut anywhere reads as the whole does", () => {
  const text = detail127.slice(0, 4000);
  const whole = read(text).snapshots;
  for (let at = 0; at <= text.length; at += 3)
    assert.deepEqual(read(text.slice(0, at), text.slice(at)).snapshots, whole);
});

test("lines with other output in them are counted, and their numbers are not known", () => {
  const lines = detail127.split("\n");
  const p1 = lines.findIndex((line) => line.startsWith("  P1: "));
  const [before = "", after = ""] = (lines[p1] ?? "").split(" runqsize=");
  const mixed = read(
    [...lines.slice(0, p1), `${before}note`, ` runqsize=${after}`, ...lines.slice(p1 + 1)].join(
      "\n",
    ),
  );
  assert.equal(mixed.mixed, 1);
  assert.deepEqual(mixed.snapshots[0]?.queues[1], null);
  assert.equal(mixed.snapshots.length, read(detail127).snapshots.length);
});

test("what follows a lost first line is not said of the moment before", () => {
  const text = detail127.split("\nSCHED ");
  const whole = read(detail127).snapshots;
  const trace = read([text[0], `note ${text[1]}`].join("\nSCHED "));
  assert.deepEqual(trace.snapshots, whole.slice(0, 1));
  assert.equal(trace.mixed, 1);
});

test("the rate of a P is of the time since the moment before", () => {
  const { snapshots } = read(go127);
  assert.equal(tickRate(snapshots, 0, 0), null);
  const [one, other] = [snapshots[1], snapshots[2]];
  assert.ok(one && other);
  const begun = (other.ticks[0] ?? 0) - (one.ticks[0] ?? 0);
  assert.equal(tickRate(snapshots, 2, 0), begun / (other.at - one.at));
});

test("names of statuses; a reason only where it waits", () => {
  assert.equal(gStatus({ status: 4, reason: "chan receive" }), "waiting: chan receive");
  assert.equal(gStatus({ status: 2, reason: "chan receive" }), "running");
  assert.equal(gStatus({ status: 0x1001, reason: "" }), "runnable, its stack is scanned");
  assert.equal(pStatus(3), "stopped for the collector");
  assert.equal(pStatus(77), "status 77");
});

test("threads and goroutines of a moment", () => {
  const detail = read(detail127).snapshots[1]?.detail;
  assert.ok(detail);
  const { ms, gs } = detail;
  assert.equal(
    groups(gs).reduce((sum, [, ids]) => sum + ids.length, 0),
    gs.length,
  );
  const runs = ms.find(({ p, g }) => p !== null && g !== null);
  assert.ok(runs);
  assert.equal(threadSentence(runs, gs), `runs G${runs.g} on P${runs.p}`);
  const sleeps = { ...runs, p: null, g: null, isBlocked: true };
  assert.equal(threadSentence(sleeps, gs), "idle until it is needed");
});

test("a lane for threads, idle Ps, the global queue and each P", () => {
  const { snapshots } = read(go127);
  const lanes = lanesOf(snapshots, "queue");
  assert.deepEqual(
    lanes.map(({ name }) => name),
    ["Threads", "Idle Ps", "Global queue", "P0", "P1"],
  );
  assert.deepEqual(
    lanes[4]?.parts[0]?.values,
    snapshots.map(({ queues }) => queues[1]),
  );
  assert.deepEqual(
    lanes[2]?.parts[0]?.values,
    snapshots.map(({ global }) => global),
  );
  const [first] = snapshots;
  assert.ok(first);
  assert.match(momentSentence(first), /^At 0 ms: 2 Ps, \d of them idle\./);
});
