/** The reader's code as lines, each with the file that the toolchain sees it in. Pure. */
import { fileNamedBy, lone } from "../../txtar.ts";
import type { Place } from "./listing.ts";

/** A line of what was sent. */
export interface SourceLine {
  text: string;
  /** Empty for a line that separates files. */
  file: string;
  /** In its file, from 1; 0 for a line that separates files. */
  line: number;
}

/** The lines of one Go file, or of several in txtar form. */
export function sourceLines(source: string): SourceLine[] {
  let file = lone;
  let line = 0;
  const lines = source.replace(/\n$/, "").split("\n");
  return lines.map((text) => {
    const name = fileNamedBy(text);
    if (!name) return { text, file, line: ++line };
    file = name;
    line = 0;
    return { text, file: "", line };
  });
}

/** Finds the row of a place among the lines; undefined for a place in another file, such as one of the standard library. */
export function rowFinder(lines: readonly SourceLine[]): (place: Place) => number | undefined {
  const rows = new Map(lines.map(({ file, line }, row) => [`${file}:${line}`, row]));
  return ({ file, line }) => (line > 0 ? rows.get(`${file}:${line}`) : undefined);
}
