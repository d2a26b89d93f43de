/**
 * The Go benchmark format, as package benchfmt of golang.org/x/perf reads it: a line for each measurement, with its name,
 * the number of iterations, and pairs of value and unit; and `key: value` lines for what all have in common.
 */

/** All measurements of one benchmark. */
export interface Benchmark {
  /** As it is printed, without the word Benchmark: `Sum/n=10-2`. */
  name: string;
  /** The name without GOMAXPROCS at its end: `Sum/n=10`. */
  base: string;
  /** For each unit the values, in the order in which they were measured. Units are in the order of the text. */
  units: Map<string, number[]>;
}

/** What the text holds. */
export interface Report {
  /** Such as goos, goarch and cpu. */
  config: Map<string, string>;
  /** In the order of the text. */
  benchmarks: Benchmark[];
  /** Lines that begin as a measurement and are none: the program's own output is mixed with them. */
  broken: number;
}

const setting = /^(\p{Ll}[^\s:\p{Lu}]*):(?:[ \t]+(.*))?$/u;

/** Reads the lines that are complete; what comes after the last line break is not yet known. */
export function readReport(text: string): Report {
  const report: Report = { config: new Map(), benchmarks: [], broken: 0 };
  const known = new Map<string, Benchmark>();
  for (const line of text.slice(0, text.lastIndexOf("\n") + 1).split("\n")) {
    if (line.startsWith("Benchmark")) {
      readMeasurement(line, report, known);
      continue;
    }
    const [, key, value = ""] = setting.exec(line) ?? [];
    if (key) report.config.set(key, value.trim());
  }
  return report;
}

function readMeasurement(line: string, report: Report, known: Map<string, Benchmark>): void {
  const [label = "", iterations, ...pairs] = line.trim().split(/\s+/);
  // With -v, and before a benchmark with parts, the name stands alone.
  if (iterations === undefined) return;
  const values = pairs.filter((_, i) => i % 2 === 0).map(numberOf);
  const units = pairs.filter((_, i) => i % 2 === 1);
  const isWhole = /^\d+$/.test(iterations) && values.length > 0 && values.length === units.length;
  if (!isWhole || values.some(Number.isNaN)) {
    report.broken++;
    return;
  }
  const name = label.slice("Benchmark".length);
  let benchmark = known.get(name);
  if (!benchmark) {
    benchmark = { name, base: name.replace(/-\d+$/, ""), units: new Map() };
    known.set(name, benchmark);
    report.benchmarks.push(benchmark);
  }
  for (const [i, unit] of units.entries()) {
    const samples = benchmark.units.get(unit) ?? [];
    benchmark.units.set(unit, samples);
    samples.push(values[i] ?? Number.NaN);
  }
}

function numberOf(text: string): number {
  if (/^[+-]Inf$/.test(text)) return text === "+Inf" ? Infinity : -Infinity;
  return /^[+-]?(\d|\.\d)/.test(text) ? Number(text) : Number.NaN;
}

/** Units of all benchmarks, in the order in which they first occur. */
export function unitsOf(benchmarks: readonly Benchmark[]): string[] {
  return [...new Set(benchmarks.flatMap(({ units }) => [...units.keys()]))];
}

/** The same benchmark in another run, which may have had another GOMAXPROCS. */
export function counterpart(
  benchmark: Benchmark,
  others: readonly Benchmark[],
): Benchmark | undefined {
  const same = others.find(({ name }) => name === benchmark.name);
  if (same) return same;
  const akin = others.filter(({ base }) => base === benchmark.base);
  return akin.length === 1 ? akin[0] : undefined;
}
