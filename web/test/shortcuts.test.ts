import assert from "node:assert/strict";
import { test } from "node:test";
import { actOf, groups } from "../src/shortcuts.ts";

const press = (
  key: string,
  held: Partial<Record<"ctrlKey" | "metaKey" | "altKey", boolean>> = {},
) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...held,
});

test("keys do what the table says", () => {
  assert.equal(actOf(press("/"), true, false), "search");
  assert.equal(actOf(press("?"), true, false), "help");
  assert.equal(actOf(press("j"), true, false), "down");
  assert.equal(actOf(press("x"), true, false), undefined);
  assert.equal(actOf(press("Tab"), true, false), undefined);
});

test("letters count neither with another key held nor when they are off", () => {
  for (const held of ["ctrlKey", "metaKey", "altKey"])
    assert.equal(actOf(press("n", { [held]: true }), true, false), undefined, held);
  assert.equal(actOf(press("n"), false, false), undefined);
});

test("the search opens with Ctrl, or ⌘ on Apple's machines, while one types too", () => {
  assert.equal(actOf(press("k", { ctrlKey: true }), false, false), "search");
  assert.equal(actOf(press("K", { metaKey: true }), false, true), "search");
  // There it is the editor's.
  assert.equal(actOf(press("k", { ctrlKey: true }), true, true), undefined);
});

test("no key is in the table twice", () => {
  const keys = groups.flatMap((group) => group.shortcuts.flatMap((shortcut) => shortcut.keys));
  assert.deepEqual(keys, [...new Set(keys)]);
});
