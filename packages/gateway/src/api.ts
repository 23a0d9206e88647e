// Which API a path belongs to: it decides what a complete answer looks like and how errors are worded.

export type Api =
  | "chat.completions"
  | "completions"
  | "responses"
  | "messages"
  | "embeddings"
  /** Any other path under /v1. */
  | "other";

const APIS: ReadonlyMap<string, Api> = new Map([
  ["/chat/completions", "chat.completions"],
  ["/completions", "completions"],
  ["/fim/completions", "completions"],
  ["/responses", "responses"],
  ["/messages", "messages"],
  ["/messages/count_tokens", "other"],
  ["/embeddings", "embeddings"],
]);

/** Of the other paths, those that only compute an answer: asking twice does nothing twice. */
const COMPUTING_PATHS: readonly string[] = [
  "/audio/",
  "/classify",
  "/detokenize",
  "/images/",
  "/messages/count_tokens",
  "/moderations",
  "/rerank",
  "/score",
  "/tokenize",
];

/** Whether a request to an API may be sent twice, as far as its method and its path tell. */
export function isRepeatable(api: Api, method: string, path: string): boolean {
  if (api !== "other" || method === "GET" || method === "HEAD") return true;
  return COMPUTING_PATHS.some((known) => path.startsWith(known));
}

/** OpenTelemetry's `gen_ai.operation.name`. */
export function operationOf(api: Api): string {
  switch (api) {
    case "chat.completions":
    case "responses":
    case "messages":
      return "chat";
    case "completions":
      return "text_completion";
    case "embeddings":
      return "embeddings";
    case "other":
      return "other";
  }
}

/** By their whole path, so that what nearly everybody asks for is looked at no further. */
const KNOWN_PATHS: ReadonlyMap<string, string> = new Map(
  [...APIS.keys()].map((path) => [`/v1${path}`, path]),
);

const SEPARATORS = /[/\\;#]|%2f|%5c/i;
const DOTS = /^(?:\.|%2e){1,2}$/i;

/** What follows `/v1` in a path, query included; null when the path is not under `/v1`, or might lead out of it. */
export function pathUnderV1(path: string): string | null {
  const known = KNOWN_PATHS.get(path);
  if (known !== undefined) return known;
  // A fragment is never sent: what stands there is read by nobody, or by somebody in another way.
  if (!path.startsWith("/v1/") || path.includes("#")) return null;
  // An upstream resolves dots, in more spellings than one, and would find its own key on whatever they lead to.
  const segments = withoutQuery(path).split(SEPARATORS);
  return segments.some((segment) => DOTS.test(segment)) ? null : path.slice("/v1".length);
}

export function withoutQuery(path: string): string {
  const mark = path.indexOf("?");
  return mark === -1 ? path : path.slice(0, mark);
}

/** `path` is without `/v1` and without a query. */
export function apiOf(path: string): Api {
  return APIS.get(path) ?? "other";
}
