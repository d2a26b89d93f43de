/** What the reader has learned and revised. It is kept in this browser and nowhere else. */

/** A card as the scheduler left it; times are ISO 8601. */
export interface StoredCard {
  due: string;
  stability: number;
  difficulty: number;
  elapsed_days: number;
  scheduled_days: number;
  learning_steps: number;
  reps: number;
  lapses: number;
  state: number;
  last_review?: string;
}

/** All of it. */
export interface Progress {
  version: 1;
  /** When a lesson was marked as learned, by its id. */
  learned: Record<string, string>;
  /** Cards that were answered at least once, by `LESSON/QUESTION`. */
  cards: Record<string, StoredCard>;
}

const key = "underhood-progress";

/** Told on `window` when this page has changed it. */
const changed = "underhood-progress";

/** Nothing learned yet. */
export function nothing(): Progress {
  return { version: 1, learned: {}, cards: {} };
}

/** Reads what `exported` wrote. Throws an error that says what is wrong. */
export function parse(text: string): Progress {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("this is not JSON");
  }
  if (!isRecord(value) || !isRecord(value.learned) || !isRecord(value.cards))
    throw new Error("this file was not exported from here");
  if (value.version !== 1) throw new Error("this file is of another version");
  const { learned, cards } = value;
  for (const [id, when] of Object.entries(learned))
    if (!isTime(when)) throw new Error(`no time stands at ${id}`);
  for (const [id, card] of Object.entries(cards))
    if (!isCard(card)) throw new Error(`no card stands at ${id}`);
  return {
    version: 1,
    learned: learned as Progress["learned"],
    cards: cards as Progress["cards"],
  };
}

/** As a file holds it. */
export function exported(progress: Progress): string {
  return `${JSON.stringify(progress, null, 2)}\n`;
}

/** Both together. Of a card that is in both, the one that was answered last stays. */
export function merged(one: Progress, other: Progress): Progress {
  const cards = { ...one.cards };
  for (const [id, card] of Object.entries(other.cards)) {
    const own = cards[id];
    if (!own || (card.last_review ?? "") > (own.last_review ?? "")) cards[id] = card;
  }
  return { version: 1, learned: { ...other.learned, ...one.learned }, cards };
}

/** What is kept; nothing where storage is switched off, or holds what we cannot read. */
export function kept(): Progress {
  try {
    const text = localStorage.getItem(key);
    return text === null ? nothing() : parse(text);
  } catch {
    return nothing();
  }
}

/** Keeps it, and tells this page and others that are open. False where storage is switched off or full. */
export function keep(progress: Progress): boolean {
  try {
    localStorage.setItem(key, JSON.stringify(progress));
  } catch {
    return false;
  }
  dispatchEvent(new Event(changed));
  return true;
}

/** Calls back now and whenever it changes, here or in another tab. Returns how to stop that. */
export function follow(heed: (progress: Progress) => void): () => void {
  const tell = () => heed(kept());
  const elsewhere = (event: StorageEvent) => {
    if (event.key === key || event.key === null) tell();
  };
  addEventListener(changed, tell);
  addEventListener("storage", elsewhere);
  tell();
  return () => {
    removeEventListener(changed, tell);
    removeEventListener("storage", elsewhere);
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTime(value: unknown): value is string {
  return typeof value === "string" && !Number.isNaN(Date.parse(value));
}

function isCard(value: unknown): value is StoredCard {
  const numbers = [
    "stability",
    "difficulty",
    "elapsed_days",
    "scheduled_days",
    "learning_steps",
    "reps",
    "lapses",
    "state",
  ];
  return (
    isRecord(value) &&
    isTime(value.due) &&
    (value.last_review === undefined || isTime(value.last_review)) &&
    numbers.every((name) => Number.isFinite(value[name]))
  );
}
