/** Several files in one text: each begins with a line such as `-- name.go --`. */

/** The name of the file that begins with this line; undefined for any other line. */
export function fileNamedBy(line: string): string | undefined {
  return /^-- (.+) --\r*$/u.exec(line)?.[1]?.trim();
}

/** Whether a source names its files. */
export function hasNamedFiles(source: string): boolean {
  return source.split("\n").some((line) => fileNamedBy(line));
}
