import assert from "node:assert/strict";
import { test } from "node:test";
import { readProblem, retryAfter } from "../src/problem.ts";
import { LostError, parseEvent, readEvents } from "../src/stream.ts";

function body(...pieces: (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) {
        controller.enqueue(typeof piece === "string" ? encoder.encode(piece) : piece);
      }
      controller.close();
    },
  });
}

async function types(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const list: string[] = [];
  for await (const event of readEvents(stream)) list.push(event.type);
  return list;
}

test("events are read up to the exit", async () => {
  const stream = body(
    'data: {"type":"stdout","text":"a"}\n\ndata: {"type":"exit","status":"ok"}\n\n',
    'data: {"type":"stdout","text":"never"}\n\n',
  );
  assert.deepEqual(await types(stream), ["stdout", "exit"]);
});

test("a character may be cut in two", async () => {
  const bytes = new TextEncoder().encode(
    'data: {"type":"stdout","text":"→"}\n\ndata: {"type":"exit","status":"ok"}\n\n',
  );
  const at = bytes.indexOf(0xe2) + 1;
  const events = [];
  for await (const event of readEvents(body(bytes.slice(0, at), bytes.slice(at)))) {
    events.push(event);
  }
  assert.deepEqual(events[0], { type: "stdout", text: "→" });
});

test("a stream that stops before the exit is an error", async () => {
  await assert.rejects(types(body('data: {"type":"queued","position":1}\n\n')), LostError);
});

test("what is no event is an error, what is a new one is passed over", () => {
  assert.throws(() => parseEvent("<html>"), LostError);
  assert.throws(() => parseEvent("3"), LostError);
  assert.equal(parseEvent('{"type":"ornament"}'), null);
});

test("a problem document is read with what is allowed and how long to wait", async () => {
  const response = new Response(
    JSON.stringify({ title: "Not allowed", detail: "No such key.", allowed: ["gctrace"] }),
    { status: 422, headers: { "Retry-After": "5" } },
  );
  assert.deepEqual(await readProblem(response), {
    status: 422,
    title: "Not allowed",
    detail: "No such key.",
    allowed: ["gctrace"],
    retryAfter: 5,
  });
});

test("an answer that is no problem document still has a title", async () => {
  const problem = await readProblem(new Response("<html>", { status: 413 }));
  assert.equal(problem.title, "The code is too large");
  assert.equal(problem.retryAfter, undefined);
});

test("Retry-After holds seconds or a date", () => {
  assert.equal(retryAfter("7", 0), 7);
  assert.equal(retryAfter("Thu, 01 Jan 1970 00:00:10 GMT", 2500), 8);
  assert.equal(retryAfter("Thu, 01 Jan 1970 00:00:10 GMT", 60_000), 0);
  assert.equal(retryAfter("soon", 0), undefined);
  assert.equal(retryAfter(null, 0), undefined);
});
