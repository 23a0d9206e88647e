// Metrics by client. Clients come and go with tables, and a series stays once it was made: beyond a bound they are
// counted together.

import { Counter, type Registry } from "prom-client";
import type { Observation } from "../path/context.ts";

const CLIENT_LABELS_MAX = 200;
const OTHERS = "(others)";

export class ClientMetrics {
  readonly #names = new Set<string>();
  readonly #requests: Counter;
  readonly #tokens: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#requests = new Counter({
      name: "slipway_client_requests_total",
      help: "Requests that went on their way, by the client whose key they carried and how they ended for it.",
      labelNames: ["client", "outcome"],
      registers,
    });
    this.#tokens = new Counter({
      name: "slipway_client_tokens_total",
      help: "Tokens as upstreams report them, by client.",
      labelNames: ["client", "gen_ai_token_type"],
      registers,
    });
  }

  /** Empty for no client. */
  label(client: string | null): string {
    if (client === null) return "";
    if (this.#names.has(client)) return client;
    if (this.#names.size >= CLIENT_LABELS_MAX) return OTHERS;
    this.#names.add(client);
    return client;
  }

  finished({ client: name, outcome, usage }: Observation): void {
    if (name === null) return;
    const client = this.label(name);
    this.#requests.inc({ client, outcome });
    if (usage === null) return;
    this.#tokens.inc({ client, gen_ai_token_type: "input" }, usage.inputTokens);
    this.#tokens.inc({ client, gen_ai_token_type: "output" }, usage.outputTokens);
  }
}
