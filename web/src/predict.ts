/**
 * Predictions: what a run answers to a question, and how far a guess agrees with it. Pure. The server
 * does the same for `underhood check` (src/authoring/answer.rs); tests/questions.json holds both to it.
 */
import type { DiagnosticEvent, ExitStatus, Stream } from "./protocol.ts";
import { fileNamedBy } from "./txtar.ts";

/** A question. Its words are HTML of the page's own, its patterns are for the flags g and u. */
export type Question = { question: string } & (LinesQuestion | NumberQuestion | ChoiceQuestion);

/** Which lines of the code have a diagnostic? */
export interface LinesQuestion {
  kind: "lines";
  /** Of one of these codes. */
  codes: string[];
  /** A pattern of its message. */
  message: string | null;
  /** A pattern of the lines that are asked about. */
  among: string;
}

/** Which number does the output have? */
export interface NumberQuestion {
  kind: "number";
  pattern: string;
  /** Whether the pattern's matches are counted; else the number is what its group finds. */
  counts: boolean;
  stream: Stream | null;
  /** So far off is right as well. */
  within: number;
  unit: string;
}

/** Which of these is it? */
export interface ChoiceQuestion {
  kind: "choice";
  stream: Stream | null;
  choices: { text: string; pattern: string }[];
}

/** A line of the code. */
export interface CodeLine {
  file: string;
  number: number;
  text: string;
  /** Stays the same when lines above it come or go. */
  key: string;
}

/** What was heard of a run that came to its end. */
export interface Heard {
  source: string;
  stdout: string;
  stderr: string;
  diagnostics: readonly DiagnosticEvent[];
  /** Whether more was printed than was sent. */
  cut: boolean;
  status: ExitStatus;
}

/** What a run says. */
export type Answer =
  | { kind: "lines"; lines: readonly SaidLine[] }
  | { kind: "number"; number: number; text: string }
  | { kind: "choice"; choice: number };

/** A line that was asked about, with the messages that answer; none where nothing is said of it. */
export interface SaidLine extends CodeLine {
  messages: readonly string[];
}

/** Why a run says nothing to a question. */
export class NoAnswer {
  constructor(readonly sentence: string) {}
}

/** What the reader predicts. `lines` are keys; none of them is a prediction too. */
export interface Guess {
  lines: ReadonlySet<string> | null;
  number: string;
  choice: number | null;
}

/** Before the reader has said anything. */
export const noGuess: Guess = { lines: null, number: "", choice: null };

const mainFile = "main.go";

/** The lines of a source, one Go file or txtar, that have a pattern: by file, in order. */
export function codeLines(source: string, among: string): CodeLine[] {
  const pattern = new RegExp(among, "u");
  const files = new Map<string, CodeLine[]>();
  let file = mainFile;
  let number = 0;
  const seen = new Map<string, number>();
  for (const text of source.split("\n")) {
    const marker = fileNamedBy(text);
    if (marker) {
      file = marker;
      number = 0;
      continue;
    }
    number += 1;
    if (!pattern.test(text)) continue;
    const same = `${file}\n${text.trim()}`;
    const count = (seen.get(same) ?? 0) + 1;
    seen.set(same, count);
    const line = { file, number, text, key: `${same}\n${count}` };
    files.set(file, [...(files.get(file) ?? []), line]);
  }
  return [...files.keys()].sort().flatMap((name) => files.get(name) ?? []);
}

/** Where a line is: its number, with the file in front where that is another than main.go. */
export function placeOf({ file, number }: CodeLine): string {
  return file === mainFile ? String(number) : `${file}:${number}`;
}

