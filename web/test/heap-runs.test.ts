import assert from "node:assert/strict";
import { test } from "node:test";
import { closer, within } from "../src/pictures/heap/range.ts";
import { mostRuns, nearest, Runs } from "../src/pictures/heap/runs.ts";
import { nameOf, stopsOf, valueIn, withSetting } from "../src/pictures/heap/settings.ts";
import type { RunRequest } from "../src/protocol.ts";
import go127 from "./traces/gctrace-1.27.txt" with { type: "text" };

function request(env: Record<string, string>, source = "package main"): RunRequest {
  return { source, mode: "run", options: {}, env: { GODEBUG: "gctrace=1", ...env } };
}

test("stops are in order, with the run's own value among them", () => {
  assert.deepEqual(stopsOf("GOGC", { GOGC: "70" }).slice(2, 6), ["50", "70", "75", "100"]);
  assert.equal(stopsOf("GOGC", {}).at(-1), "off");
  const limits = stopsOf("GOMEMLIMIT", { GOMEMLIMIT: "20MiB" });
  assert.equal(limits.indexOf("20MiB"), limits.indexOf("16MiB") + 1);
  assert.equal(stopsOf("GOMEMLIMIT", { GOMEMLIMIT: "1GiB" }).at(-2), "1GiB");
  assert.equal(stopsOf("GOMEMLIMIT", { GOMEMLIMIT: "5000" })[0], "5000");
  assert.equal(stopsOf("GOMAXPROCS", {})[0], "");
});

test("what is not set has its default, and what is set back to nothing is left out", () => {
  assert.equal(valueIn("GOGC", {}), "100");
  assert.equal(valueIn("GOMEMLIMIT", {}), "off");
  assert.deepEqual(withSetting({ GOMAXPROCS: "2", GOGC: "50" }, "GOMAXPROCS", ""), { GOGC: "50" });
  assert.deepEqual(withSetting({}, "GOGC", "off"), { GOGC: "off" });
  assert.equal(nameOf({}), "defaults");
  assert.equal(nameOf({ GOMAXPROCS: "2", GOGC: "50" }), "GOGC=50 GOMAXPROCS=2");
});

test("a run with the same settings takes the place and the colour of the one before", () => {
  const runs = new Runs();
  runs.begin(request({}));
  const first = runs.begin(request({ GOGC: "50" }));
  const again = runs.begin(request({ GOGC: "50" }));
  assert.deepEqual(
    runs.list.map(({ name }) => name),
    ["defaults", "GOGC=50"],
  );
  assert.equal(again.colour, first.colour);
  assert.equal(runs.list[1], again);
});

test("other code and other knobs have another name", () => {
  const runs = new Runs();
  runs.begin(request({}));
  runs.begin(request({}, "package main // edited"));
  runs.begin(request({ GODEBUG: "gctrace=1,gcstoptheworld=1" }));
  assert.deepEqual(
    runs.list.map(({ name }) => name),
    ["defaults", "defaults code 2", "defaults gcstoptheworld=1"],
  );
});

test("the oldest makes room, and no two have one colour", () => {
  const runs = new Runs();
  for (let i = 0; i < mostRuns + 3; i++) runs.begin(request({ GOGC: String(i + 1) }));
  assert.equal(runs.list.length, mostRuns);
  assert.equal(runs.list[0]?.name, "GOGC=4");
  assert.equal(new Set(runs.list.map(({ colour }) => colour)).size, mostRuns);
});

test("lines go through the numbers of the trace", () => {
  const run = new Runs().begin(request({}));
  run.hear({ type: "sent" });
  run.hear({ type: "stdout", text: "not of the trace\n" });
  for (const text of go127.match(/.{1,7}/gs) ?? []) run.hear({ type: "stderr", text });
  const { cycles, lines } = run;
  assert.ok(cycles.length > 2);
  assert.deepEqual(
    lines.heap.y,
    cycles.flatMap(({ heap }) => heap),
  );
  assert.deepEqual(
    lines.goal.y,
    cycles.map(({ goal }) => goal),
  );
  assert.deepEqual(
    lines.goal.x,
    cycles.map(({ at }) => at),
  );
  assert.deepEqual(
    lines.pauses.y,
    cycles.flatMap(({ clock }) => [clock[0], clock[2]]),
  );
  assert.deepEqual(
    lines.share.y,
    cycles.map(({ cpuShare }) => cpuShare),
  );
});

test("the cycle nearest to a moment", () => {
  const run = new Runs().begin(request({}));
  run.hear({ type: "sent" });
  assert.equal(nearest(run.cycles, 1), -1);
  run.hear({ type: "stderr", text: go127 });
  const { cycles } = run;
  for (const [i, { at }] of cycles.entries())
    assert.equal(cycles[nearest(cycles, at)]?.at, at, `${i}`);
  assert.equal(nearest(cycles, 1e9), cycles.length - 1);
  assert.equal(nearest(cycles, -1), 0);
});

test("a closer look stays within all, and goes along with the cycle", () => {
  assert.deepEqual(closer([0, 8], 3, [0, 8]), [1, 5]);
  assert.deepEqual(closer([0, 8], 0, [0, 8]), [0, 4]);
  assert.deepEqual(closer([4, 8], 8, [0, 8]), [6, 8]);
  assert.deepEqual(closer([0, 0.001], 0, [0, 0.001]), [0, 0.001]);
  assert.deepEqual(within([2, 4], 3, [0, 8]), [2, 4]);
  assert.deepEqual(within([2, 4], 6, [0, 8]), [5, 7]);
});
