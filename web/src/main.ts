/** Upgrades the page: snippets become editors, the head gets its theme switch. */
import { GoSnippet } from "./go-snippet.ts";
import { followKeys } from "./keys.ts";
import { DueCards, LearnedBar, lightLessons, MarkLearned, ProgressTools } from "./learned.ts";
import { keepPages } from "./offline.ts";
import { followPrinting } from "./print.ts";
import { ThemeSwitch } from "./theme-switch.ts";
import { followContents } from "./toc.ts";

customElements.define("theme-switch", ThemeSwitch);
customElements.define("go-snippet", GoSnippet);
customElements.define("mark-learned", MarkLearned);
customElements.define("learned-bar", LearnedBar);
customElements.define("due-cards", DueCards);
customElements.define("progress-tools", ProgressTools);
lightLessons();
followContents();
followKeys();
followPrinting();
keepPages();
