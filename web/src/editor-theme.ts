/** The editor's look. Colours are the page's CSS variables, so that it follows light and dark. */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { coloured, plain } from "./syntax.ts";

const look = EditorView.theme({
  "&": { color: "var(--code-ink)", backgroundColor: "transparent", fontSize: "var(--code-size)" },
  "&.cm-focused": { outline: "none" },
  // The same line height, padding and greatest height as the text that it stands in for (snippet.css).
  ".cm-scroller": {
    fontFamily: "var(--mono)",
    lineHeight: "var(--code-line)",
    // Lines out of view are only estimated by CodeMirror until they are seen: without this, an
    // editor would grow when it is scrolled to. No line wraps, so that lines tell the height.
    minHeight: "min(var(--code-max), calc(var(--lines) * var(--code-line) + 2 * var(--code-pad)))",
    maxHeight: "var(--code-max)",
    overflow: "auto",
  },
  ".cm-content": { padding: "var(--code-pad) 0", caretColor: "var(--accent)" },
  ".cm-line": { padding: "0 1rem 0 0.75rem" },
  ".cm-gutters": {
    backgroundColor: "var(--code-bg)",
    color: "var(--code-gutter)",
    border: "none",
  },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 0.5rem 0 0.75rem", minWidth: "2.25rem" },
  ".cm-activeLine": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": { backgroundColor: "var(--code-active)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLineGutter": { color: "var(--code-ink)" },
  "&.cm-focused .cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
    { backgroundColor: "var(--code-selection)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": {
    backgroundColor: "var(--code-selection)",
    color: "inherit",
  },
  ".cm-line.cm-pointed": {
    backgroundColor: "var(--code-pointed)",
    boxShadow: "inset 3px 0 0 var(--heap)",
  },
});

const colours = HighlightStyle.define([
  ...coloured.map(({ name, tags }) => ({ tag: tags, color: `var(--hl-${name})` })),
  { tag: plain, color: "var(--code-ink)" },
  { tag: tags.invalid, color: "var(--bad)" },
]);

/** Theme and syntax colours. */
export const theme: Extension = [look, syntaxHighlighting(colours)];
