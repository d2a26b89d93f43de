/** Upgrades the page: snippets become editors, the head gets its theme switch. */
import { GoSnippet } from "./go-snippet.ts";
import { ThemeSwitch } from "./theme-switch.ts";
import { followContents } from "./toc.ts";

customElements.define("theme-switch", ThemeSwitch);
customElements.define("go-snippet", GoSnippet);
followContents();
