/** What an author puts between the tags of `<go-snippet>`: the code, and perhaps an output that was captured. */
import type { Capture } from "../captured.ts";
import type { ExitStatus, RunEvent, Stream } from "../protocol.ts";
import { parseEvent } from "../stream.ts";
import { trimmed } from "./attributes.ts";

/** Elements that code may stand in. A script of no type that browsers run needs no escapes. */
const holders = ["pre", "script[type='text/plain']", "template", "textarea"];

/** The code: that of the first element for it, else all text. */
export function codeIn(snippet: Element): string {
  const holder = snippet.querySelector(
    holders.map((holder) => `:scope > ${holder}:not([slot])`).join(),
  );
  if (holder) return trimmed(textOf(holder));
  const own = [...snippet.childNodes].filter((node) => !isOutput(node));
  return trimmed(own.map((node) => node.textContent ?? "").join(""));
}

function textOf(holder: Element): string {
  const { textContent } = holder instanceof HTMLTemplateElement ? holder.content : holder;
  return textContent ?? "";
}

function isOutput(node: Node): boolean {
  return node.nodeType === Node.COMMENT_NODE || (node instanceof Element && node.slot !== "");
}

/** What was captured: `<pre slot="output" data-go="1.27">`, or the lines of `underhood run --json` in a script. */
export function captureIn(snippet: Element): Capture | null {
  const output = snippet.querySelector<HTMLElement>(":scope > [slot='output']");
  if (!output) return null;
  return output.localName === "script" ? ofEvents(output.textContent) : ofText(output);
}

function ofText({ dataset, textContent }: HTMLElement): Capture {
  const go = dataset.go?.trim();
  const type: Stream = dataset.stream === "stderr" ? "stderr" : "stdout";
  const status = (dataset.exit?.trim() || "ok") as ExitStatus;
  return {
    stamp: go
      ? `with ${go.startsWith("go") ? go : `go${go}`}.`
      : "with a Go version that this page does not tell.",
    events: [
      { type, text: trimmed(textContent) },
      { type: "exit", status },
    ],
  };
}

/** Exported for tests. */
export function ofEvents(text: string): Capture {
  const none = { stamp: "since what this page holds is not the output of run --json.", events: [] };
  const events: RunEvent[] = [];
  for (const line of text.split("\n").filter((line) => line.trim())) {
    try {
      const event = parseEvent(line);
      if (event) events.push(event);
    } catch {
      return none;
    }
  }
  // Of an output that was cut the run would never end.
  if (events.at(-1)?.type !== "exit") return none;
  const started = events.find((event) => event.type === "started");
  return { stamp: started ? `with ${started.go}.` : "without the event that tells of Go.", events };
}
