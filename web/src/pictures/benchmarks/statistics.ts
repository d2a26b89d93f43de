/**
 * The statistics of benchstat: the median with a confidence interval of order statistics, and the Mann-Whitney U test.
 * Nothing is assumed of how measurements are distributed. Pure functions.
 */

/** At which level two samples are said to differ. */
export const ALPHA = 0.05;

/** How sure the interval of a median is to be. */
export const CONFIDENCE = 0.95;

/** Largest samples for which the test is exact, without equal values and with them; as in benchstat. */
const EXACT = 50;
const EXACT_WITH_TIES = 25;

/** The median of a sample, and between which values that of the whole distribution lies. */
export interface Summary {
  n: number;
  median: number;
  /** Infinite where there are too few measurements. */
  low: number;
  high: number;
  /** Why there is no interval. */
  warning?: string;
}

/** Of two samples that are one and the same number, the test says nothing. */
export const ALL_EQUAL = "all samples are equal";

/** Whether two samples differ. */
export interface Comparison {
  /** The probability of a difference like this, or larger, if both were of one distribution. */
  p: number;
  n1: number;
  n2: number;
  /** Why it cannot be told. */
  warning?: string;
}

/** Summarises measurements, of which there is at least one. */
export function summarise(values: readonly number[]): Summary {
  const sorted = [...values].sort((one, other) => one - other);
  const n = sorted.length;
  const [below, above] = medianBounds(n);
  const low = sorted[below - 1] ?? -Infinity;
  const high = sorted[above - 1] ?? Infinity;
  const median = ((sorted[(n - 1) >> 1] ?? NaN) + (sorted[n >> 1] ?? NaN)) / 2;
  if (below > 0 && above <= n) return { n, median, low, high };
  const warning = `need >= ${fewestForInterval()} samples for confidence interval at level ${CONFIDENCE}`;
  return { n, median, low: -Infinity, high: Infinity, warning };
}

/**
 * Between which of `n` sorted values, counted from 1, the median of the distribution lies. How many values lie below it is
 * binomial; the likeliest numbers are taken until they are likely enough, at equal chances the lower one first.
 */
function medianBounds(n: number): [below: number, above: number] {
  const chance = [2 ** -n];
  for (let k = 1; k <= n; k++) chance.push(((chance[k - 1] ?? 0) * (n - k + 1)) / k);
  const of = (k: number) => chance[k] ?? 0;
  let from = Math.ceil((n + 1) / 2) - 1;
  let to = from + 1;
  let sum = of(from);
  while (sum < CONFIDENCE && (of(from - 1) > 0 || of(to) > 0)) {
    if (of(from - 1) >= of(to)) sum += of(--from);
    else sum += of(to++);
  }
  return [from, to];
}

function fewestForInterval(): number {
  let n = 2;
  for (; ; n++) {
    const [below, above] = medianBounds(n);
    if (below > 0 && above <= n) return n;
  }
}

/** The Mann-Whitney U test, two-sided. */
export function compare(first: readonly number[], second: readonly number[]): Comparison {
  const [n1, n2] = [first.length, second.length];
  const { groups, u } = ranks(first, second);
  if (groups.length < 2) return { p: 1, n1, n2, warning: ALL_EQUAL };
  const largest = Math.max(n1, n2);
  const isExact = largest <= (groups.some((size) => size > 1) ? EXACT_WITH_TIES : EXACT);
  const p = isExact ? exactP(groups, n1, n2, u) : normalP(groups, n1, n2, u);
  const fewest = fewestForTest();
  if (p <= ALPHA || n1 >= fewest || n2 >= fewest) return { p, n1, n2 };
  const warning = `need >= ${fewest} samples to detect a difference at alpha level ${ALPHA}`;
  return { p, n1, n2, warning };
}

/** With two samples of this size, a difference can be told if all values of one are below those of the other. */
function fewestForTest(): number {
  let n = 1;
  let arrangements = 2;
  while (2 / arrangements > ALPHA) {
    n++;
    arrangements = (arrangements * (2 * n - 1) * 2) / n;
  }
  return n;
}

