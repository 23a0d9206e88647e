// Metrics by client. Clients come and go with tables, and a series stays once it was made: beyond a bound they are
// counted together.

import type { Registry } from "prom-client";
import type { Observation } from "../../path/observe.ts";
import { Tally } from "./series.ts";

const CLIENT_LABELS_MAX = 200;
const OTHERS = "(others)";

export class ClientMetrics {
  readonly #names = new Set<string>();
  readonly #requests: Tally;
  readonly #tokens: Tally;

  constructor(registry: Registry) {
    this.#requests = new Tally(registry, {
      name: "slipway_client_requests_total",
      help: "Requests that went on their way, by the client whose key they carried and how they ended for it.",
      labelNames: ["client", "outcome"],
    });
    this.#tokens = new Tally(registry, {
      name: "slipway_client_tokens_total",
      help: "Tokens as upstreams report them, by client.",
      labelNames: ["client", "gen_ai_token_type"],
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
    this.#requests.add([client, outcome]);
    if (usage === null) return;
    this.#tokens.add([client, "input"], usage.inputTokens);
    this.#tokens.add([client, "output"], usage.outputTokens);
  }
}
