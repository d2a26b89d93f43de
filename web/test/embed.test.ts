import assert from "node:assert/strict";
import { test } from "node:test";
import { asked, trimmed } from "../src/embed/attributes.ts";
import { ofEvents } from "../src/embed/children.ts";

const page = "https://pages.example/notes/escape/";
const read = (attributes: Record<string, string>) =>
  asked((name) => attributes[name] ?? null, page);

test("without attributes the program is run by the script's own service", () => {
  const { choices, mistakes, ...rest } = read({});
  assert.deepEqual(choices, [
    { name: "run", mode: "run", label: "run", options: {}, env: {}, knobs: [] },
  ]);
  assert.deepEqual(rest, {
    title: null,
    isReadOnly: false,
    isAuto: false,
    hasPicture: true,
    api: null,
  });
  assert.deepEqual(mistakes, []);
});

test("options are those of the service, and it judges their values", () => {
  const { choices } = read({
    mode: "asm",
    func: "f",
    level: "2",
    arch: "386",
    inline: "off",
    race: "",
  });
  const [asm] = choices;
  assert.equal(asm.mode, "asm");
  assert.deepEqual(asm.options, { arch: 386, func: "f", inline: "off", level: 2, race: "on" });
});

test("other modes take nothing of the first", () => {
  const { choices } = read({
    mode: "escape",
    level: "2",
    env: "GOGC=50",
    modes: "run escape asm run",
  });
  assert.deepEqual(
    choices.map(({ name, options, env }) => [name, options, env]),
    [
      ["escape", { level: 2 }, { GOGC: "50" }],
      ["run", {}, {}],
      ["asm", {}, {}],
    ],
  );
});

test("the environment is NAME=VALUE, and what is not is told", () => {
  const { choices, mistakes } = read({ env: "GODEBUG=gctrace=1,madvdontneed=1  GOGC=\n=1 GOGC" });
  assert.deepEqual(choices[0].env, { GODEBUG: "gctrace=1,madvdontneed=1", GOGC: "" });
  assert.equal(mistakes.length, 2);
  assert.match(mistakes[1] ?? "", /env="GOGC" is not NAME=VALUE/);
});

test("arguments are words, or JSON where one has a space in it", () => {
  assert.deepEqual(read({ args: " -n 3 " }).choices[0].args, ["-n", "3"]);
  assert.deepEqual(read({ args: '["a b", ""]' }).choices[0].args, ["a b", ""]);
  for (const args of ["[1]", '["a"', "[{}]"]) {
    const { choices, mistakes } = read({ args });
    assert.equal(choices[0].args, undefined);
    assert.match(mistakes.join(), /JSON array of strings/);
  }
});

test("switches", () => {
  for (const value of ["", "on", "true"]) assert.ok(read({ readonly: value }).isReadOnly, value);
  for (const value of ["off", "false", " No "]) {
    assert.ok(!read({ readonly: value }).isReadOnly, value);
    assert.ok(!read({ picture: value }).hasPicture, value);
  }
  assert.ok(read({ picture: "" }).hasPicture);
});

test("a service is an address of the web", () => {
  const services: [string, string | null][] = [
    ["https://run.example", "https://run.example"],
    ["https://run.example/a/b/?q#h", "https://run.example/a/b"],
    ["//run.example/", "https://run.example"],
    ["/run", "https://pages.example/run"],
    ["javascript:alert(1)", null],
    ["data:text/html,x", null],
    ["https://", null],
    ["", null],
  ];
  for (const [text, api] of services) {
    const found = read({ api: text });
    assert.equal(found.api, api, text);
    assert.equal(found.mistakes.length, api === null ? 1 : 0, text);
  }
});

test("code is without the blank lines around it", () => {
  assert.equal(trimmed("\n\n  \n\tx := 1\r\n\r\n}\n\n"), "\tx := 1\n\n}\n");
  assert.equal(trimmed(" \n\t\n"), "");
  assert.equal(trimmed("package main"), "package main\n");
});

test("a captured output is whole, or none", () => {
  const lines = ['{"type":"started","go":"go1.27.3"}', '{"type":"exit","status":"ok"}'];
  assert.deepEqual(
    [ofEvents(`\n${lines.join("\n")}\n`)].map(({ stamp, events }) => [stamp, events.length]),
    [["with go1.27.3.", 2]],
  );
  for (const text of ["", "{", lines[0] ?? "", [...lines].reverse().join("\n")]) {
    const { stamp, events } = ofEvents(text);
    assert.match(stamp, /is not the output of run --json/);
    assert.deepEqual(events, []);
  }
});
