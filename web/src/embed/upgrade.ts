/** Code blocks that a generator of pages wrote, made into snippets. */
import { attributeNames } from "./attributes.ts";

/** What is made into snippets where the author does not say: ```` ```go,runnable ```` in Markdown. */
const usual = "pre > code.language-go.runnable";

/**
 * Does so if the script's element, whose address is `script`, has the attribute `data-upgrade`; its value is a selector of
 * other blocks. Of a block, `data-mode="escape"` or a class `mode=escape` becomes the attribute `mode`.
 */
export function upgrade(script: string): void {
  const all = [...document.querySelectorAll<HTMLScriptElement>("script[data-upgrade]")];
  const asking = all.find(({ src }) => src === script);
  if (!asking) return;
  for (const block of document.querySelectorAll<HTMLElement>(asking.dataset.upgrade || usual)) {
    const code = block.localName === "pre" ? (block.querySelector("code") ?? block) : block;
    const snippet = document.createElement("go-snippet");
    for (const [name, value] of attributesOf(code)) snippet.setAttribute(name, value);
    const pre = document.createElement("pre");
    pre.textContent = code.textContent;
    snippet.append(pre);
    (block.closest("pre") ?? block).replaceWith(snippet);
  }
}

function attributesOf({ classList, dataset }: HTMLElement): [string, string][] {
  const classes = [...classList].map((name): [string, string] => {
    const at = name.indexOf("=");
    return at < 0 ? ["", ""] : [name.slice(0, at), name.slice(at + 1)];
  });
  const data = Object.entries(dataset).map(([name, value]): [string, string] => [
    name,
    value ?? "",
  ]);
  return [...classes, ...data].filter(
    ([name]) => attributeNames.includes(name) || name === "theme",
  );
}
