/**
 * Code that a reader typed, kept in this browser under the example's path. It is never overwritten
 * without asking: not by a lesson whose code has changed, and not by another tab.
 */

/** What is kept: the reader's code, and the lesson's code that it was made from. */
interface Kept {
  text: string;
  base: string;
}

/** What the reader has to decide. */
export type Question =
  /** The lesson's own code is another than the one that the reader changed. */
  | { about: "lesson" }
  /** Another tab holds other code; `theirs` is that. */
  | { about: "tab"; theirs: string };

/** What a draft needs of localStorage and sessionStorage. */
export type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Where drafts are kept. Each may throw: storage may be switched off, or full. */
export interface Stores {
  /** Shared by all tabs. */
  shared: () => Store;
  /** This tab's alone: code that waits for an answer. */
  own: () => Store;
}

const browser: Stores = { shared: () => localStorage, own: () => sessionStorage };

/** The key of an example in both. */
export function draftKey(example: string): string {
  return `underhood-draft:${example}`;
}

/** The code of one snippet in one tab. */
export class Draft {
  readonly #key: string;
  readonly #source: string;
  readonly #stores: Stores;
  /** The lesson's code that the reader's was made from. */
  #base: string;
  /** What the shared store held when this tab last read or wrote it. */
  #known: string | null = null;
  #question: Question | null = null;
  #isKept = true;

  /** `source` is the lesson's own code. */
  constructor(example: string, source: string, stores: Stores = browser) {
    this.#key = draftKey(example);
    this.#source = source;
    this.#base = source;
    this.#stores = stores;
  }

  /** What the reader has to decide, if anything. */
  get question(): Question | null {
    return this.#question;
  }

  /** False when what was typed last could not be kept. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** The code to begin with. `typed` is what stands in the page, which a reader may have changed already. */
  begin(typed: string): string {
    this.#known = this.#read(this.#stores.shared);
    const waiting = this.#read(this.#stores.own);
    const kept = parsed(this.#known);
    const text = typed === this.#source ? (waiting ?? kept?.text ?? typed) : typed;
    if (kept && kept.text !== text) {
      this.#question = { about: "tab", theirs: kept.text };
      return text;
    }
    if (kept && kept.base !== this.#source && text !== this.#source) {
      this.#base = kept.base;
      this.#question = { about: "lesson" };
    }
    this.#put(this.#stores.own, null);
    this.#write(text);
    return text;
  }

  /**
   * The reader has changed the code to this. While another tab's code waits for an answer, that stays where it
   * is, and this is kept for this tab alone.
   */
  edited(text: string): void {
    const now = this.#read(this.#stores.shared);
    if (now !== this.#known) this.#ask(now, text);
    else if (this.#question?.about === "tab") this.#put(this.#stores.own, text);
    else this.#write(text);
  }

  /** Another tab has put this into the shared store, while this one shows `text`. */
  heard(raw: string | null, text: string): void {
    if (raw !== this.#known) this.#ask(raw, text);
  }

  /** The reader keeps `text`, which this tab shows. The lesson's own code takes nothing from another tab. */
  keep(text: string): void {
    this.#question = null;
    this.#base = this.#source;
    this.#known = this.#read(this.#stores.shared);
    this.#put(this.#stores.own, null);
    if (text !== this.#source) this.#write(text);
  }

  /** The reader takes the other code, which is returned. */
  take(): string {
    const question = this.#question;
    const text = question?.about === "tab" ? question.theirs : this.#source;
    this.keep(text);
    if (question?.about === "lesson") this.#write(text);
    return text;
  }

  /** Compares what another tab wrote with what stands here. The same code needs no question. */
  #ask(raw: string | null, text: string): void {
    this.#known = raw;
    const theirs = parsed(raw)?.text ?? this.#source;
    this.#question = theirs === text ? null : { about: "tab", theirs };
    this.#put(this.#stores.own, this.#question && text !== this.#source ? text : null);
  }

  #write(text: string): void {
    const isOwn = text !== this.#source;
    if (!isOwn) this.#question = null;
    const raw = isOwn ? JSON.stringify({ text, base: this.#base } satisfies Kept) : null;
    if (raw !== this.#known && this.#put(this.#stores.shared, raw)) this.#known = raw;
  }

  #read(store: () => Store): string | null {
    try {
      return store().getItem(this.#key);
    } catch {
      return null;
    }
  }

  #put(store: () => Store, value: string | null): boolean {
    try {
      if (value === null) store().removeItem(this.#key);
      else store().setItem(this.#key, value);
      this.#isKept = true;
    } catch {
      // To forget what was never kept is no loss.
      this.#isKept = value === null;
    }
    return this.#isKept;
  }
}

/** What is kept, or null where there is nothing that we can read. */
function parsed(raw: string | null): Kept | null {
  try {
    const value: unknown = raw === null ? null : JSON.parse(raw);
    if (typeof value !== "object" || value === null) return null;
    const { text, base } = value as Partial<Kept>;
    return typeof text === "string" && typeof base === "string" ? { text, base } : null;
  } catch {
    return null;
  }
}
