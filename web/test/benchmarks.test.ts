import assert from "node:assert/strict";
import { test } from "node:test";
import { counterpart, readReport, unitsOf } from "../src/pictures/benchmarks/format.ts";
import {
  basisOf,
  filtersOf,
  nameOf,
  type Run,
  usualBase,
} from "../src/pictures/benchmarks/runs.ts";
import { numeral, scaleOf } from "../src/pictures/benchmarks/scale.ts";
import {
  change,
  compare,
  evidence,
  spread,
  summarise,
} from "../src/pictures/benchmarks/statistics.ts";

/** Printed by go1.27.3, by benchmarks with parts, bytes, a metric of their own, and one that prints. */
const printed = `goos: linux
goarch: amd64
cpu: AMD EPYC
BenchmarkMake/n=10-2         	 4160086	        31.09 ns/op	 321.61 MB/s	         5.000 half/op	      16 B/op	       1 allocs/op
BenchmarkMake/n=10-2         	 2324305	        45.27 ns/op	 220.92 MB/s	         5.000 half/op	      16 B/op	       1 allocs/op
BenchmarkMake/n=1000-2       	  293790	       635.3 ns/op	1574.03 MB/s	       500.0 half/op	    1024 B/op	       1 allocs/op
BenchmarkMake/n=1000-2       	  421437	       453.4 ns/op	2205.35 MB/s	       500.0 half/op	    1024 B/op	       1 allocs/op
words of its own
BenchmarkNoisy-2             	142783891	         0.7811 ns/op	       0 B/op	       0 allocs/op
BenchmarkNoisy-2             	words of its own
90869024	         1.128 ns/op	       0 B/op	       0 allocs/op
PASS
`;

/** The samples of benchstat's own documentation, in ns/op, before and after. */
const json = {
  old: [1726, 1723, 1707, 1707, 1713, 1729, 1736, 1707, 1705, 1774],
  new: [1423, 1416, 1411, 1413, 1412, 1426, 1422, 1424, 1447, 1425],
};
const gob = {
  old: [3069, 3075, 3069, 3067, 3207, 3064, 3064, 3058, 3059, 3062],
  new: [3075, 3065, 3059, 3065, 3060, 3081, 3186, 3135, 3087, 3062],
};

/** Measured here, ten times each, by the example iface/cost. */
const direct = [6.791, 3.074, 1.445, 3.359, 4.381, 8.497, 8.747, 5.68, 8.004, 2.842];
const indirect = [5.024, 2.087, 2.528, 5.662, 10.1, 2.268, 5.332, 2.715, 1.804, 2.877];

function near(actual: number, expected: number, within = 1e-9): void {
  assert.ok(Math.abs(actual - expected) <= within * expected, `${actual}, not ${expected}`);
}

test("measurements are read with all their units", () => {
  const { config, benchmarks } = readReport(printed);
  assert.deepEqual(
    [...config],
    [
      ["goos", "linux"],
      ["goarch", "amd64"],
      ["cpu", "AMD EPYC"],
    ],
  );
  assert.deepEqual(
    benchmarks.map(({ name }) => name),
    ["Make/n=10-2", "Make/n=1000-2", "Noisy-2"],
  );
  assert.deepEqual(unitsOf(benchmarks), ["ns/op", "MB/s", "half/op", "B/op", "allocs/op"]);
  assert.deepEqual(benchmarks[0]?.units.get("ns/op"), [31.09, 45.27]);
  assert.deepEqual(benchmarks[1]?.units.get("half/op"), [500, 500]);
});

test("a measurement that the program's own output broke is counted and not guessed", () => {
  const { benchmarks, broken } = readReport(printed);
  assert.equal(broken, 1);
  assert.deepEqual(benchmarks[2]?.units.get("ns/op"), [0.7811]);
});

test("a line counts once it is whole, wherever the text was cut", () => {
  for (let at = 0; at < printed.length; at++) {
    const begun = readReport(printed.slice(0, at));
    const lines = printed.slice(0, at).split("\n").slice(0, -1);
    const whole = lines.filter((line) => /^Benchmark\S+\s+\d+\s/.test(line)).length;
    const samples = begun.benchmarks.flatMap(({ units }) => units.get("ns/op") ?? []);
    assert.equal(samples.length, whole);
  }
});

