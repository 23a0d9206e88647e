// The text of an answer, put together from its document or its events: a name that a stream cuts in two would slip through
// any redaction of the raw bytes.

type Json = { readonly [field: string]: unknown };

/** The empty text where there is none. */
export function answerText(raw: string): string {
  const document = parsed(raw);
  if (document !== null) return documentText(document);
  const parts: string[] = [];
  for (const line of raw.split("\n")) {
    if (!line.startsWith("data:")) continue;
    const event = parsed(line.slice("data:".length));
    if (event !== null) parts.push(eventText(event));
  }
  return parts.join("");
}

function documentText(document: Json): string {
  const { choices, content, output, error } = document;
  if (error !== undefined && error !== null) return JSON.stringify(error);
  const whole = [
    ...listOf(choices).map((choice) => messageText(objectOf(choice["message"]) ?? choice)),
    ...listOf(content).map(blockText),
    ...listOf(output).flatMap((item) => [
      ...listOf(item["content"]).map(blockText),
      textOf(item["arguments"]),
    ]),
  ];
  return whole.filter((text) => text !== "").join("\n");
}

function eventText(event: Json): string {
  const { choices, delta } = event;
  if (typeof delta === "string") return delta;
  const block = objectOf(delta);
  if (block !== null) return blockText(block);
  return listOf(choices)
    .map((choice) => messageText(objectOf(choice["delta"]) ?? choice))
    .join("");
}

function messageText(message: Json): string {
  const calls = listOf(message["tool_calls"]).map((call) =>
    textOf(objectOf(call["function"])?.["arguments"]),
  );
  return [textOf(message["content"]), textOf(message["text"]), ...calls].join("");
}

function blockText(block: Json): string {
  const { text, thinking, partial_json: part, input } = block;
  if (objectOf(input) !== null) return JSON.stringify(input);
  return textOf(text) || textOf(thinking) || textOf(part);
}

/** A request's body without what only says whose it is. */
export function requestText(raw: string): string {
  const body = parsed(raw);
  if (body === null) return "";
  const { user, metadata, prompt_cache_key, safety_identifier, ...rest } = body;
  return JSON.stringify(rest);
}

function parsed(text: string): Json | null {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return null;
  }
}

function objectOf(value: unknown): Json | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : null;
}

function listOf(value: unknown): readonly Json[] {
  if (!Array.isArray(value)) return [];
  return value.map(objectOf).filter((item) => item !== null);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
