/** Which parts of a function a reader can do without at first: found by what they are, told by their names. Pure. */
import { branchTarget, type Func, type Instruction } from "./listing.ts";

/** A part that is folded. */
export type Fold = "stack" | "notes" | "panics";

/** What a line says that stands for a folded part: its name, and what it is. */
export const foldNames: Record<Fold, readonly [string, string]> = {
  stack: [
    "stack check and morestack",
    "Whether the stack has room; if not, morestack makes a larger one.",
  ],
  notes: ["PCDATA and FUNCDATA", "Tables for the collector and for tracebacks. No machine code."],
  panics: ["panic tails", "What runs when a check fails. It does not come back."],
};

const MORESTACK = /\bruntime\.morestack(?:_noctxt|c)?(?:\(SB\)|$)/;
const PANIC = /\bruntime\.panic\w+(?:\(SB\)|$)/;

/** The part that each instruction of a function belongs to; null for what is never folded. */
export function foldsOf(arch: string, { instructions }: Func): (Fold | null)[] {
  const folds: (Fold | null)[] = instructions.map(() => null);
  const targets = new Set(instructions.map((one) => branchTarget(arch, one)));
  instructions.forEach((one, at) => {
    if (isCall(one) && PANIC.test(one.operands)) markPanic(arch, instructions, targets, folds, at);
  });
  const morestack = instructions.findIndex((one) => isCall(one) && MORESTACK.test(one.operands));
  if (morestack >= 0) markStackCheck(arch, instructions, targets, folds, morestack);
  instructions.forEach((one, at) => {
    if (isNote(one)) folds[at] = "notes";
  });
  return folds;
}

/** From the start of the block up to the call, which does not come back, and what fills the room behind it. */
function markPanic(
  arch: string,
  instructions: readonly Instruction[],
  targets: ReadonlySet<number | null>,
  folds: (Fold | null)[],
  call: number,
): void {
  for (let at = blockStart(arch, instructions, targets, call); at <= call; at++)
    folds[at] = "panics";
  for (let at = call + 1; at < instructions.length; at++) {
    const one = instructions[at];
    if (!one || targets.has(one.pc) || !(isFiller(one) || isNote(one))) break;
    folds[at] = "panics";
  }
}

/**
 * The comparison with the stack's bound and the branch, at the start; the call of morestack, with arguments put away
 * before and taken back after, up to the jump back to the start.
 */
function markStackCheck(
  arch: string,
  instructions: readonly Instruction[],
  targets: ReadonlySet<number | null>,
  folds: (Fold | null)[],
  call: number,
): void {
  const start = blockStart(arch, instructions, targets, call);
  const back = instructions.findIndex((one, at) => at > call && branchTarget(arch, one) === 0);
  const end = back < 0 ? call : back;
  for (let at = start; at <= end; at++) folds[at] = "stack";
  const tail = instructions[start]?.pc;
  const toTail = instructions.findLastIndex(
    (one, at) => at < start && branchTarget(arch, one) === tail,
  );
  // On riscv64 the call stands where the function begins, and the branch leads over it.
  const branch = toTail < 0 ? start - 1 : toTail;
  for (let at = 0; at <= branch; at++) {
    if (instructions[at]?.operation !== "TEXT") folds[at] = "stack";
  }
}

/** Where the block begins that an instruction is in: behind a branch, or where one leads. */
function blockStart(
  arch: string,
  instructions: readonly Instruction[],
  targets: ReadonlySet<number | null>,
  at: number,
): number {
  let start = at;
  while (start > 0) {
    const before = instructions[start - 1];
    if (!before || before.operation === "TEXT" || endsBlock(arch, before)) break;
    const here = instructions[start];
    if (here && targets.has(here.pc) && before.pc < here.pc) break;
    start--;
  }
  return start;
}

function endsBlock(arch: string, one: Instruction): boolean {
  if (branchTarget(arch, one) !== null || isCall(one) || /^(?:RET|UNDEF)$/.test(one.operation))
    return true;
  return one.operation === "JMP" || (one.operation === "JALR" && one.operands.startsWith("X0"));
}

function isCall({ operation, operands }: Instruction): boolean {
  if (operation === "CALL" || operation === "BL") return true;
  return /^JALR?$/.test(operation) && /^X[15],/.test(operands);
}

/** What the compiler notes of the code around it. */
function isNote({ operation }: Instruction): boolean {
  return operation === "PCDATA" || operation === "FUNCDATA";
}

/** An instruction that does nothing. */
function isFiller({ operation, operands }: Instruction): boolean {
  return (
    operation === "NOP" ||
    operation === "UNDEF" ||
    (operation === "XCHGL" && operands === "AX, AX") ||
    (operation === "HINT" && operands === "$0") ||
    (operation === "ADDI" && operands === "$0, X0, X0")
  );
}
