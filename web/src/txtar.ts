/** Several files in one text, as the service reads it: each begins with a line such as `-- name.go --`. */

/** The name of the file that begins with this line; undefined for any other line. */
export function fileNamedBy(line: string): string | undefined {
  return /^-- (.+) --\r*$/u.exec(line)?.[1]?.trim();
}

/** Whether a source names its files. */
export function hasNamedFiles(source: string): boolean {
  return source.split("\n").some((line) => fileNamedBy(line));
}

/** A file, and where it stands in the text. */
export interface Part {
  name: string;
  text: string;
  /** How many lines of the whole text are before its first. */
  before: number;
}

/** What a lone source is called. */
export const lone = "main.go";

/** The files of a source, in its order. What stands before the first marker is `main.go`. */
export function parts(source: string): Part[] {
  const found: Part[] = [{ name: lone, text: "", before: 0 }];
  const lines = source.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  for (const [at, line] of lines.entries()) {
    const name = fileNamedBy(line.replace(/\n$/, ""));
    if (name) found.push({ name, text: "", before: at + 1 });
    else (found.at(-1) as Part).text += line;
  }
  if (found.length > 1 && found[0]?.text.trim() === "") found.shift();
  return found;
}

/** One text of several files. */
export function join(files: readonly Pick<Part, "name" | "text">[]): string {
  const ended = (text: string) => (text === "" || text.endsWith("\n") ? text : `${text}\n`);
  return files.map(({ name, text }) => `-- ${name} --\n${ended(text)}`).join("");
}

/** The line of the whole text where a line of a file is; null if the file is not there. Lines count from 1. */
export function lineInText(files: readonly Part[], file: string, line: number): number | null {
  const part = files.find(({ name }) => name === file);
  return part ? part.before + line : null;
}
