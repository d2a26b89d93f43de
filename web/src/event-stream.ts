/**
 * Reads `text/event-stream` by hand, since EventSource cannot send a POST.
 * Pure: text goes in as it arrives, cut anywhere; whole messages come out.
 */

/** Collects lines until a blank one ends a message; returns the data of each message that ended. */
export class EventStreamParser {
  #rest = "";
  #data: string[] = [];
  #afterReturn = false;

  /** Takes the next piece of text; returns the data of the messages which it completed. */
  push(text: string): string[] {
    // A CRLF may be cut in two: the LF that follows a CR at the end of the last piece is no new line.
    const from = this.#afterReturn && text.startsWith("\n") ? 1 : 0;
    if (text !== "") this.#afterReturn = text.endsWith("\r");
    const lines = (this.#rest + text.slice(from)).split(/\r\n|\r|\n/);
    this.#rest = lines.pop() ?? "";
    const messages: string[] = [];
    for (const line of lines) {
      if (line !== "") {
        this.#field(line);
      } else if (this.#data.length > 0) {
        messages.push(this.#data.join("\n"));
        this.#data = [];
      }
    }
    return messages;
  }

  #field(line: string): void {
    // Lines that start with a colon are comments, which servers send to keep a connection open.
    // `event`, `id` and `retry` say nothing that the data does not.
    if (line === "data") this.#data.push("");
    else if (line.startsWith("data:")) this.#data.push(line.slice(line[5] === " " ? 6 : 5));
  }
}
