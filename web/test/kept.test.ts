import assert from "node:assert/strict";
import { test } from "node:test";
import { isKept, isVersioned, mentions } from "../src/kept.ts";

test("pages and files of the site are kept, what happens at the moment is not", () => {
  for (const scope of ["https://a.example/", "https://a.example/sub/folder/"]) {
    for (const path of [
      "",
      "map",
      "lessons/x/",
      "lessons/api",
      "assets/site.js?v=1",
      "search.json",
      "runes",
      "search",
    ])
      assert.equal(isKept(scope + path, scope), true, scope + path);
    for (const path of [
      "api/v1/limits",
      "api",
      "-/changes?page=/",
      "run",
      "s/0123456789bcd",
      "healthz",
      "readyz",
    ])
      assert.equal(isKept(scope + path, scope), false, scope + path);
  }
  for (const url of ["https://b.example/", "http://a.example/", "https://a.example/other/"])
    assert.equal(isKept(url, "https://a.example/sub/"), false, url);
});

test("a version stands in the address", () => {
  assert.equal(isVersioned("https://a.example/assets/site.js?v=1"), true);
  assert.equal(isVersioned("https://a.example/assets/parts/editor-1B2C.js"), true);
  assert.equal(isVersioned("https://a.example/assets/icon.svg"), false);
});

test("a file of another version is not the one that is named", () => {
  const page = '<script src="../assets/site.js?v=12"></script>';
  assert.equal(mentions(page, "https://a.example/assets/site.js?v=12"), true);
  assert.equal(mentions(page, "https://a.example/assets/site.js?v=13"), false);
});
