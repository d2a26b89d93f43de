/** Go in colours, for code that no server coloured. A part that is loaded when such code is seen. */
import { parser } from "@lezer/go";
import { highlightCode, tagHighlighter } from "@lezer/highlight";
import { coloured, plain } from "./syntax.ts";

const classes = tagHighlighter([
  ...coloured.flatMap(({ name, tags }) => tags.map((tag) => ({ tag, class: `hl-${name}` }))),
  { tag: plain, class: "" },
]);

/** The code as nodes, with a `<span>` around what has a colour. */
export function highlighted(code: string): ChildNode[] {
  const nodes: ChildNode[] = [];
  highlightCode(
    code,
    parser.parse(code),
    classes,
    (text, name) => {
      if (!name) return nodes.push(new Text(text));
      const span = document.createElement("span");
      span.className = name;
      span.textContent = text;
      return nodes.push(span);
    },
    () => nodes.push(new Text("\n")),
  );
  return nodes;
}
