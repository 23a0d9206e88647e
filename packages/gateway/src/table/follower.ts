// Follows the routing table: takes newer ones of the same store, keeps the newest on disk, and starts from there.

import type { Cancel, Table } from "@slipway/core";
import { SlipwayError } from "@slipway/wire";
import type { GatewayPorts } from "../ports.ts";
import type { Routing, RoutingBuilder } from "./routing.ts";

type Ports = Pick<GatewayPorts, "clock" | "link" | "log" | "secret" | "tableFile">;

export class TableFollower {
  readonly #ports: Ports;
  readonly #builder: RoutingBuilder;
  readonly #onChange: () => void;
  #routing: Routing | null = null;
  #refusedStore: string | null = null;

  constructor(ports: Ports, builder: RoutingBuilder, onChange: () => void) {
    this.#ports = ports;
    this.#builder = builder;
    this.#onChange = onChange;
  }

  /** What later requests are assigned by; null before the first table. */
  get routing(): Routing | null {
    return this.#routing;
  }

  get table(): Table | null {
    return this.#routing?.table ?? null;
  }

  start(): Cancel {
    const kept = this.#load();
    if (kept !== null) this.#take(kept, "disk");
    return this.#ports.link.follow((table) => this.#offer(table));
  }

  /** Keys may be sent elsewhere now, or no longer. */
  keysChanged(): void {
    if (this.#routing !== null) this.#take(this.#routing.table, "here");
  }

  #load(): Table | null {
    try {
      return this.#ports.tableFile.load();
    } catch (error) {
      this.#logFailure(error, "the table on disk cannot be read; waiting for the controller's");
      return null;
    }
  }

  #offer(table: Table): void {
    const current = this.table;
    if (current !== null && table.storeId !== current.storeId) {
      this.#refuseStore(current, table);
      return;
    }
    if (current !== null && table.number <= current.number) {
      if (table.number < current.number) {
        const fields = { table: current.number, offered: table.number };
        this.#ports.log.warn(fields, "refused a table with a lower number");
      }
      return;
    }
    this.#take(table, "controller");
    try {
      this.#ports.tableFile.save(table);
    } catch (error) {
      this.#logFailure(
        error,
        "the table could not be saved; a restart would begin from an older one",
      );
    }
    this.#onChange();
  }

  #refuseStore(current: Table, offered: Table): void {
    if (this.#refusedStore === offered.storeId) return;
    this.#refusedStore = offered.storeId;
    this.#ports.log.error(
      { storeId: current.storeId, offered: offered.storeId },
      "refused the table of another store; if the controller was set up anew, stop this gateway, remove its table files and start it again",
    );
  }

  #take(table: Table, from: string): void {
    const { clock, log } = this.#ports;
    this.#routing = this.#builder.build(table, clock.mono());
    log.info({ table: table.number, storeId: table.storeId, from }, "following table");
    for (const [name, url] of this.#missingKeys(table)) {
      log.error(
        {
          variable: name,
          url,
          fix: `set it, and start the gateway with --secret '${name}@${url}'`,
        },
        "an upstream's key is not set, or may not be sent there: its requests go without one",
      );
    }
  }

  /** By the name of the variable: the first upstream that would need it. */
  #missingKeys(table: Table): ReadonlyMap<string, string> {
    const versions = table.routes
      .flatMap((route) => [route.stable, route.split?.candidate, route.mirror?.to])
      .filter((version) => version !== undefined);
    const missing = new Map<string, string>();
    for (const { keyEnv, url } of versions.flatMap(({ upstreams }) => upstreams)) {
      if (keyEnv === null || missing.has(keyEnv)) continue;
      if (this.#ports.secret(keyEnv, url) === null) missing.set(keyEnv, url);
    }
    return missing;
  }

  #logFailure(error: unknown, message: string): void {
    const reason = error instanceof SlipwayError ? error.message : String(error);
    this.#ports.log.error({ reason }, message);
  }
}
