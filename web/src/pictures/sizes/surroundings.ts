/** What stands around the map: the size of the file, what has to be said of it, and the file without symbols. Pure templates. */
import { html, nothing } from "lit";
import { isZeroed, type Part, pairs } from "./composition.ts";
import type { Facts } from "./facts.ts";
import { count, pairsTable, percent } from "./map.ts";

/** How large it all is. */
export function totalView(facts: Facts, file: Part) {
  const where = facts.file ? "bytes in the file" : "bytes of symbols";
  return html`<span><b data-total=${file.size}>${count(file.size)}</b> ${where}</span>`;
}

/** What a reader has to know of the numbers. */
export function notesOf({ trouble, cutAt, isStripped, symbols }: Facts): string[] {
  const notes = trouble ? [trouble] : [];
  if (cutAt > 0) {
    notes.push(
      `The list of symbols was cut after ${count(cutAt)} bytes. The smallest are missing: they are in the rests.`,
    );
  }
  if (isStripped && symbols) {
    notes.push(
      "A stripped program names no symbols. These are those of the same program before that.",
    );
  }
  return notes;
}

/** What has no place in the file. */
export function zeroedView({ file }: Facts) {
  const zeroed = file?.sections.filter(isZeroed) ?? [];
  if (zeroed.length === 0) return nothing;
  const sizes = zeroed.map(({ name, size }) => `${name} ${count(size)}`).join(", ");
  return html`<p class="soft">In memory only, since it begins as zero: ${sizes} bytes.</p>`;
}

/** The file with its symbols beside that without. */
export function pairsView({ full, stripped }: Facts) {
  if (!full || !stripped) return nothing;
  const less = full.bytes - stripped.bytes;
  return html`<p class="pairs-title">
      With -s -w: <b>${count(stripped.bytes)}</b> bytes, ${count(less)} fewer (${percent(less, full.bytes)})
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="With and without -s -w">
      ${pairsTable(pairs(full, stripped), ["with symbols", "-s -w"])}
    </div>`;
}
