/** What `go tool nm -size -sort size` prints: a line for each symbol. Pure functions. */

/** A symbol of the linked program. */
export interface LinkedSymbol {
  name: string;
  /** Where it is loaded, in bytes. */
  address: number;
  /** In bytes. */
  size: number;
  /** nm's letter: T and t code, R and r read-only data, D and d data, B and b what begins as zero. */
  letter: string;
}

const row = /^ *([0-9a-f]+) +(\d+) (\S) (.+)$/;

/** The symbols of nm's output. Those without an address lie elsewhere, and are left out. */
export function readSymbols(text: string): LinkedSymbol[] {
  return text.split("\n").flatMap((line) => {
    const [, address, size, letter, name] = row.exec(line) ?? [];
    if (!address || !size || !letter || !name) return [];
    return [{ name, address: Number.parseInt(address, 16), size: Number(size), letter }];
  });
}

/**
 * The import path of the package that a symbol belongs to, by the rules of debug/gosym: null for what the compiler and the
 * linker make, and for assembly without a package.
 */
export function packageOf(name: string): string | null {
  if (/^(go:|type:|\$)/.test(name)) return null;
  // Type arguments have dots and slashes of their own.
  const plain = name.replace(/\[.*\]/, "");
  const path = Math.max(0, plain.lastIndexOf("/"));
  const dot = plain.indexOf(".", path);
  if (dot <= 0 || plain.startsWith("_.")) return null;
  // The linker writes the dots of a path's last part as %2e.
  return plain.slice(0, dot).replace(/%2e/g, ".");
}
