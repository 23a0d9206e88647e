// Who may call a gateway: applications with keys of their own, and how much each may ask for.

export type Client = {
  /** Unique; names it in metrics, logs and decisions about whose request it is. */
  readonly name: string;
  /** SHA-256 (hex) of each key that is its own: one, or two while it moves to a new key. Keys are never kept. */
  readonly keyHashes: readonly string[];
  /** Models that it may call; null for all. */
  readonly models: readonly string[] | null;
  /** Limits over the whole gateway; null for none. */
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
  readonly inFlightMax: number | null;
};

export function mayCall(client: Client | null, model: string): boolean {
  return client === null || client.models === null || client.models.includes(model);
}
