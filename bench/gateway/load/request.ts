// The request that every load generator sends: a chat completion of about 1 KB, from one of 5,000 users.

export const USERS = 5_000;
export const TEXT_CHARS = 850;

export function bodyOf(turn: number, isStream: boolean): string {
  const stream = isStream ? '"stream":true,' : "";
  const text = "x".repeat(TEXT_CHARS);
  return `{"model":"bench",${stream}"user":"user-${turn % USERS}","messages":[{"role":"user","content":"${text}"}]}`;
}

/** What the programs that make load are told, as JSON in their first argument. */
export type LoadOrder = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
};
