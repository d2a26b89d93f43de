import assert from "node:assert/strict";
import { test } from "node:test";
import { Draft, draftKey, type Store } from "../src/drafts.ts";

const EXAMPLE = "escape/flow";
const LESSON = "the lesson's";
const KEY = draftKey(EXAMPLE);

/** A browser's storage: what tabs share. */
class Shared implements Store {
  readonly #items = new Map<string, string>();
  isFull = false;
  getItem = (key: string) => this.#items.get(key) ?? null;
  removeItem = (key: string) => void this.#items.delete(key);
  setItem(key: string, value: string): void {
    if (this.isFull) throw new Error("full");
    this.#items.set(key, value);
  }
}

/** A tab with a snippet; `own` outlives a reload. */
function tab(shared: Shared, own = new Shared(), source = LESSON) {
  const draft = new Draft(EXAMPLE, source, { shared: () => shared, own: () => own });
  const text = draft.begin(source);
  const hear = (shown: string) => draft.heard(shared.getItem(KEY), shown);
  return { draft, text, hear, reload: (to = source) => tab(shared, own, to) };
}

test("what was typed is there in every tab, and gone with the lesson's own code", () => {
  const shared = new Shared();
  const one = tab(shared);
  assert.equal(one.text, LESSON);
  one.draft.edited("mine");
  assert.equal(one.reload().text, "mine");
  assert.equal(tab(shared).text, "mine");
  one.draft.edited(LESSON);
  assert.equal(shared.getItem(KEY), null);
  assert.equal(tab(shared).text, LESSON);
});

test("what a reader typed before the script came wins over nothing, and asks where there was a draft", () => {
  const shared = new Shared();
  const stores = { shared: () => shared, own: () => new Shared() };
  const first = new Draft(EXAMPLE, LESSON, stores);
  assert.equal(first.begin("typed"), "typed");
  assert.equal(tab(shared).text, "typed");
  const second = new Draft(EXAMPLE, LESSON, stores);
  assert.equal(second.begin("else"), "else");
  assert.deepEqual(second.question, { about: "tab", theirs: "typed" });
});

test("a changed lesson asks until it is answered", () => {
  const shared = new Shared();
  const before = tab(shared);
  before.draft.edited("mine");
  const after = before.reload("new");
  assert.equal(after.text, "mine");
  assert.deepEqual(after.draft.question, { about: "lesson" });
  after.draft.edited("mine, more");
  const again = after.reload();
  assert.equal(again.text, "mine, more");
  assert.deepEqual(again.draft.question, { about: "lesson" });
  again.draft.keep("mine, more");
  const kept = again.reload();
  assert.equal(kept.text, "mine, more");
  assert.equal(kept.draft.question, null);
  const changed = kept.reload("newest");
  assert.equal(changed.draft.take(), "newest");
  assert.equal(changed.draft.question, null);
  assert.equal(changed.reload().text, "newest");
});

test("a lesson that came to the reader's code asks nothing", () => {
  const shared = new Shared();
  const before = tab(shared);
  before.draft.edited("mine");
  const after = before.reload("mine");
  assert.equal(after.draft.question, null);
  assert.equal(shared.getItem(KEY), null);
});

test("of two tabs that edit, neither loses anything before it is answered", () => {
  const shared = new Shared();
  const [one, two] = [tab(shared), tab(shared)];
  one.draft.edited("one's");
  // It did not hear of the other yet.
  two.draft.edited("two's");
  assert.deepEqual(two.draft.question, { about: "tab", theirs: "one's" });
  two.draft.edited("two's, more");
  assert.equal(tab(shared).text, "one's");
  const again = two.reload();
  assert.equal(again.text, "two's, more");
  assert.deepEqual(again.draft.question, { about: "tab", theirs: "one's" });

  again.draft.keep("two's, more");
  assert.equal(again.draft.question, null);
  one.hear("one's");
  assert.deepEqual(one.draft.question, { about: "tab", theirs: "two's, more" });
  assert.equal(one.reload().text, "one's");
  assert.equal(one.draft.take(), "two's, more");
  assert.equal(one.reload().text, "two's, more");
  assert.equal(one.reload().draft.question, null);
});

test("a tab that changed nothing is asked too, and takes nothing away by staying so", () => {
  const shared = new Shared();
  const [one, two] = [tab(shared), tab(shared)];
  one.draft.edited("one's");
  two.hear(LESSON);
  assert.deepEqual(two.draft.question, { about: "tab", theirs: "one's" });
  two.draft.keep(LESSON);
  assert.equal(two.draft.question, null);
  assert.equal(tab(shared).text, "one's");
});

test("when the other tab goes back to the lesson's code, this one may too", () => {
  const shared = new Shared();
  const one = tab(shared);
  one.draft.edited("mine");
  const two = tab(shared);
  one.draft.edited(LESSON);
  two.hear("mine");
  assert.deepEqual(two.draft.question, { about: "tab", theirs: LESSON });
  assert.equal(two.draft.take(), LESSON);
  assert.equal(two.reload().text, LESSON);
});

test("code that waits for an answer is there after a reload", () => {
  const shared = new Shared();
  const one = tab(shared);
  one.draft.edited("mine");
  const two = tab(shared);
  one.draft.edited(LESSON);
  two.hear("mine");
  assert.equal(two.reload().text, "mine");
  assert.equal(tab(shared).text, "mine");
});

test("the same code in both tabs is no question", () => {
  const shared = new Shared();
  const [one, two] = [tab(shared), tab(shared)];
  one.draft.edited("same");
  two.hear("same");
  assert.equal(two.draft.question, null);
});

test("storage that is full or forbidden is told of, and what was there stays", () => {
  const shared = new Shared();
  const one = tab(shared);
  one.draft.edited("mine");
  assert.equal(one.draft.isKept, true);
  shared.isFull = true;
  one.draft.edited("mine, more");
  assert.equal(one.draft.isKept, false);
  assert.equal(tab(shared).text, "mine");
  const forbidden = () => {
    throw new Error("forbidden");
  };
  const draft = new Draft(EXAMPLE, LESSON, { shared: forbidden, own: forbidden });
  assert.equal(draft.begin(LESSON), LESSON);
  assert.equal(draft.isKept, true);
  draft.edited("mine");
  assert.equal(draft.isKept, false);
});

test("what we cannot read is no draft", () => {
  for (const raw of ["{", "null", "3", '{"text":1,"base":""}']) {
    const shared = new Shared();
    shared.setItem(KEY, raw);
    assert.equal(tab(shared).text, LESSON);
  }
});
