/**
 * What `/embed.js` loads: `<go-snippet>` for pages of any site. It looks at nothing of a page but that element, and
 * keeps nothing in the browser.
 */
import { EmbeddedSnippet } from "./embedded-snippet.ts";
import { followPolicy } from "./unreachable.ts";
import { upgrade } from "./upgrade.ts";

/**
 * Defines the element. `script` is the address of `/embed.js`; `api` is the service, where that is another than the one
 * that the script came from: null for none.
 */
export function start(script: string, api?: string | null): void {
  if (customElements.get("go-snippet")) return;
  const home = new URL(".", script).href.replace(/\/$/, "");
  EmbeddedSnippet.service = api === undefined ? home : api;
  followPolicy();
  upgrade(script);
  customElements.define("go-snippet", EmbeddedSnippet);
}
