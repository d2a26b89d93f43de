/** Which parts of Go have a colour: the editor, code of other pages, and the server (`src/site/highlight.rs`) agree. */
import { type Tag, tags as t } from "@lezer/highlight";

/** The tags of the parser, by the colour that they have: `keyword` is `--hl-keyword`, and the class `hl-keyword`. */
export const coloured: readonly { name: string; tags: readonly Tag[] }[] = [
  { name: "keyword", tags: [t.keyword, t.controlKeyword, t.definitionKeyword, t.moduleKeyword] },
  { name: "string", tags: [t.string, t.character, t.escape] },
  { name: "number", tags: [t.number, t.bool, t.null] },
  { name: "comment", tags: [t.lineComment, t.blockComment, t.comment] },
  { name: "type", tags: [t.typeName, t.standard(t.typeName)] },
  { name: "func", tags: [t.function(t.variableName), t.function(t.definition(t.variableName))] },
];

/** The star of a pointer, which is a keyword to the parser, and has no colour. */
export const plain: Tag = t.modifier;
