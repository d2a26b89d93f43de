/**
 * The table that GOSSAFUNC writes (cmd/compile/internal/ssa/html.go), cut into its columns. Each column is
 * parsed when it is needed: the whole can be megabytes.
 */

/** A column as it is written. */
export interface Column {
  /**
   * The passes that it stands for. The compiler writes one when a pass has changed the function, and names
   * those before that changed nothing with it: it shows the function after the last.
   */
  names: string[];
  /** What stands in it, as HTML. */
  html: string;
}

/** The document's columns, in order: `sources`, `AST`, the passes, `genssa`. */
export function columnsOf(html: string): Column[] {
  const heads = [...html.matchAll(head)];
  return heads.map((match, at) => ({
    names: plain(match[2] ?? "").split("  +  "),
    html: html.slice(match.index + match[0].length, heads[at + 1]?.index ?? html.length),
  }));
}

/** A column folded, which has its name, and the beginning of the same unfolded. */
const head =
  /<td id="([^"]*)-col" class="collapsed"><div>([^<]*)<\/div><\/td><td id="\1-exp"(?: class="[^"]*")?>/gu;

/** The function's name, as the document's heading has it: `name,ABI`. */
export function functionOf(html: string): string {
  const name = /<h1>(.*?)<\/h1>/su.exec(html)?.[1] ?? "";
  return plain(name).replace(/,\d+$/u, "");
}

/** The entities that Go's html.EscapeString writes. */
const entities: Record<string, string> = {
  "&lt;": "<",
  "&gt;": ">",
  "&amp;": "&",
  "&#34;": '"',
  "&#39;": "'",
};

function plain(html: string): string {
  return html.replace(/&(?:lt|gt|amp|#34|#39);/gu, (entity) => entities[entity] ?? entity);
}
