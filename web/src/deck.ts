/** The questions as cards: which come next, and when they come back. */
import { type Card, createEmptyCard, fsrs, type Grade, Rating } from "ts-fsrs";
import type { Progress, StoredCard } from "./progress.ts";

export { type Grade, Rating };

/** Without fuzz, so that what a button says is what happens. */
const scheduler = fsrs({ enable_fuzz: false });

/** A card that comes back within so long is asked again in the same session. */
const SESSION_MS = 20 * 60 * 1000;

/** The cards to be asked now: those that are due, the longest waiting first, then those never answered. */
export function dueNow(ids: readonly string[], { cards }: Progress, now: Date): string[] {
  const known = ids.filter((id) => cards[id] && Date.parse(cards[id].due) <= now.getTime());
  known.sort((a, b) => Date.parse(cards[a]?.due ?? "") - Date.parse(cards[b]?.due ?? ""));
  return [...known, ...ids.filter((id) => !cards[id])];
}

/** The card after an answer. */
export function answered(card: StoredCard | undefined, grade: Grade, now: Date): StoredCard {
  const next = scheduler.next(card ? loaded(card) : createEmptyCard(now), now, grade).card;
  const { last_review, due, ...numbers } = next;
  return {
    ...numbers,
    due: due.toISOString(),
    ...(last_review && { last_review: last_review.toISOString() }),
  };
}

/** Whether a card is asked again before the session ends. */
export function comesAgain(card: StoredCard, now: Date): boolean {
  return Date.parse(card.due) - now.getTime() <= SESSION_MS;
}

/** How long until a card is due: `10 min`, `3 days`. */
export function distance(card: StoredCard, now: Date): string {
  const minutes = Math.max(1, Math.round((Date.parse(card.due) - now.getTime()) / 60_000));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  if (hours < 24) return `${hours} h`;
  const days = Math.round(hours / 24);
  if (days < 60) return days === 1 ? "1 day" : `${days} days`;
  const months = Math.round(days / 30);
  return months < 24 ? `${months} months` : `${Math.round(months / 12)} years`;
}

function loaded(card: StoredCard): Card {
  const { last_review, due, ...numbers } = card;
  return {
    ...numbers,
    due: new Date(due),
    ...(last_review !== undefined && { last_review: new Date(last_review) }),
  };
}
