import assert from "node:assert/strict";
import { test } from "node:test";
import { answered, comesAgain, distance, dueNow, Rating } from "../src/deck.ts";
import { exported, merged, nothing, type Progress, parse } from "../src/progress.ts";
import { due, standings } from "../src/standing.ts";

const now = new Date("2026-11-23T12:00:00Z");
const later = (days: number) => new Date(now.getTime() + days * 86_400_000);
const lesson = (id: string, ...needs: string[]) => ({ id, needs, questions: 3 });
const lessons = [lesson("a"), lesson("b", "a"), lesson("c"), lesson("d", "b", "c")];

function learned(...ids: string[]): Progress {
  const when = now.toISOString();
  return { ...nothing(), learned: Object.fromEntries(ids.map((id) => [id, when])) };
}

test("the next step is the first lesson whose needs are learned", () => {
  const standing = (progress: Progress) => [...standings(lessons, progress).values()];
  assert.deepEqual(standing(nothing()), ["next", "ahead", "open", "ahead"]);
  assert.deepEqual(standing(learned("a")), ["learned", "next", "open", "ahead"]);
  assert.deepEqual(standing(learned("a", "b", "c")), ["learned", "learned", "learned", "next"]);
  assert.deepEqual(standing(learned("a", "b", "c", "d", "gone")), Array(4).fill("learned"));
});

test("what one got wrong comes back sooner", () => {
  const again = answered(undefined, Rating.Again, now);
  const good = answered(undefined, Rating.Good, now);
  const easy = answered(undefined, Rating.Easy, now);
  assert.ok(again.due < good.due && good.due < easy.due);
  assert.ok(comesAgain(again, now) && !comesAgain(easy, now));
  const second = answered(easy, Rating.Good, new Date(easy.due));
  assert.ok(Date.parse(second.due) - Date.parse(easy.due) > Date.parse(easy.due) - now.getTime());
  const forgotten = answered(easy, Rating.Again, new Date(easy.due));
  assert.equal(forgotten.lapses, 1);
  assert.ok(comesAgain(forgotten, new Date(easy.due)));
});

test("due are cards whose time has come, and those of learned lessons that were never asked", () => {
  const progress = learned("a");
  progress.cards["a/1"] = answered(undefined, Rating.Easy, now);
  progress.cards["c/1"] = answered(undefined, Rating.Again, later(-1));
  assert.equal(due(lessons, progress, now), 3);
  assert.deepEqual(dueNow(["a/1", "a/2", "a/3", "c/1"], progress, now), ["c/1", "a/2", "a/3"]);
  assert.equal(due(lessons, progress, later(400)), 4);
});

test("times until a card is due are read easily", () => {
  const at = (minutes: number) => ({
    ...answered(undefined, Rating.Good, now),
    due: new Date(now.getTime() + minutes * 60_000).toISOString(),
  });
  const shown = [0, 10, 59, 90, 1440, 4000, 43_200 * 3, 43_200 * 40].map((minutes) =>
    distance(at(minutes), now),
  );
  assert.deepEqual(shown, [
    "1 min",
    "10 min",
    "59 min",
    "2 h",
    "1 day",
    "3 days",
    "3 months",
    "3 years",
  ]);
});

test("what is exported can be imported, and nothing is lost by it", () => {
  const progress = learned("a", "b");
  progress.cards["a/1"] = answered(undefined, Rating.Good, now);
  assert.deepEqual(parse(exported(progress)), progress);

  const other = learned("c");
  other.cards["a/1"] = answered(progress.cards["a/1"], Rating.Good, later(1));
  other.cards["c/1"] = answered(undefined, Rating.Good, now);
  for (const both of [merged(progress, other), merged(other, progress)]) {
    assert.deepEqual(Object.keys(both.learned).sort(), ["a", "b", "c"]);
    assert.deepEqual(both.cards["a/1"], other.cards["a/1"]);
    assert.deepEqual(Object.keys(both.cards).sort(), ["a/1", "c/1"]);
  }
});

test("what was not exported from here is refused in words", () => {
  const card = answered(undefined, Rating.Good, now);
  for (const [text, said] of [
    ["{", /not JSON/],
    ["[]", /not exported/],
    ['{"learned":{},"cards":{}}', /version/],
    ['{"version":1,"learned":{"a":"soon"},"cards":{}}', /no time stands at a/],
    ['{"version":1,"learned":{},"cards":{"a/1":{}}}', /no card stands at a\/1/],
    [
      JSON.stringify({
        version: 1,
        learned: {},
        cards: { "a/1": { ...card, stability: "1" } },
      }),
      /no card/,
    ],
  ] as const)
    assert.throws(() => parse(text), said);
});