/** How many values are equal at each rank, and the smaller of the two U, with halves for equal values. */
function ranks(first: readonly number[], second: readonly number[]) {
  const all = [
    ...first.map((value) => ({ value, isFirst: true })),
    ...second.map((value) => ({ value, isFirst: false })),
  ].sort((one, other) => one.value - other.value);
  const groups: number[] = [];
  let rankSum = 0;
  for (let i = 0; i < all.length; ) {
    const start = i;
    while (i < all.length && all[i]?.value === all[start]?.value) i++;
    groups.push(i - start);
    // Equal values share the mean of their ranks, which begin at 1.
    const own = all.slice(start, i).filter(({ isFirst }) => isFirst).length;
    rankSum += (own * (start + 1 + i)) / 2;
  }
  const u = rankSum - (first.length * (first.length + 1)) / 2;
  return { groups, u: Math.min(u, first.length * second.length - u) };
}

/**
 * Of all ways to deal the ranks to two samples of these sizes, twice the share that gives U or less. Ways are counted rank
 * by rank (Klotz, "The Wilcoxon, Ties, and the Computer", 1966). All sums are doubled, so that they are whole.
 */
function exactP(groups: readonly number[], n1: number, n2: number, u: number): number {
  if (2 * u === n1 * n2) return 1;
  const most = 2 * u + n1 * (n1 + 1);
  // ways[k][s]: to choose k values with the doubled sum of ranks s, as far as s matters.
  let ways = Array.from({ length: n1 + 1 }, () => new Float64Array(most + 1));
  (ways[0] as Float64Array)[0] = 1;
  let ranked = 0;
  for (const size of groups) {
    const doubled = 2 * ranked + size + 1;
    ranked += size;
    const next = ways.map((sums) => sums.slice());
    for (let own = 1; own <= Math.min(size, n1); own++) {
      const choices = binomial(size, own);
      for (let k = own; k <= n1; k++) {
        const [from, to] = [ways[k - own] as Float64Array, next[k] as Float64Array];
        for (let s = own * doubled; s <= most; s++) {
          to[s] = (to[s] ?? 0) + choices * (from[s - own * doubled] ?? 0);
        }
      }
    }
    ways = next;
  }
  const atMost = (ways[n1] as Float64Array).reduce((sum, count) => sum + count, 0);
  return Math.min(1, (2 * atMost) / binomial(n1 + n2, n1));
}

function binomial(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i;
  return result;
}

/** The normal approximation, corrected for equal values and for U being discrete. */
function normalP(groups: readonly number[], n1: number, n2: number, u: number): number {
  const n = n1 + n2;
  const ties = groups.reduce((sum, size) => sum + size ** 3 - size, 0);
  const deviation = Math.sqrt(((n1 * n2) / 12) * (n + 1 - ties / (n * (n - 1))));
  const distance = Math.max(0, (n1 * n2) / 2 - u - 0.5);
  return Math.min(1, erfc(distance / deviation / Math.SQRT2));
}

/** The complementary error function for x >= 0, to within 1.5e-7 (Abramowitz and Stegun, 7.1.26). */
function erfc(x: number): number {
  const t = 1 / (1 + 0.3275911 * x);
  const terms = [0, 0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429];
  return terms.reduceRight((sum, term) => sum * t + term, 0) * Math.exp(-x * x);
}

/** The interval as benchstat prints it: how far its farther end is from the median, in percent. */
export function spread({ median, low, high }: Summary): string {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return "∞";
  if (Math.sign(low) !== Math.sign(median) || Math.sign(high) !== Math.sign(median)) return "?";
  if (median === 0) return "0%";
  return `${(100 * Math.max(high / median - 1, 1 - low / median)).toFixed(0)}%`;
}

/** What has changed, as benchstat prints it: `~` where the test tells no difference. */
export function change(from: number, to: number, { p }: Comparison): string {
  if (p > ALPHA) return "~";
  if (from === to) return "0.00%";
  if (from === 0) return "?";
  const percent = (to / from - 1) * 100;
  return `${percent < 0 ? "" : "+"}${percent.toFixed(2)}%`;
}

/** The test in short, as benchstat prints it. */
export function evidence({ p, n1, n2 }: Comparison): string {
  return `p=${p.toFixed(3)} n=${n1 === n2 ? n1 : `${n1}+${n2}`}`;
}
