// One call of the control API: where, what, how long, and what the answer must look like.

/** Reading whole journals again takes as long as they are. */
export const READING_TIMEOUT_MS = 600_000;

/** What this file needs of wire's schemas. */
export type Schema<T> = {
  readonly safeParse: (value: unknown) => { success: true; data: T } | { success: false };
};

export type Call<T> = {
  readonly method?: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly body?: unknown;
  readonly schema: Schema<T>;
  readonly timeoutMs?: number;
};

export function listOf<T>(schema: Schema<T>): Schema<readonly T[]> {
  return {
    safeParse: (value) => {
      if (!Array.isArray(value)) return { success: false };
      const items = value.map((item) => schema.safeParse(item));
      const data = items.flatMap((item) => (item.success ? [item.data] : []));
      return data.length === items.length ? { success: true, data } : { success: false };
    },
  };
}
