/** A small field of a colour, in keys to pictures. */
import { html, type TemplateResult } from "lit";

/** `look` is a class beside `swatch`. A style attribute would break the page's Content-Security-Policy. */
export function swatch(colour: string, look = ""): TemplateResult {
  return html`<svg class="swatch ${look}" aria-hidden="true"><rect width="100%" height="100%" rx="1.5" fill=${colour} /></svg>`;
}