test("a benchmark is found in a run with another GOMAXPROCS", () => {
  const one = readReport(
    "BenchmarkMake/n=10 \t 1 \t 2.0 ns/op\nBenchmarkMake/n=1000 \t 1 \t 3.0 ns/op\n",
  );
  const [first] = readReport(printed).benchmarks;
  assert.ok(first);
  assert.equal(counterpart(first, one.benchmarks)?.name, "Make/n=10");
  const other = readReport("BenchmarkOther-2 1 2.0 ns/op\n");
  assert.equal(counterpart(first, other.benchmarks), undefined);
});

test("medians, intervals and tests are those that benchstat prints of its own example", () => {
  const row = (of: { old: number[]; new: number[] }) => {
    const [before, after] = [summarise(of.old), summarise(of.new)];
    const told = compare(of.old, of.new);
    const what = change(before.median, after.median, told);
    return `${before.median} ± ${spread(before)}, ${after.median} ± ${spread(after)}, ${what} (${evidence(told)})`;
  };
  // "1.718µ ± 1%   1.423µ ± 1%  -17.20% (p=0.000 n=10)" and "3.066µ ± 0%   3.070µ ± 2%  ~ (p=0.446 n=10)".
  assert.equal(row(json), "1718 ± 1%, 1422.5 ± 1%, -17.20% (p=0.000 n=10)");
  assert.equal(row(gob), "3065.5 ± 0%, 3070 ± 2%, ~ (p=0.446 n=10)");
});

test("the test is exact, with and without equal values", () => {
  // Every one of the 184,756 ways to deal the ranks counted, in Python; without ties scipy 1.17.1 says the same:
  // mannwhitneyu(direct, indirect, method="exact").
  near(compare(gob.old, gob.new).p, 0.4461018857303687);
  near(compare(direct, indirect).p, 0.19031587607439004);
  near(compare([10, 11, 11, 12, 15], [11, 12, 13, 14, 15, 16]).p, 0.18614718614718614);
  // Tables of benchstat: the smallest p of two samples of n, and one that it tests itself.
  near(compare([1, 2, 3], [4, 5, 6]).p, 0.1);
  near(compare([1, 2, 3, 4], [5, 6, 7, 8]).p, 0.02857142857142857);
  near(compare([1, -1, -1, -1], [-1, 1, 1, 1]).p, 0.4857142857142857);
  assert.equal(compare(direct, indirect).p, compare(indirect, direct).p);
});

test("large samples take the normal approximation", () => {
  // scipy 1.17.1: mannwhitneyu(x, y, method="asymptotic", use_continuity=True).
  const x = Array.from({ length: 60 }, (_, i) => ((i * 37) % 101) / 7);
  const y = Array.from({ length: 60 }, (_, i) => ((i * 53) % 97) / 7 + 0.5);
  near(compare(x, y).p, 0.9309874465595671, 1e-6);
  near(
    compare([...json.old, ...gob.old, ...gob.new], [...json.new, ...gob.old, ...gob.new]).p,
    0.4638254985676106,
    1e-6,
  );
});