/** A number as programs print it; NaN for anything else. */
export function numberOf(text: string): number {
  const isNumber = /^[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/u.test(text);
  const number = isNumber ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : Number.NaN;
}

/** What a run answers. No line at all and a count of 0 are answers too. */
export function answerOf(question: Question, heard: Heard): Answer | NoAnswer {
  if (heard.status === "build_failed") return new NoAnswer("It does not build.");
  if (heard.cut) return new NoAnswer("Its output was cut.");
  if (question.kind === "lines") return saidLines(question, heard);
  const text = question.stream ? heard[question.stream] : heard.stdout + heard.stderr;
  if (question.kind === "choice") return rightChoice(question, text);
  if (question.counts) {
    const number = [...text.matchAll(new RegExp(question.pattern, "gu"))].length;
    return { kind: "number", number, text: String(number) };
  }
  const found = new RegExp(question.pattern, "u").exec(text)?.[1];
  if (found === undefined) return new NoAnswer("The number is not in its output.");
  const number = numberOf(found);
  if (Number.isNaN(number)) return new NoAnswer(`It says “${found}”, which is no number.`);
  return { kind: "number", number, text: found };
}

function saidLines(question: LinesQuestion, heard: Heard): Answer | NoAnswer {
  const lines = codeLines(heard.source, question.among);
  if (lines.length === 0) return new NoAnswer("The lines that it asks about are gone.");
  const pattern = question.message === null ? null : new RegExp(question.message, "u");
  const said = heard.diagnostics.filter(
    ({ code, message }) => question.codes.includes(code ?? "") && (pattern?.test(message) ?? true),
  );
  const messages = ({ file, number }: CodeLine) => {
    const here = said.filter((one) => one.file === file && one.line === number);
    return [...new Set(here.map(({ message }) => message))];
  };
  return { kind: "lines", lines: lines.map((line) => ({ ...line, messages: messages(line) })) };
}

function rightChoice({ choices }: ChoiceQuestion, text: string): Answer | NoAnswer {
  const right = choices.flatMap(({ pattern }, at) =>
    new RegExp(pattern, "u").test(text) ? at : [],
  );
  const [choice, ...others] = right;
  if (choice === undefined) return new NoAnswer("None of these is in its output.");
  if (others.length > 0) return new NoAnswer("Several of these are in its output.");
  return { kind: "choice", choice };
}

/** How a guess compares; `null` where there was none. */
export type Outcome = "right" | "wrong" | null;

/** Whether the reader predicted what the run says. */
export function outcomeOf(question: Question, guess: Guess, answer: Answer): Outcome {
  switch (answer.kind) {
    case "lines": {
      if (guess.lines === null) return null;
      const { lines } = guess;
      return answer.lines.every((line) => lines.has(line.key) === line.messages.length > 0)
        ? "right"
        : "wrong";
    }
    case "number": {
      const number = numberOf(guess.number.trim());
      if (Number.isNaN(number)) return null;
      const within = question.kind === "number" ? question.within : 0;
      return Math.abs(number - answer.number) <= within ? "right" : "wrong";
    }
    case "choice":
      return guess.choice === null ? null : guess.choice === answer.choice ? "right" : "wrong";
  }
}

/** What is said of it, in a sentence or two. */
export function verdictOf(question: Question, guess: Guess, answer: Answer): string {
  const outcome = outcomeOf(question, guess, answer);
  const head = outcome === "right" ? "Right. " : outcome === "wrong" ? "Not what happened. " : "";
  switch (answer.kind) {
    case "lines":
      return head + linesVerdict(guess.lines, answer.lines);
    case "number":
      return head + numberVerdict(question, guess, answer);
    case "choice": {
      const choices = question.kind === "choice" ? question.choices : [];
      const words = (at: number) => `“${plain(choices[at]?.text ?? "")}”`;
      if (outcome !== "wrong" || guess.choice === null)
        return `${head}It is ${words(answer.choice)}.`;
      return `${head}You chose ${words(guess.choice)}; it is ${words(answer.choice)}.`;
    }
  }
}

function linesVerdict(guess: Guess["lines"], lines: readonly SaidLine[]): string {
  const said = lines.filter(({ messages }) => messages.length > 0);
  const places =
    said.length === 0 ? "none of these lines" : `${plural(said.length, "line")} ${list(said)}`;
  if (guess === null) return `It is ${places}.`;
  const found = said.filter(({ key }) => guess.has(key)).length;
  const extra = lines.filter(({ key, messages }) => guess.has(key) && messages.length === 0).length;
  if (found === said.length && extra === 0) return `It is ${places}.`;
  const parts = [
    said.length > 0 ? `found ${found} of ${said.length}` : "",
    extra > 0 ? `ticked ${extra} too many` : "",
  ];
  return `You ${parts.filter((part) => part !== "").join(" and ")}. It is ${places}.`;
}

function numberVerdict(
  question: Question,
  guess: Guess,
  answer: { number: number; text: string },
): string {
  const { unit, within } = question.kind === "number" ? question : { unit: "", within: 0 };
  const said = [answer.text, unit].filter((part) => part !== "").join(" ");
  const typed = guess.number.trim();
  if (typed === "") return `The run says ${said}.`;
  if (Number.isNaN(numberOf(typed))) return `“${typed}” is no number. The run says ${said}.`;
  const off = Math.abs(numberOf(typed) - answer.number);
  const near = off > 0 && off <= within ? ", which is near enough: this number varies" : "";
  return `You said ${typed}, the run says ${said}${near}.`;
}

function plural(count: number, word: string): string {
  return count === 1 ? word : `${word}s`;
}

function list(lines: readonly CodeLine[]): string {
  const places = lines.map(placeOf);
  const last = places.pop() ?? "";
  return places.length === 0 ? last : `${places.join(", ")} and ${last}`;
}

/** The text of the page's own inline HTML. */
function plain(html: string): string {
  const entities: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"' };
  return html
    .replace(/<[^>]*>/gu, "")
    .replace(/&(lt|gt|amp|quot);/gu, (_, name: string) => entities[name] ?? "");
}
