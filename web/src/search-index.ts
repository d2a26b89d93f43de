/** Finds words in what the site says. Plain data in, plain data out; the dialog shows it. */
import MiniSearch, { type Query } from "minisearch";

/** The index as the server writes it. Addresses are relative to its own. */
export interface Index {
  pages: IndexedPage[];
}

interface IndexedPage {
  href: string;
  title: string;
  /** Empty where a page belongs to none. */
  section: string;
  summary: string;
  parts: { id: string; heading: string; example?: boolean; text: string }[];
}

/** Text in pieces; those that were looked for are marked. */
export type Marked = { text: string; isHit: boolean }[];

/** A part of a page in which the words were found. */
export interface Hit {
  /** Relative to the index. */
  href: string;
  page: string;
  section: string;
  isExample: boolean;
  /** Its heading; the page's title for the page as a whole. */
  heading: Marked;
  excerpt: Marked;
}

interface Part {
  id: number;
  href: string;
  page: string;
  section: string;
  isExample: boolean;
  /** Empty where the part is the whole page. */
  heading: string;
  /** The page's title, in its whole; a field of its own, since a title counts more than a heading. */
  title: string;
  summary: string;
  text: string;
}

/** About how many characters of a text are shown, and how many of them before the first hit. */
const excerptLength = 170;
const excerptLead = 50;

/** A longer word may have a letter wrong, and one of this length is marked inside of other words too. */
const longWord = 4;

/** How much all parts of a page together count, beside the part itself. */
const pageWeight = 0.2;

/** More would not be looked at. */
const mostHits = 20;

/**
 * The terms of a text: whatever stands between spaces as a whole, such as `-gcflags=-m`, `runtime.mallocgc` and
 * `GODEBUG=gctrace=1`, and the words in it, names in camel case taken apart too. Those of an index are lower case.
 */
export function terms(text: string): string[] {
  const found = new Set<string>();
  for (const chunk of chunks(text)) {
    found.add(chunk.toLowerCase());
    for (const word of words(chunk)) found.add(word);
  }
  return [...found];
}

/** What stands between spaces, without the punctuation of prose around it. */
function chunks(text: string): string[] {
  return text
    .split(/\s+/)
    .map((chunk) => chunk.replace(/^["'`“”‘’([{<]+/, "").replace(/["'`“”‘’)\]}>.,;:!?…]+$/, ""))
    .filter((chunk) => /[\p{L}\p{N}]/u.test(chunk));
}

function words(chunk: string): string[] {
  const plain = plainWords(chunk);
  const inner = plain.flatMap(
    (word) => word.match(/\p{Lu}?[\p{Ll}\p{N}]+|\p{Lu}+(?!\p{Ll})/gu) ?? [],
  );
  return [...plain, ...inner.filter((word) => word.length > 2)].map((word) => word.toLowerCase());
}

/** What stands between all that is neither a letter nor a digit. */
function plainWords(chunk: string): string[] {
  return chunk.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
}

/** All parts of all pages, ready to be searched. */
export class SearchIndex {
  readonly #parts: Part[];
  readonly #search: MiniSearch<Part>;

  constructor(index: Index) {
    this.#parts = index.pages.flatMap(partsOf).map((part, id) => ({ ...part, id }));
    this.#search = new MiniSearch<Part>({
      fields: ["title", "heading", "page", "summary", "text"],
      tokenize: terms,
      // Terms are lower case already.
      processTerm: (term) => term,
    });
    this.#search.addAll(this.#parts);
  }

  /** The parts in which all of the words stand, or else some of them; the best come first. */
  find(text: string): Hit[] {
    const asked = chunks(text);
    if (asked.length === 0) return [];
    let found = this.#ask({ combineWith: "AND", queries: asked.map(queryOf) });
    if (found.length === 0 && asked.length > 1)
      found = this.#ask({ combineWith: "OR", queries: asked.map(queryOf) });
    return found;
  }

  #ask(query: Query): Hit[] {
    const results = this.#search.search(query, {
      tokenize: (term) => [term],
      boost: { title: 6, heading: 3, summary: 2, page: 0.5 },
      prefix: (term) => term.length > 1,
      fuzzy: (term) => (term.length > longWord && /^\p{L}+$/u.test(term) ? 0.2 : false),
      maxFuzzy: 2,
      // Their texts are short, which would count in their favour.
      boostDocument: (id) => (this.#parts[Number(id)]?.isExample ? 0.7 : 1),
      bm25: { k: 1.2, b: 0.4, d: 0.5 },
      weights: { prefix: 0.6, fuzzy: 0.1 },
    });
    const found = results.flatMap(({ id, score, terms }) => {
      const part = this.#parts[Number(id)];
      return part ? [{ part, score, terms }] : [];
    });
    // A page that speaks of it in many parts is more likely the one that is meant.
    const ofPage = new Map<string, number>();
    for (const { part, score } of found)
      ofPage.set(part.page, (ofPage.get(part.page) ?? 0) + score);
    const rank = ({ part, score }: (typeof found)[number]) =>
      score + pageWeight * (ofPage.get(part.page) ?? 0);
    return found
      .sort((one, other) => rank(other) - rank(one))
      .slice(0, mostHits)
      .map(({ part, terms }) => hit(part, terms));
  }
}

