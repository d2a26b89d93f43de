/** A sentence on each mnemonic. Nothing is said of one that is not known. */
import { amd64 } from "./amd64.ts";
import { arm64 } from "./arm64.ts";
import { riscv64 } from "./riscv64.ts";

/** What is no machine code, or the same everywhere. */
const everywhere: Record<string, string> = {
  TEXT: "The function begins: its flags, then the size of its frame and of its arguments in bytes.",
  PCDATA:
    "Notes a value for the code from here on, for the collector and tracebacks. No machine code.",
  FUNCDATA: "Names a table of the function, for the collector and tracebacks. No machine code.",
  NOP: "Does nothing. Where it takes no bytes, it only keeps a place.",
};

const architectures: Record<string, (operation: string) => string | undefined> = {
  amd64,
  arm64,
  riscv64,
};

/** What an instruction does on an architecture. */
export function explain(arch: string, operation: string): string | undefined {
  return everywhere[operation] ?? architectures[arch]?.(operation);
}
