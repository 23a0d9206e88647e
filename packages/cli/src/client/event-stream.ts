// Server-sent events out of chunks of text (WHATWG HTML, "Server-sent events"): only what the control API
// sends, so the data of each event, and nothing for comments.

/** An event longer than this is not one of ours. */
const BUFFER_MAX = 4 * 1024 * 1024;

export class EventStream {
  #buffer = "";
  #data: string[] = [];

  /** The data of every event that this chunk completes. */
  push(chunk: string): readonly string[] {
    this.#buffer += chunk;
    if (this.#buffer.length > BUFFER_MAX) throw new RangeError("an event is too long");
    // A lone CR at the end may be the first half of CRLF.
    const lines = this.#buffer.split(/\r\n|\n|\r(?!$)/);
    this.#buffer = lines.pop() ?? "";
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line: string): readonly string[] {
    if (line !== "") {
      const match = /^data:\s?(.*)$/.exec(line);
      if (match !== null) this.#data.push(match[1] ?? "");
      return [];
    }
    if (this.#data.length === 0) return [];
    const data = this.#data.join("\n");
    this.#data = [];
    return [data];
  }
}