/** A chunk as it stands, or all of the words in it. */
function queryOf(chunk: string): Query {
  const whole = chunk.toLowerCase();
  const inner = plainWords(whole);
  if (inner.length === 1 && inner[0] === whole) return whole;
  return {
    combineWith: "OR",
    queries: [whole, { combineWith: "AND", queries: inner }],
  };
}

function partsOf(page: IndexedPage): Omit<Part, "id">[] {
  const shared = { page: page.title, section: page.section, title: "", summary: "" };
  const [first, ...rest] = page.parts;
  // What stands above the first heading belongs to the page as a whole.
  const hasLead = first !== undefined && first.id === "";
  const whole = {
    ...shared,
    href: page.href,
    isExample: false,
    heading: "",
    title: page.title,
    summary: page.summary,
    text: hasLead ? first.text : "",
  };
  const others = (hasLead ? rest : page.parts).map(({ id, heading, example, text }) => ({
    ...shared,
    href: `${page.href}#${id}`,
    isExample: example === true,
    heading,
    text,
  }));
  return [whole, ...others];
}

function hit(part: Part, found: readonly string[]): Hit {
  const { href, page, section, isExample } = part;
  const text = [part.summary, part.text].filter((piece) => piece !== "").join(" ");
  return {
    href,
    page,
    section,
    isExample,
    heading: marked(part.heading || page, found),
    excerpt: excerpt(text, found),
  };
}

/** Where one of the terms stands. */
interface Place {
  from: number;
  to: number;
}

/** All places where terms stand in a text, in order. A short term counts only as a word of its own. */
function places(text: string, found: readonly string[]): Place[] {
  if (found.length === 0) return [];
  const longestFirst = [...found].sort((one, other) => other.length - one.length);
  const alternatives = longestFirst.map((term) => {
    const escaped = term.replace(/[\^$\\.*+?()[\]{}|/]/g, "\\$&");
    return term.length >= longWord ? escaped : `(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`;
  });
  const matches = text.matchAll(new RegExp(alternatives.join("|"), "giu"));
  return [...matches].map(({ index, 0: word }) => ({ from: index, to: index + word.length }));
}

/** A text with the terms in it marked. */
export function marked(text: string, found: readonly string[]): Marked {
  const pieces: Marked = [];
  let at = 0;
  for (const { from, to } of places(text, found)) {
    if (from > at) pieces.push({ text: text.slice(at, from), isHit: false });
    pieces.push({ text: text.slice(from, to), isHit: true });
    at = to;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), isHit: false });
  return pieces;
}

/** The stretch of a text that has most different terms in it, cut between words, with the terms marked. */
export function excerpt(text: string, found: readonly string[]): Marked {
  const all = places(text, found);
  const variety = ({ from }: Place) => {
    const near = all.filter((it) => it.from >= from && it.to <= from + excerptLength - excerptLead);
    return new Set(near.map((it) => text.slice(it.from, it.to).toLowerCase())).size;
  };
  let best = all[0];
  let most = 0;
  for (const place of all) {
    const here = variety(place);
    if (here > most) [best, most] = [place, here];
  }
  const lead = Math.max(0, (best?.from ?? 0) - excerptLead);
  const start = lead === 0 ? 0 : text.indexOf(" ", lead) + 1;
  const space = text.lastIndexOf(" ", start + excerptLength);
  const isCut = start + excerptLength < text.length;
  const end = isCut && space > start ? space : Math.min(text.length, start + excerptLength);
  const shown = text.slice(start, end);
  return marked(`${start > 0 ? "… " : ""}${shown}${isCut ? " …" : ""}`, found);
}
