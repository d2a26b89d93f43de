import assert from "node:assert/strict";
import { test } from "node:test";
import type { ExitEvent } from "../src/protocol.ts";
import { idle, reduce } from "../src/run-state.ts";
import {
  bytes,
  costs,
  cutNote,
  endingSentence,
  isBad,
  milliseconds,
  statusSentence,
  waitSentence,
} from "../src/wording.ts";

const failed: ExitEvent = { type: "exit", status: "failed", code: 3 };

test("the blanks of an ending are filled in", () => {
  assert.equal(endingSentence(failed, { failed: "Exit code {code}." }), "Exit code 3.");
});

test("an ending whose blank cannot be filled gives way", () => {
  assert.equal(
    endingSentence({ type: "exit", status: "timed_out" }, { timed_out: "After {limit} s." }),
    "Stopped: the time was up.",
  );
  assert.equal(endingSentence({ type: "exit", status: "signalled", signal: null }, {}), "Ended.");
});

test("exit code 0 is a code", () => {
  assert.equal(endingSentence({ ...failed, code: 0 }, { failed: "Code {code}." }), "Code 0.");
});

test("times are short and rounded once", () => {
  assert.deepEqual(
    [0.04, 0.94, 1, 38.4, 999.4, 999.6, 1240, 9994, 9996, 61_000].map(milliseconds),
    ["0.0 ms", "0.9 ms", "1 ms", "38 ms", "999 ms", "1.00 s", "1.24 s", "9.99 s", "10 s", "61 s"],
  );
});

test("sizes are in binary units", () => {
  assert.deepEqual([0, 512, 1024, 1536, 1 << 20, 12.4 * 2 ** 20, 3 * 2 ** 30].map(bytes), [
    "0 B",
    "512 B",
    "1 KiB",
    "1.5 KiB",
    "1 MiB",
    "12 MiB",
    "3 GiB",
  ]);
});

test("only costs that were told are shown", () => {
  assert.deepEqual(costs({ ...failed, wall_ms: 12, cpu_ms: null }), [["Wall", "12 ms"]]);
});

test("a cut stream is named with its limit", () => {
  const note = cutNote({ type: "truncated", stream: "stderr", limit_bytes: 1 << 20 });
  assert.match(note, /^stderr was cut after 1 MiB\./);
});

test("waits are in words", () => {
  assert.equal(waitSentence(1), "Try again in a second.");
  assert.equal(waitSentence(5), "Try again in 5 seconds.");
});

test("the state of a run is one sentence", () => {
  const sent = reduce(idle, { type: "sent" });
  const second = reduce(sent, { type: "queued", position: 2 });
  assert.equal(statusSentence(second, {}), "Number 2 in the queue…");
  const linking = reduce(sent, { type: "step", name: "link" });
  assert.equal(statusSentence(linking, {}), "Linking…");
  const ended = reduce(linking, failed);
  assert.equal(statusSentence(ended, {}), "Ended with exit code 3.");
  assert.deepEqual([isBad(linking), isBad(ended)], [false, true]);
});
