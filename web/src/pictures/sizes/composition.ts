/**
 * What a program's file is made of, to the last byte: sections as mode `build` tells them, divided among the symbols of mode
 * `nm`. What no symbol accounts for stays undivided. Pure functions.
 */
import { type LinkedSymbol, packageOf } from "./symbols.ts";

/** A section of the program, as loaded. */
export interface Section {
  name: string;
  /** In bytes. */
  size: number;
  /** Where it is loaded; 0 where it is not. */
  addr: number;
}

/** The artifact `sections.json` of mode `build`. */
export interface Sections {
  /** Size of the file. */
  bytes: number;
  sections: Section[];
}

/** A part of the file: bytes of its own, or those of its parts. */
export interface Part {
  name: string;
  /** In bytes; the sum of its parts, where it has any. */
  size: number;
  /** The largest first, the undivided rest last. */
  parts: Part[];
  /** What is left when all that has a name is taken away. */
  isRest?: boolean;
}

/** By what the file is divided first. */
export type Division = "packages" | "sections";

/** What has no package. */
export const NO_PACKAGE = "no package";

/** What is left of the file without its sections. */
export const OUTSIDE = "outside of sections";

/** Reads the artifact; null if it is not one. */
export function readSections(text: string): Sections | null {
  try {
    const { bytes, sections } = JSON.parse(text) as Partial<Sections>;
    return typeof bytes === "number" && Array.isArray(sections) ? { bytes, sections } : null;
  } catch {
    return null;
  }
}

/** Whether a section takes no room in the file: its bytes begin as zero. */
export function isZeroed({ name }: Section): boolean {
  return /^\.(noptr|t)?bss$/.test(name);
}

/** How many bytes of its section a symbol takes. */
export interface Share {
  section: string;
  symbol: LinkedSymbol;
  bytes: number;
}

/**
 * Which section each symbol lies in, by its address. A byte is counted once: of symbols that overlap, for the one that begins
 * first, and of those that begin together, for the longest.
 */
export function sharesOf(symbols: readonly LinkedSymbol[], { sections }: Sections): Share[] {
  const loaded = sections.filter(({ addr }) => addr > 0).sort((a, b) => a.addr - b.addr);
  const sorted = [...symbols].sort((a, b) => a.address - b.address || b.size - a.size);
  const shares: Share[] = [];
  let at = 0;
  let counted = 0;
  for (const symbol of sorted) {
    const end = symbol.address + symbol.size;
    while (at < loaded.length && symbol.address >= endOf(loaded[at])) at++;
    const section = loaded[at];
    if (!section || symbol.address < section.addr || end > endOf(section)) continue;
    const bytes = end - Math.max(symbol.address, counted);
    counted = Math.max(counted, end);
    if (bytes > 0) shares.push({ section: section.name, symbol, bytes });
  }
  return shares;
}

function endOf(section: Section | undefined): number {
  return section ? section.addr + section.size : 0;
}

/** The whole file. Its size is that of the file, and that of each part the sum of its parts. */
export function compose(shares: readonly Share[], file: Sections, by: Division): Part {
  const inFile = file.sections.filter((section) => !isZeroed(section));
  const sections = inFile.map(({ name, size }) => {
    const own = shares.filter(({ section }) => section === name);
    return { name, size, own, rest: size - sum(own.map(({ bytes }) => bytes)) };
  });
  const outside = file.bytes - sum(inFile.map(({ size }) => size));
  const debug = sections.filter(({ name }) => name.startsWith(".debug_"));
  const other = sections.filter(({ name }) => !name.startsWith(".debug_"));
  const dwarf = group(
    "DWARF",
    debug.map(({ name, size }) => leaf(name, size, true)),
    true,
  );
  const parts =
    by === "sections"
      ? other.map(({ name, own, rest }) =>
          own.length === 0
            ? leaf(name, rest, true)
            : group(name, [...packages(own), leaf("without symbols", rest, true)]),
        )
      : [
          ...packages(other.flatMap(({ own }) => own)),
          ...other.map(({ name, own, rest }) =>
            leaf(own.length > 0 ? `rest of ${name}` : name, rest, true),
          ),
        ];
  return group("the file", [...parts, dwarf, leaf(OUTSIDE, outside, true)]);
}

/** What is known where only the symbols are: no more than they take in the file. */
export function composeSymbols(symbols: readonly LinkedSymbol[]): Part {
  const inFile = symbols.filter(({ size, letter }) => size > 0 && !/[bB]/.test(letter));
  return group("all symbols", packages(inFile.map((symbol) => ({ symbol, bytes: symbol.size }))));
}

/** Symbols by package. */
function packages(shares: readonly Omit<Share, "section">[]): Part[] {
  const of = new Map<string, Part[]>();
  for (const { symbol, bytes } of shares) {
    const name = packageOf(symbol.name) ?? NO_PACKAGE;
    const parts = of.get(name) ?? [];
    of.set(name, parts);
    parts.push(leaf(symbol.name, bytes));
  }
  return [...of].map(([name, parts]) => group(name, parts));
}

function leaf(name: string, size: number, isRest = false): Part {
  return { name, size, parts: [], ...(isRest && { isRest }) };
}

function group(name: string, parts: readonly Part[], isRest = false): Part {
  const sized = parts
    .filter(({ size }) => size > 0)
    .sort((a, b) => Number(a.isRest ?? false) - Number(b.isRest ?? false) || b.size - a.size);
  return { ...leaf(name, sum(sized.map(({ size }) => size)), isRest), parts: sized };
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((one, other) => one + other, 0);
}

/** A section in two programs. */
export interface Pair {
  name: string;
  /** Bytes in the file; 0 where it has no such section. */
  first: number;
  second: number;
}

/** What two files are made of, section by section, with what is outside of them last. */
export function pairs(first: Sections, second: Sections): Pair[] {
  const inFile = ({ bytes, sections }: Sections) => {
    const sizes = new Map(sections.filter((one) => !isZeroed(one)).map((s) => [s.name, s.size]));
    return sizes.set(OUTSIDE, bytes - sum([...sizes.values()]));
  };
  const [one, other] = [inFile(first), inFile(second)];
  const names = [...new Set([...one.keys(), ...other.keys()])].filter((name) => name !== OUTSIDE);
  return [...names, OUTSIDE].map((name) => ({
    name,
    first: one.get(name) ?? 0,
    second: other.get(name) ?? 0,
  }));
}
