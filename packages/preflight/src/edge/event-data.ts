// The data of server-sent events, one by one, from the bytes of a stream.

/** Yields null, and ends, where the stream is longer than is read. */
export async function* eventData(
  body: AsyncIterable<Buffer>,
  bytesMax: number,
): AsyncGenerator<string | null> {
  let data: string[] = [];
  for await (const line of linesOf(body, bytesMax)) {
    if (line === null) {
      yield null;
      return;
    }
    if (line.startsWith("data:")) data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
    if (line !== "" || data.length === 0) continue;
    yield data.join("\n");
    data = [];
  }
}

/** Lines without their ends; the last one only where it has an end. */
async function* linesOf(
  body: AsyncIterable<Buffer>,
  bytesMax: number,
): AsyncGenerator<string | null> {
  const decoder = new TextDecoder();
  let rest = "";
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > bytesMax) {
      yield null;
      return;
    }
    const lines = (rest + decoder.decode(part, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield line.endsWith("\r") ? line.slice(0, -1) : line;
  }
}
