import assert from "node:assert/strict";
import { test } from "node:test";
import questions from "../../tests/questions.json";
import {
  type Answer,
  answerOf,
  codeLines,
  type Guess,
  type Heard,
  type LinesQuestion,
  NoAnswer,
  noGuess,
  outcomeOf,
  type Question,
  verdictOf,
} from "../src/predict.ts";
import type { DiagnosticEvent, ExitStatus } from "../src/protocol.ts";

function plainAnswer(answer: Answer | NoAnswer): unknown {
  if (answer instanceof NoAnswer) return null;
  if (answer.kind === "number") return { number: answer.number };
  if (answer.kind === "choice") return { choice: answer.choice };
  const said = answer.lines.filter(({ messages }) => messages.length > 0);
  return { lines: said.map(({ file, number }) => `${file}:${number}`) };
}

/** The server's own tests read the same file. */
for (const { why, asked, answer, diagnostics, status, ...heard } of questions) {
  test(`as the server answers: ${why}`, () => {
    const said = answerOf(asked as unknown as Question, {
      ...heard,
      diagnostics: diagnostics as DiagnosticEvent[],
      status: status as ExitStatus,
    });
    assert.deepEqual(plainAnswer(said), answer);
  });
}

const source = "package main\n\nfunc f() *int {\n\tx := 1\n\ty := 2\n\treturn &x\n}\n";
const lines: Question & LinesQuestion = {
  question: "Which?",
  kind: "lines",
  codes: ["heap"],
  message: null,
  among: ":=",
};
const moved: DiagnosticEvent = {
  type: "diagnostic",
  file: "main.go",
  line: 4,
  severity: "information",
  code: "heap",
  message: "moved to heap: x",
};

function heard(part: Partial<Heard>): Heard {
  const none: Heard = {
    source,
    stdout: "",
    stderr: "",
    diagnostics: [],
    cut: false,
    status: "ok",
  };
  return { ...none, ...part };
}

/** Outcome and words for a guess. */
function marked(question: Question, guess: Partial<Guess>, run: Partial<Heard>) {
  const answer = answerOf(question, heard(run));
  assert.ok(!(answer instanceof NoAnswer));
  const whole = { ...noGuess, ...guess };
  return [outcomeOf(question, whole, answer), verdictOf(question, whole, answer)];
}

function ticked(...numbers: number[]): Partial<Guess> {
  const all = codeLines(source, lines.among).filter(({ number }) => numbers.includes(number));
  assert.equal(all.length, numbers.length);
  return { lines: new Set(all.map(({ key }) => key)) };
}

test("lines are marked one by one", () => {
  const run = { diagnostics: [moved] };
  assert.deepEqual(marked(lines, ticked(4), run), ["right", "Right. It is line 4."]);
  assert.deepEqual(marked(lines, {}, run), [null, "It is line 4."]);
  assert.deepEqual(marked(lines, ticked(4, 5), run), [
    "wrong",
    "Not what happened. You found 1 of 1 and ticked 1 too many. It is line 4.",
  ]);
  assert.deepEqual(marked(lines, ticked(5), run)[0], "wrong");
  assert.deepEqual(marked(lines, ticked(), run)[0], "wrong");
  const both = { diagnostics: [moved, { ...moved, line: 5 }] };
  assert.deepEqual(marked(lines, ticked(4), both), [
    "wrong",
    "Not what happened. You found 1 of 2. It is lines 4 and 5.",
  ]);
});

test("that none of the lines is meant can be predicted", () => {
  assert.deepEqual(marked(lines, ticked(), {}), ["right", "Right. It is none of these lines."]);
  assert.deepEqual(marked(lines, ticked(4), {}), [
    "wrong",
    "Not what happened. You ticked 1 too many. It is none of these lines.",
  ]);
});

test("a tick stays with its line when others come or go", () => {
  const [first, second] = codeLines("a := 1\nb := 1\na := 1\n", ":=");
  const [, moved] = codeLines("c := 0\na := 1\n\nb := 1\n", ":=");
  assert.deepEqual([moved?.key, moved?.number], [first?.key, 2]);
  assert.notEqual(first?.key, second?.key);
  const keys = codeLines("a := 1\n\ta := 1\n", ":=").map(({ key }) => key);
  assert.equal(new Set(keys).size, 2);
});

const collections: Question = {
  question: "How often?",
  kind: "number",
  pattern: "gc",
  counts: true,
  stream: null,
  within: 1,
  unit: "times",
};

test("a number stands beside that of the run", () => {
  const run = { stderr: "gc gc gc" };
  assert.deepEqual(marked(collections, { number: " 3 " }, run), [
    "right",
    "Right. You said 3, the run says 3 times.",
  ]);
  assert.deepEqual(marked(collections, { number: "4" }, run), [
    "right",
    "Right. You said 4, the run says 3 times, which is near enough: this number varies.",
  ]);
  assert.deepEqual(marked(collections, { number: "5" }, run)[0], "wrong");
  assert.deepEqual(marked(collections, {}, run), [null, "The run says 3 times."]);
  assert.deepEqual(marked(collections, { number: "few" }, run), [
    null,
    "“few” is no number. The run says 3 times.",
  ]);
});

test("a choice is held against the one that the output has", () => {
  const question: Question = {
    question: "Which?",
    kind: "choice",
    stream: "stdout",
    choices: [
      { text: "it is <code>a &lt; b</code>", pattern: "a" },
      { text: "other", pattern: "b" },
    ],
  };
  assert.deepEqual(marked(question, { choice: 0 }, { stdout: "a", stderr: "b" }), [
    "right",
    "Right. It is “it is a < b”.",
  ]);
  assert.deepEqual(marked(question, { choice: 0 }, { stdout: "b" }), [
    "wrong",
    "Not what happened. You chose “it is a < b”; it is “other”.",
  ]);
  assert.deepEqual(marked(question, {}, { stdout: "b" })[0], null);
});
