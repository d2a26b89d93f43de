/** The lines of a trace that comes in pieces, cut anywhere. Pure. */

/** Collects pieces, and hands out the lines that they complete. */
export class TraceLines {
  #rest = "";

  /** Takes the next piece; returns the lines that ended in it, without their ends. */
  push(text: string): string[] {
    // Text without an end of line is not searched again and again.
    if (!text.includes("\n")) {
      this.#rest += text;
      return [];
    }
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    return lines;
  }

  /** What came since the last end of a line. */
  get rest(): string {
    return this.#rest;
  }
}

/** How often any of `marks` stands in a text. */
export function countMarks(text: string, marks: readonly string[]): number {
  return marks.reduce((sum, mark) => sum + text.split(mark).length - 1, 0);
}

/** What is said of lines that are not drawn, since other output of the program stands in the midst of them. */
export function mixedNote(count: number): string {
  const lines = count === 1 ? "1 line of the trace is" : `${count} lines of the trace are`;
  return `${lines} mixed with the program's own output and not drawn.`;
}

/** What is said of a last line that has no end. */
export const unfinishedNote = "The last line of the trace has no end. It is not drawn.";
