import assert from "node:assert/strict";
import { test } from "node:test";
import { excerpt, type Hit, type Index, marked, SearchIndex, terms } from "../src/search-index.ts";

const index: Index = {
  pages: [
    {
      href: "./lessons/a",
      title: "The Collector",
      section: "Memory",
      summary: "Who frees what.",
      parts: [
        { id: "", heading: "", text: "Before the first heading." },
        { id: "knobs", heading: "Knobs", text: "Build with -gcflags=-m, or `-gcflags=-m=2`." },
        { id: "gc/x", heading: "A trace", example: true, text: "Look. GODEBUG=gctrace=1 GOGC" },
      ],
    },
    {
      href: "./lessons/b",
      title: "The Allocator",
      section: "Memory",
      summary: "Spans and mcache.",
      parts: [
        {
          id: "calls",
          heading: "Calls",
          text: "It is runtime.mallocgcSmallNoscan, KeepAlive or -gcflags=-S.",
        },
      ],
    },
    { href: "./map", title: "Skill map", section: "", summary: "What comes next.", parts: [] },
  ],
};

const search = new SearchIndex(index);
const found = (query: string) => search.find(query).map((hit) => hit.href);
const shown = (pieces: Hit["heading"]) =>
  pieces.map(({ text, isHit }) => (isHit ? `[${text}]` : text)).join("");

test("terms are what stands between spaces, and the words in it", () => {
  assert.deepEqual(terms('("-gcflags=-m"), KeepAlive.'), [
    "-gcflags=-m",
    "gcflags",
    "m",
    "keepalive",
    "keep",
    "alive",
  ]);
  assert.deepEqual(terms(" -> … "), []);
});

test("what Go programmers type is found, as a whole and in part", () => {
  assert.deepEqual(found("-gcflags=-m"), ["./lessons/a#knobs"]);
  assert.deepEqual(found("-gcflags=-S"), ["./lessons/b#calls"]);
  assert.deepEqual(found("GODEBUG=gctrace=1"), ["./lessons/a#gc/x"]);
  assert.deepEqual(found("gctrace"), ["./lessons/a#gc/x"]);
  assert.deepEqual(found("runtime.mallocgc"), ["./lessons/b#calls"]);
  assert.deepEqual(found("keep alive"), ["./lessons/b#calls"]);
  assert.deepEqual(found("McAche"), ["./lessons/b"]);
});

test("a title comes first, beginnings and slips of a letter are found, and nothing is nothing", () => {
  assert.equal(found("collec")[0], "./lessons/a");
  assert.equal(found("alocator")[0], "./lessons/b");
  assert.deepEqual(found("skill map"), ["./map"]);
  for (const nothing of ["", " ", "…", "quokka", "=-="]) assert.deepEqual(found(nothing), []);
});

test("when no part has all of the words, those with some come", () => {
  assert.deepEqual(found("quokka mcache"), ["./lessons/b"]);
});

test("a hit says where it is", () => {
  const [hit] = search.find("gctrace");
  assert.ok(hit);
  assert.deepEqual([hit.page, hit.section, hit.isExample], ["The Collector", "Memory", true]);
  assert.equal(shown(hit.heading), "A trace");
  assert.equal(shown(hit.excerpt), "Look. GODEBUG=[gctrace]=1 GOGC");
});

test("terms are marked as they are written; short ones as words of their own only", () => {
  assert.equal(shown(marked("A Map (m) maps .*", ["map", "m", ".*"])), "A [Map] ([m]) maps [.*]");
  assert.equal(shown(marked("KeepAlive", ["alive"])), "Keep[Alive]");
  assert.equal(shown(marked("plain", [])), "plain");
});

test("an excerpt is cut between words, around most of the terms", () => {
  const filler = "word ".repeat(60);
  const text = `stack ${filler}the stack grows here ${filler}`;
  const cut = shown(excerpt(text, ["stack", "grows"]));
  assert.match(cut, /^… word .*the \[stack\] \[grows\] here word .*word …$/);
  assert.ok(cut.length < 200, cut);
  assert.equal(shown(excerpt("short", ["none"])), "short");
});
