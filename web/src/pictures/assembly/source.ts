/** The reader's code as lines, each with the file that the toolchain sees it in. Pure. */
import type { Place } from "./listing.ts";

/** A line of what was sent. */
export interface SourceLine {
  text: string;
  /** Empty for a line that separates files. */
  file: string;
  /** In its file, from 1; 0 for a line that separates files. */
  line: number;
}

/** What a lone file is called. */
const MAIN = "main.go";

const MARKER = /^-- (\S.*) --\s*$/;

/** The lines of one Go file, or of several in txtar form. */
export function sourceLines(source: string): SourceLine[] {
  const lines = source.replace(/\n$/, "").split("\n");
  const hasFiles = lines.some((text) => MARKER.test(text));
  let file = hasFiles ? "" : MAIN;
  let line = 0;
  return lines.map((text) => {
    const marker = MARKER.exec(text);
    if (marker) {
      file = marker[1] ?? "";
      line = 0;
      return { text, file: "", line: 0 };
    }
    line++;
    return file ? { text, file, line } : { text, file: "", line: 0 };
  });
}

/** Finds the row of a place among the lines; undefined for a place in another file, such as one of the standard library. */
export function rowFinder(lines: readonly SourceLine[]): (place: Place) => number | undefined {
  const rows = new Map(lines.map(({ file, line }, row) => [`${file}:${line}`, row]));
  return ({ file, line }) => (line > 0 ? rows.get(`${file}:${line}`) : undefined);
}
