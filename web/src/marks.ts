/** Marks on the code: what pictures put there and the editor draws. Plain data: this imports nothing. */

/** How a mark looks. All but the last two have a letter beside the number of their line, the first of these the loudest. */
export const looks = [
  "heap",
  "check",
  "leak",
  "direct",
  "inline",
  "stack",
  "proved",
  "step",
  "line",
] as const;

export type Look = (typeof looks)[number];

/** A place in the code. Both count from 1; the column in bytes, as the toolchain has it. */
export interface Spot {
  line: number;
  /** Without one, the whole line is meant. */
  column?: number | undefined;
}

/** A place that looks different, and why. */
export interface Mark extends Spot {
  look: Look;
  /** What is said of it to who points at it. */
  text: string;
}

/** An arrow from one place to another; the one `now` is shown over all others. */
export interface Arrow {
  from: Spot;
  to: Spot;
  now: boolean;
}

/** All that a picture has to show on the code. */
export interface Marks {
  /** The code that it is about. Lines that were changed since carry no marks. */
  source: string;
  marks: readonly Mark[];
  arrows: readonly Arrow[];
  /** Where the code is scrolled to, if that is out of sight. */
  show?: Spot;
}

/** How many UTF-16 units of `text` stand before a column, which counts bytes from 1; at most all of them. */
export function unitsBefore(text: string, column: number): number {
  let units = 0;
  let bytes = 1;
  for (const letter of text) {
    if (bytes >= column) break;
    const point = letter.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    units += letter.length;
  }
  return units;
}
