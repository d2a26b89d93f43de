/** What instructions of amd64 do, under the names of Go's assembler: source first, target last. */

/** How the last comparison came out, as jumps, SET and CMOV name it. */
const conditions: Record<string, string> = {
  EQ: "equal, or the result was zero",
  NE: "not equal, or the result was not zero",
  LT: "less, signed",
  LE: "less or equal, signed",
  GT: "greater, signed",
  GE: "greater or equal, signed",
  CS: "lower, unsigned; the carry flag is set",
  CC: "higher or the same, unsigned; the carry flag is clear",
  HI: "higher, unsigned",
  LS: "lower or the same, unsigned",
  MI: "negative",
  PL: "not negative",
  PS: "unordered: one of two floats was NaN",
  PC: "ordered: no float was NaN",
};

const single: Record<string, string> = {
  MOVQ: "Copies 8 bytes.",
  MOVL: "Copies 4 bytes. A target register's upper half becomes zero.",
  MOVW: "Copies 2 bytes.",
  MOVB: "Copies 1 byte.",
  MOVBLZX: "Reads 1 byte and fills up with zeros.",
  MOVWLZX: "Reads 2 bytes and fills up with zeros.",
  MOVBQSX: "Reads 1 byte and fills up to 8 with its sign.",
  MOVWQSX: "Reads 2 bytes and fills up to 8 with their sign.",
  MOVLQSX: "Reads 4 bytes and fills up to 8 with their sign.",
  MOVUPS: "Copies 16 bytes by a vector register.",
  MOVSD: "Copies a float64.",
  MOVSS: "Copies a float32.",
  LEAQ: "Computes an address and keeps it; nothing is read from memory.",
  LEAL: "Computes as for an address, in 4 bytes; nothing is read from memory.",
  XCHGQ: "Swaps two values of 8 bytes; with one in memory, atomically.",
  XCHGL:
    "Swaps two values of 4 bytes. AX with itself does nothing: room for an inlined call, for tracebacks.",
  PUSHQ: "Puts 8 bytes on the stack.",
  POPQ: "Takes 8 bytes from the stack.",
  ADDQ: "Adds the first to the second.",
  ADDL: "Adds the first to the second, in 4 bytes.",
  SUBQ: "Subtracts the first from the second.",
  SUBL: "Subtracts the first from the second, in 4 bytes.",
  SBBQ: "Subtracts the first and the carry. A register from itself gives all ones or zero.",
  INCQ: "Adds 1.",
  DECQ: "Subtracts 1.",
  DECL: "Subtracts 1, in 4 bytes.",
  NEGQ: "Changes the sign.",
  NOTQ: "Inverts every bit.",
  NOTL: "Inverts every bit of 4 bytes.",
  IMULQ: "Multiplies, signed.",
  IMUL3Q: "Multiplies the second by a constant into the third.",
  MULQ: "Multiplies AX, unsigned; the product of 16 bytes is in DX and AX.",
  DIVQ: "Divides DX and AX, unsigned: quotient in AX, remainder in DX.",
  IDIVQ: "Divides DX and AX, signed: quotient in AX, remainder in DX.",
  CQO: "Fills DX with the sign of AX, before a division.",
  ANDQ: "Bitwise and.",
  ANDL: "Bitwise and, in 4 bytes.",
  ORQ: "Bitwise or.",
  ORL: "Bitwise or, in 4 bytes.",
  XORQ: "Bitwise exclusive or. A register with itself becomes zero.",
  XORL: "Bitwise exclusive or, in 4 bytes. A register with itself becomes zero.",
  XORPS: "Exclusive or of vector registers. One with itself becomes zero.",
  SHLQ: "Shifts left: each place doubles.",
  SHRQ: "Shifts right and fills with zeros: halves an unsigned number.",
  SHRL: "Shifts 4 bytes right and fills with zeros.",
  SHRB: "Shifts 1 byte right and fills with zeros.",
  SARQ: "Shifts right and keeps the sign.",
  SARL: "Shifts 4 bytes right and keeps the sign.",
  ROLQ: "Rotates left: bits that fall out come in on the right.",
  BTL: "Copies one bit into the carry flag.",
  BSRQ: "Finds the highest bit that is set.",
  POPCNTQ: "Counts the bits that are set.",
  CMPQ: "Compares two values of 8 bytes, for what follows.",
  CMPL: "Compares two values of 4 bytes, for what follows.",
  CMPW: "Compares two values of 2 bytes, for what follows.",
  CMPB: "Compares two bytes, for what follows.",
  TESTQ: "Compares the bitwise and of both with zero. With itself: is it zero?",
  TESTL: "Compares the bitwise and of both with zero, in 4 bytes.",
  TESTB:
    "Compares the bitwise and of two bytes with zero. On memory, with AX: fails here if the pointer is nil.",
  JMP: "Goes on at another place.",
  CALL: "Calls a function; the return address is put on the stack.",
  RET: "Returns to the caller.",
  REP: "Repeats the next instruction CX times.",
  STOSQ: "Writes AX to where DI points and moves DI on.",
  LOCK: "Makes the next instruction atomic.",
  CMPXCHGQ: "Writes 8 bytes only if memory holds what AX holds: compare and swap.",
  CMPXCHGL: "Writes 4 bytes only if memory holds what AX holds: compare and swap.",
  XADDQ: "Adds to memory and keeps what was there.",
  XADDL: "Adds to 4 bytes of memory and keeps what was there.",
  ADDSD: "Adds float64 values.",
  SUBSD: "Subtracts float64 values.",
  MULSD: "Multiplies float64 values.",
  DIVSD: "Divides the second float64 by the first.",
  SQRTSD: "Square root of a float64.",
  UCOMISD: "Compares float64 values, for what follows.",
  UCOMISS: "Compares float32 values, for what follows.",
  CVTSQ2SD: "Makes a float64 of an int64.",
  CVTTSD2SQ: "Makes an int64 of a float64 and cuts off the fraction.",
  CVTSS2SD: "Makes a float64 of a float32.",
  CVTSD2SS: "Makes a float32 of a float64.",
};

const widths: Record<string, string> = { Q: "8 bytes", L: "4 bytes", W: "2 bytes" };

/** What an instruction does, in a sentence; undefined for one that is not known. */
export function amd64(operation: string): string | undefined {
  const known = single[operation];
  if (known) return known;
  const [, family = "", width = "", name = ""] =
    /^(J|SET|CMOV(?=[QLW]))([QLW]?)([A-Z]{2})$/.exec(operation) ?? [];
  const condition = conditions[name];
  if (!condition) return undefined;
  if (family === "J" && !width) return `Jumps if ${condition}.`;
  if (family === "SET" && !width) return `Writes 1 if ${condition}, else 0.`;
  const size = widths[width];
  return family === "CMOV" && size ? `Copies ${size} if ${condition}.` : undefined;
}
