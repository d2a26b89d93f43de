/** Where the reader stands: which lessons are learned, and which is the next step. */
import type { Progress } from "./progress.ts";

/** A lesson, as a page shows it. */
export interface Lesson {
  id: string;
  /** Ids of the lessons that it builds on. */
  needs: readonly string[];
  /** How many questions it asks. */
  questions: number;
}

/** `next` is one lesson at most, `open` one that could be read too, `ahead` one that builds on what is not learned. */
export type Standing = "learned" | "next" | "open" | "ahead";

/** Where each lesson stands, by id. They come in the order of reading. */
export function standings(
  lessons: readonly Lesson[],
  { learned }: Progress,
): Map<string, Standing> {
  const result = new Map<string, Standing>();
  let isFound = false;
  for (const { id, needs } of lessons) {
    const isReady = needs.every((need) => need in learned);
    if (id in learned) result.set(id, "learned");
    else if (!isReady) result.set(id, "ahead");
    else if (isFound) result.set(id, "open");
    else {
      result.set(id, "next");
      isFound = true;
    }
  }
  return result;
}

/** How many cards are due: those whose time has come, and those of learned lessons that were never answered. */
export function due(lessons: readonly Lesson[], { learned, cards }: Progress, now: Date): number {
  const answered = Object.entries(cards);
  const inTime = answered.filter(([, card]) => Date.parse(card.due) <= now.getTime()).length;
  const fresh = lessons
    .filter(({ id }) => id in learned)
    .map(({ id, questions }) => {
      const known = answered.filter(([card]) => card.startsWith(`${id}/`)).length;
      return Math.max(0, questions - known);
    });
  return inTime + fresh.reduce((sum, count) => sum + count, 0);
}

/** The lessons that an element holds, in order. */
export function lessonsIn(root: ParentNode): Lesson[] {
  return [...root.querySelectorAll<HTMLElement>("[data-lesson]")].map(({ dataset }) => ({
    id: dataset.lesson ?? "",
    needs: (dataset.needs ?? "").split(" ").filter((id) => id !== ""),
    questions: Number(dataset.questions ?? 0),
  }));
}
