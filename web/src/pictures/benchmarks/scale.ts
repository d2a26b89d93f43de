/** Where values lie on a line, and how numbers are written. Pure functions. */

/** A line from left to right. */
export interface Scale {
  isLogarithmic: boolean;
  /** Place of a value, in percent of the width. */
  at: (value: number) => number;
  /** Values to be marked. */
  ticks: number[];
}

/** From this ratio of the largest to the smallest value on, a line from 0 would show nothing of the small ones. */
const WIDE = 50;

/** Room at both ends, in percent, for half a dot. */
const MARGIN = 1.5;

/** A scale for these values, which are finite: from 0 on, or as narrow as they are. */
export function scaleOf(values: readonly number[], fromZero: boolean): Scale {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (least > 0 && most / least > WIDE) return logarithmic(least, most);
  const isNarrow = !fromZero && least < most;
  const room = (most - least) * 0.05;
  const from = isNarrow ? least - room : Math.min(0, least);
  const to = isNarrow ? most + room : Math.max(0, most) || 1;
  const at = (value: number) => within((value - from) / (to - from));
  return { isLogarithmic: false, at, ticks: roundNumbers(from, to) };
}

function logarithmic(least: number, most: number): Scale {
  const [from, to] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  const step = Math.ceil((to - from) / 5);
  const ticks: number[] = [];
  for (let power = from; power <= to; power += step) ticks.push(10 ** power);
  const at = (value: number) => within((Math.log10(value) - from) / (to - from));
  return { isLogarithmic: true, at, ticks };
}

function within(share: number): number {
  return MARGIN + (100 - 2 * MARGIN) * share;
}

/** Some four round numbers of this range. */
function roundNumbers(from: number, to: number): number[] {
  const rough = (to - from) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const ticks: number[] = [];
  for (let k = Math.ceil(from / step); k * step <= to; k++) {
    // Sums of fractions would show their rounding.
    ticks.push(Number((k * step).toPrecision(12)));
  }
  return ticks;
}

/** A number as it was printed, or the mean of two, without the dust of binary fractions. */
export function numeral(value: number): string {
  return Number(value.toPrecision(12)).toLocaleString("en-US", { maximumFractionDigits: 20 });
}
