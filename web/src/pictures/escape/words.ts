/** Decisions and counts in words. */
import type { RunRequest } from "../../protocol.ts";
import { bytes } from "../../wording.ts";
import type { Decision } from "../decisions.ts";
import type { Counts, LineCount } from "./allocations.ts";

/** A decision in words, with its cost where the tool's words leave it out. */
export function said({ message, cost, code }: Decision): string {
  return code === "inlined-call" && cost !== undefined ? `${message} (cost ${cost})` : message;
}

/** What a line allocated. */
export function allocated(found: LineCount | undefined): string {
  return found ? `${objects(found.objects)}, ${bytes(found.bytes)}` : "none";
}

/** Who allocated on behalf of a line; empty where it was the line itself. */
export function within(found: LineCount | undefined): string {
  const who = [...(found?.by ?? [])].map(([name, number]) => `${count(number)} in ${name}`);
  return who.join(", ");
}

/** What the whole program allocated. */
export function totals({ lines, outside }: Counts): string {
  const all = [...lines.values()];
  const number = all.reduce((sum, { objects }) => sum + objects, 0);
  const size = all.reduce((sum, { bytes }) => sum + bytes, 0);
  const rest = outside.objects
    ? ` ${objects(outside.objects)} more by the runtime and its goroutines.`
    : "";
  return `Your lines allocated ${objects(number)}, ${bytes(size)}.${rest}`;
}

/** What has to be known of the numbers. */
export function caveats({ shared }: Counts, { options }: RunRequest): string[] {
  const notes: string[] = [];
  if (options.inline === false || options.inline === "off")
    notes.push("It was counted in the ordinary build, with inlining.");
  if (shared > 0)
    notes.push(
      `${objects(shared)} more, of less than 16 bytes and without pointers, shared a block with another. Go does not record on which line.`,
    );
  return notes;
}

function objects(number: number): string {
  return `${count(number)} ${number === 1 ? "object" : "objects"}`;
}

function count(number: number): string {
  return number.toLocaleString("en");
}
