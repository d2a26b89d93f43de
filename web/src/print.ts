/** Code on paper. An editor holds only the lines that are in view, and a text area prints no more than it shows. */
import type { GoSnippet } from "./go-snippet.ts";

/** Writes the code of each snippet below it while the page is printed; the styles do the rest. */
export function followPrinting(): void {
  addEventListener("beforeprint", () => {
    for (const snippet of document.querySelectorAll<GoSnippet>("go-snippet")) {
      const pre = document.createElement("pre");
      pre.className = "printed-code";
      pre.textContent = snippet.code;
      snippet.querySelector(".snippet-code")?.after(pre);
    }
  });
  addEventListener("afterprint", () => {
    for (const pre of document.querySelectorAll(".printed-code")) pre.remove();
  });
}
