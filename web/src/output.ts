/**
 * Writes a run's output into the page: exact text, in a span for each stretch of one stream,
 * appended once per animation frame. Bounded, so that a server without a limit could not fill the tab.
 */
import type { Stream } from "./protocol.ts";

/** More than the server's own limit of 1 MiB a run; in UTF-16 units. */
const maxChars = 2 * 1024 * 1024;

/** The text of one run, in one element. */
export class OutputLog {
  #pending: { stream: Stream; text: string }[] = [];
  #chars = 0;
  #frame = 0;
  #last: { stream: Stream; node: Text; newline: boolean } | null = null;

  #follow = false;

  /** `target` scrolls. */
  constructor(private readonly target: HTMLElement) {}

  /**
   * Empties the element for a new run. With `follow` its end is kept in view, as in a terminal,
   * until the reader scrolls away from it.
   */
  clear(follow: boolean): void {
    this.#follow = follow;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#pending = [];
    this.#chars = 0;
    this.#last = null;
    this.target.replaceChildren();
  }

  /** Adds text, to be seen in the next frame. */
  append(stream: Stream, text: string): void {
    const room = maxChars - this.#chars;
    const kept = text.length > room ? text.slice(0, Math.max(0, room)) : text;
    if (kept === "") return;
    this.#chars += kept.length;
    const last = this.#pending.at(-1);
    if (last?.stream === stream) last.text += kept;
    else this.#pending.push({ stream, text: kept });
    this.#frame ||= requestAnimationFrame(() => this.flush());
  }

  /** Writes what is waiting, now. */
  flush(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { scrollTop, clientHeight, scrollHeight } = this.target;
    const atEnd = scrollHeight - scrollTop - clientHeight < 8;
    for (const { stream, text } of this.#pending) this.#write(stream, text);
    this.#pending = [];
    if (this.#follow && atEnd) this.target.scrollTop = this.target.scrollHeight;
  }

  /**
   * The newline at the end of a stretch stands outside its span, so that the mark which a
   * stream's lines carry does not appear on the empty line after them.
   */
  #write(stream: Stream, text: string): void {
    const newline = text.endsWith("\n");
    const body = newline ? text.slice(0, -1) : text;
    if (this.#last?.stream === stream) {
      this.#last.node.appendData((this.#last.newline ? "\n" : "") + body);
      this.#last.newline = newline;
      return;
    }
    if (this.#last?.newline) this.target.append("\n");
    const span = document.createElement("span");
    span.className = stream === "stdout" ? "out" : "err";
    const node = document.createTextNode(body);
    span.append(node);
    this.target.append(span);
    this.#last = { stream, node, newline };
  }
}
