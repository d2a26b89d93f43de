/** Stretches of time, in seconds. Pure. */

export type Range = readonly [from: number, to: number];

/** No less than this is shown: the trace knows no shorter time than a millisecond. */
const shortest = 0.002;

/** A stretch of some length around a moment, as far as it lies within all. */
function around(moment: number, length: number, all: Range): Range {
  const whole = all[1] - all[0];
  if (length >= whole) return all;
  const from = Math.min(Math.max(moment - length / 2, all[0]), all[1] - length);
  return [from, from + length];
}

/** Half of a stretch, around a moment. */
export function closer(range: Range, moment: number, all: Range): Range {
  return around(moment, Math.max(shortest, (range[1] - range[0]) / 2), all);
}

/** The stretch, moved if need be so that a moment lies in it. */
export function within(range: Range, moment: number, all: Range): Range {
  const isIn = moment >= range[0] && moment <= range[1];
  return isIn ? range : around(moment, range[1] - range[0], all);
}
