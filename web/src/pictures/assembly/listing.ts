/** What `go tool compile -S` prints, as functions and instructions. Pure; a leaf. */

/** One instruction, or one of the compiler's notes that take no room. */
export interface Instruction {
  /** Offset in its function, in bytes. */
  pc: number;
  /** How many bytes it takes; 0 for what is no machine code. */
  size: number;
  /** Where the code stands that it was made of, the innermost place where code was inlined; null where the compiler does not know. */
  place: Place | null;
  /** Such as `MOVQ`. */
  operation: string;
  /** Empty where there are none. */
  operands: string;
}

/** A line of a file. Listings have no columns. */
export interface Place {
  file: string;
  /** From 1. */
  line: number;
}

/** A function that was compiled. */
export interface Func {
  /** The symbol, such as `main.f[go.shape.int]`. */
  name: string;
  /** Those of `dupok`, `nosplit` and the like. */
  attributes: string;
  /** Of its machine code, in bytes. */
  size: number;
  instructions: readonly Instruction[];
  /** The machine code, a byte as two hexadecimal digits; the linker fills in what calls and addresses leave as 00. */
  bytes: readonly string[];
}

const HEAD =
  /^(.*) S[A-Z0-9_]*TEXT[A-Z0-9_]*((?: (?:static|dupok|cfunc|nosplit|topframe|asm))*) size=(\d+)((?: \S+=0x[0-9a-f]+| leaf)*)$/;
const INSTRUCTION = /^\t0x[0-9a-f]+ (\d{5,}) \((.+?)\)\t([A-Za-z][^\t ]*)(?:\t(.*))?$/;
const BYTES = /^\t0x[0-9a-f]+((?: [0-9a-f]{2}){1,16}) +/;
/** With the place that a `//line` comment says first, which is where a reader looks. */
const PLACE = /^(.+?):(\d+)(?:\[.+:\d+\])?$/;

/** Bytes of the hex dump fill this many columns. */
const WIDTH = 16 * 3;

/** The functions that have instructions, in the listing's order, of a listing for a GOARCH. */
export function parseListing(text: string, arch: string): Func[] {
  const functions: Func[] = [];
  let instructions: Instruction[] = [];
  let bytes: string[] = [];
  let isCode = false;
  for (const line of text.split("\n")) {
    if (!line.startsWith("\t")) {
      const head = HEAD.exec(line);
      isCode = head !== null;
      if (head) {
        instructions = [];
        bytes = [];
        const [, name = "", attributes = "", size = "0"] = head;
        functions.push({
          name,
          attributes: attributes.trim(),
          size: Number(size),
          instructions,
          bytes,
        });
      }
    } else if (isCode) {
      const found = INSTRUCTION.exec(line);
      if (found) instructions.push(instruction(found));
      else if (BYTES.test(line)) bytes.push(...dumped(line));
    }
  }
  for (const one of functions) measure(one, arch);
  return functions.filter((one) => one.instructions.length > 0);
}

function instruction(found: RegExpExecArray): Instruction {
  const [, pc = "", place = "", operation = "", operands = ""] = found;
  return { pc: Number(pc), size: 0, place: placeOf(place), operation, operands };
}

/** `main.go:7`, or null for `<unknown line number>`. */
export function placeOf(text: string): Place | null {
  const found = PLACE.exec(text);
  return found ? { file: found[1] ?? "", line: Number(found[2]) } : null;
}

/** The bytes of `\t0x0010 48 8b …  H.…`; the text beside them may look like bytes as well. */
function dumped(line: string): string[] {
  const from = line.indexOf(" ");
  return line
    .slice(from + 1, from + WIDTH)
    .trimEnd()
    .split(" ");
}

/** An instruction reaches to the next one, and the last of a function to its end. */
function measure({ instructions, size }: Func, arch: string): void {
  instructions.forEach((one, index) => {
    const next = instructions[index + 1]?.pc ?? size;
    one.size = Math.max(0, next - one.pc);
  });
  const last = instructions.at(-1);
  // There each takes four bytes, and what follows the last is filling.
  if (last && arch === "arm64") last.size = Math.min(last.size, 4);
}

/** The bytes of an instruction, as `48 8b 04 24`. */
export function bytesOf({ bytes }: Func, { pc, size }: Instruction): string {
  return bytes.slice(pc, pc + size).join(" ");
}

/**
 * Where a branch leads, as an offset in the function; null for what is none, and for calls.
 * On riscv64 a listing has the distance, as `$-32`, elsewhere the offset.
 */
export function branchTarget(arch: string, one: Instruction): number | null {
  const last = one.operands.slice(one.operands.lastIndexOf(",") + 1).trim();
  if (arch === "riscv64") {
    const distance = /^(?:B[A-Z]+|JAL|JMP)$/.test(one.operation) && /^\$(-?\d+)$/.exec(last);
    return distance ? one.pc + Number(distance[1]) : null;
  }
  return isBranch(arch, one.operation) && /^\d+$/.test(last) ? Number(last) : null;
}

function isBranch(arch: string, operation: string): boolean {
  if (arch === "arm64") return /^(?:B[A-Z]*|JMP|CBN?ZW?|TBN?Z)$/.test(operation);
  return operation.startsWith("J");
}