test("too few samples are said to be too few", () => {
  const interval = "need >= 6 samples for confidence interval at level 0.95";
  assert.equal(summarise([1, 2, 3, 4, 5]).warning, interval);
  assert.equal(spread(summarise([1])), "∞");
  assert.equal(summarise([-10, 2, 3, 4, 5, 6]).warning, undefined);
  assert.deepEqual(summarise([6, -10, 3, 2, 5, 4]), { n: 6, median: 3.5, low: -10, high: 6 });
  // Of two intervals that are as sure, benchstat takes the lower one: from 1 to 7, not from 2 to 8.
  const { low, high } = summarise([1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual([low, high], [1, 7]);
  const difference = "need >= 4 samples to detect a difference at alpha level 0.05";
  assert.equal(compare([1], [2]).warning, difference);
  assert.equal(compare([-1, -1, -1], [1, 1, 1]).warning, difference);
  assert.equal(compare([-1, -1, -1, -1], [1, 1, 1, 1]).warning, undefined);
  const equal = compare([1, 1, 1, 1], [1, 1, 1, 1]);
  assert.deepEqual([equal.p, equal.warning], [1, "all samples are equal"]);
});

test("the interval of the median has the chance that it should, for every number of samples", () => {
  for (let n = 6; n <= 60; n++) {
    const { low, high } = summarise(Array.from({ length: n }, (_, i) => i + 1));
    // The median lies above k of n values with the chance of k heads in n throws.
    let chance = 2 ** -n;
    let inside = 0;
    for (let k = 0; k <= n; k++) {
      if (k >= low && k < high) inside += chance;
      chance = (chance * (n - k)) / (k + 1);
    }
    assert.ok(inside >= 0.95 && inside < 0.99, `${n}: ${low} to ${high} has ${inside}`);
  }
});

test("changes and spreads of zero have words of their own", () => {
  const sure = { p: 0.01, n1: 10, n2: 10 };
  assert.equal(change(0, 0, sure), "0.00%");
  assert.equal(change(0, 8, sure), "?");
  assert.equal(change(2, 3, sure), "+50.00%");
  assert.equal(change(2, 3, { ...sure, p: 0.06 }), "~");
  assert.equal(spread({ n: 6, median: 0, low: 0, high: 0 }), "0%");
  assert.equal(spread({ n: 6, median: 0, low: 0, high: 3 }), "?");
});

function runOf(number: number, text: string, source = "a", env: Record<string, string> = {}): Run {
  const request = { source, mode: "bench", options: {}, env };
  const report = readReport(text);
  return { number, request, isOwn: false, text, report, exit: null, lost: "" };
}

test("a run is compared with the last one of other code or settings, else within itself", () => {
  const own = runOf(4, printed);
  assert.deepEqual(usualBase(own, []), { benchmark: "Make/n=10-2" });
  assert.deepEqual(usualBase(own, [runOf(1, printed)]), { benchmark: "Make/n=10-2" });
  const earlier = [
    runOf(1, printed, "b"),
    runOf(2, printed, "a", { GOGC: "off" }),
    runOf(3, printed),
  ];
  assert.deepEqual(usualBase(own, earlier), { run: 2 });
  assert.deepEqual(usualBase(own, [runOf(1, "BenchmarkOther 1 2 ns/op\n", "b")]), {
    benchmark: "Make/n=10-2",
  });
  assert.equal(usualBase(runOf(2, "BenchmarkOnly 1 2 ns/op\n"), []), null);
  assert.equal(nameOf(earlier[1] as Run, own), "Run 2, the same code, GOGC=off, measured 2 times");
  assert.equal(
    nameOf(runOf(1, "BenchmarkA 1 2 ns/op\n", "b"), own),
    "Run 1, other code, measured once",
  );
});

test("what a benchmark is compared with is of the same unit, and never itself", () => {
  const own = runOf(2, printed);
  const [small, large] = own.report.benchmarks;
  assert.ok(small && large);
  const inside = { benchmark: small.name };
  assert.equal(basisOf(small, "ns/op", inside, own, []), undefined);
  assert.deepEqual(basisOf(large, "half/op", inside, own, []), [5, 5]);
  const before = runOf(1, "BenchmarkMake/n=1000 1 7.5 ns/op\n");
  assert.deepEqual(basisOf(large, "ns/op", { run: 1 }, own, [before]), [7.5]);
  assert.equal(basisOf(large, "B/op", { run: 1 }, own, [before]), undefined);
  own.request.options.filter = "Make/n=10$";
  assert.deepEqual(filtersOf(own), ["Make/n=10$"]);
  own.request.options.filter = "";
  assert.deepEqual(filtersOf(own), ["^BenchmarkMake$", "^BenchmarkNoisy$"]);
});

test("a scale holds all values, begins at zero or not, and is logarithmic where it must be", () => {
  const zero = scaleOf([40, 42], true);
  const narrow = scaleOf([40, 42], false);
  assert.ok(zero.at(42) - zero.at(40) < 10 && narrow.at(42) - narrow.at(40) > 80);
  assert.deepEqual(zero.ticks, [0, 20, 40]);
  const wide = scaleOf([3, 2000], true);
  assert.ok(wide.isLogarithmic);
  assert.deepEqual(wide.ticks, [1, 10, 100, 1000, 10000]);
  assert.ok(!scaleOf([0, 2000], true).isLogarithmic);
  for (const values of [[0], [0, 0], [7], [7, 7], [1e-9, 3e-9], [-2, 5], [0.7811, 1e12]]) {
    for (const fromZero of [true, false]) {
      const { at, ticks } = scaleOf(values, fromZero);
      for (const value of values) assert.ok(at(value) >= 1 && at(value) <= 99, `${values}`);
      assert.ok(ticks.length > 0 && ticks.length < 8, `${values}: ${ticks}`);
    }
  }
});

test("numbers are written as they were printed", () => {
  for (const [value, text] of [
    [31.09, "31.09"],
    [0.7811, "0.7811"],
    [1574.03, "1,574.03"],
    [56192, "56,192"],
    [690848123, "690,848,123"],
    [3065.5, "3,065.5"],
    [(0.1 + 0.2) / 2, "0.15"],
    [0, "0"],
  ] as const) {
    assert.equal(numeral(value), text);
  }
});
