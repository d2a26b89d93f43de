import assert from "node:assert/strict";
import { test } from "node:test";
import { EventStreamParser } from "../src/event-stream.ts";

function parse(...pieces: string[]): string[] {
  const parser = new EventStreamParser();
  return pieces.flatMap((piece) => parser.push(piece));
}

test("a message ends with a blank line", () => {
  const parser = new EventStreamParser();
  assert.deepEqual(parser.push('data: {"a":1}\n'), []);
  assert.deepEqual(parser.push("\n"), ['{"a":1}']);
});

test("the text may be cut anywhere", () => {
  const text = ": hello\r\ndata: one\r\ndata: two\r\n\r\nevent: x\nid: 3\ndata:three\n\ndata\n\n";
  const whole = ["one\ntwo", "three", ""];
  assert.deepEqual(parse(text), whole);
  assert.deepEqual(parse(...text), whole);
  for (let at = 0; at <= text.length; at++) {
    assert.deepEqual(parse(text.slice(0, at), text.slice(at)), whole, `cut at ${at}`);
  }
});

test("a carriage return alone ends a line as well", () => {
  assert.deepEqual(parse("data: a\r\rdata: b\r\r"), ["a", "b"]);
});

test("only one space after the colon is dropped", () => {
  assert.deepEqual(parse("data:  two\n\n"), [" two"]);
});

test("comments and blank lines make no message", () => {
  assert.deepEqual(parse(": keep-alive\n\n\n\n"), []);
});
