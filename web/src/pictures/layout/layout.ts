/** What mode `layout` says of struct types: its artifact `layout.json`, which `src/toolchain/tools/layout.go` writes. */

/** A field. Sizes and offsets are in bytes. */
export interface Field {
  /** Empty for an embedded one. */
  name: string;
  type: string;
  /** From the start of what it is a field of. */
  offset: number;
  size: number;
  align: number;
  /** Unused bytes that follow it. */
  padding: number;
  /** The fields within, of a struct that the reader's package declares. */
  fields?: Field[];
}

/** Lines that declare one field, or several that share a type. Lines count from 1. */
export interface Declaration {
  line: number;
  end_line: number;
  fields: number;
}

/** A struct type. */
export interface Struct {
  name: string;
  file: string;
  line: number;
  size: number;
  align: number;
  /** Its own unused bytes; those within its fields are not among them. */
  padding: number;
  fields: Field[];
  /** Where the last pointer ends. */
  pointer_bytes: number;
  /** What the runtime takes for one on the heap, where it was measured. */
  block?: number;
  /** Missing where lines cannot be moved. */
  declarations?: Declaration[];
  /** Why they cannot. */
  fixed?: string;
  /** Literals that list values without the names of fields. */
  positional?: { file: string; line: number }[];
}

/** All struct types of a package on one architecture. */
export interface Layout {
  arch: string;
  structs: Struct[];
}

/** The name of the artifact. */
export const artifactName = "layout.json";

/** Reads the artifact; null for what is none. */
export function readLayout(text: string): Layout | null {
  try {
    const value: unknown = JSON.parse(text);
    const isLayout = typeof value === "object" && value !== null && "structs" in value;
    return isLayout && Array.isArray(value.structs) ? (value as Layout) : null;
  } catch {
    return null;
  }
}

/** What tells a struct from the others, whatever the order of its fields. */
export function keyOf({ file, line, name }: Struct): string {
  return `${file}:${line}:${name}`;
}

/** A field as a reader names it. Of an embedded one, that is the last part of its type. */
export function nameOf({ name, type }: Field): string {
  return name || (/([\p{L}_][\p{L}\p{N}_]*)(\[.*\])?$/u.exec(type)?.[1] ?? type);
}
