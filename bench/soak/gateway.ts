// The gateway under a soak: two workers, as `slipway gateway` runs them, following a real controller; and how it is asked
// what it holds.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { askGateway } from "@slipway/gateway/edge";
import { freePort, slipway, startController, startProgram, untilHealthy } from "../processes.ts";
import { Changes, configOf } from "./changes.ts";
import { collectingInto, type KeptMemory, keptMemoryOf } from "./kept-memory.ts";
import { familyOf, type Open, openOf, residentMiBOf } from "./kernel.ts";
import type { Options } from "./options.ts";

export const WORKERS = 2;
const ASK_TRIES = 200;
const ASK_PAUSE_MS = 50;

/** One process of the gateway. */
export type Member = { readonly pid: number; readonly name: string };

export class GatewayUnderSoak {
  readonly port: number;
  readonly changes: Changes;
  readonly #pid: number;
  readonly #dataDir: string;
  readonly #memoryDir: string;
  readonly #upstreamPort: number;

  constructor(at: {
    readonly port: number;
    readonly pid: number;
    readonly dataDir: string;
    readonly memoryDir: string;
    readonly upstreamPort: number;
    readonly controller: string;
  }) {
    this.port = at.port;
    this.#pid = at.pid;
    this.#dataDir = at.dataDir;
    this.#memoryDir = at.memoryDir;
    this.#upstreamPort = at.upstreamPort;
    this.changes = new Changes(at.controller, at.upstreamPort);
  }

  members(): readonly Member[] {
    const [primary, ...workers] = familyOf(this.#pid);
    return [
      ...(primary === undefined ? [] : [{ pid: primary, name: "primary" }]),
      ...workers.map((pid) => ({ pid, name: `worker ${pid}` })),
    ];
  }

  /** Null when it has ended. */
  residentMiB({ pid }: Member): number | null {
    return residentMiBOf(pid);
  }

  keptMemory({ pid }: Member): KeptMemory {
    return keptMemoryOf(this.#memoryDir, pid);
  }

  open(): Open {
    const all = this.members().map(({ pid }) => openOf(pid, this.port, this.#upstreamPort));
    const sum = (key: keyof Open): number => all.reduce((total, one) => total + one[key], 0);
    return {
      files: sum("files"),
      toClients: sum("toClients"),
      toUpstreams: sum("toUpstreams"),
    };
  }

  /** The values of all series of a metric, added up by one of their labels; by nothing where that is empty. */
  async metric(name: string, label = ""): Promise<ReadonlyMap<string, number>> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/metrics`, {
      headers: { connection: "close" },
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`/metrics: ${answer.status} ${text.slice(0, 300)}`);
    const totals = new Map<string, number>([]);
    for (const [, labels = "", value] of text.matchAll(
      new RegExp(`^${name}(?:\\{([^}]*)\\})? (\\S+)$`, "gm"),
    )) {
      const key = new RegExp(`(?:^|,)${label}="([^"]*)"`).exec(labels)?.[1] ?? "";
      totals.set(key, (totals.get(key) ?? 0) + Number(value));
    }
    return totals;
  }

  async total(name: string): Promise<number> {
    const totals = await this.metric(name);
    return totals.get("") ?? 0;
  }

  /** Its workers listen before it can be asked anything by an operator. */
  async untilAskable(): Promise<void> {
    for (let i = 0; i < ASK_TRIES; i++) {
      const isAskable = await this.openRequests().then(
        () => true,
        () => false,
      );
      if (isAskable) return;
      await sleep(ASK_PAUSE_MS);
    }
    throw new Error("the gateway's admin socket does not answer");
  }

  /** What `slipway gateway restart` does. */
  async restart(): Promise<void> {
    const answer = await askGateway(this.#dataDir, { do: "restart" });
    if (!answer.ok) throw new Error(`restart: ${answer.error.message}`);
  }

  /** Requests that its workers have not done with. */
  async openRequests(): Promise<number> {
    const answer = await askGateway(this.#dataDir, { do: "status" });
    if (!answer.ok) throw new Error(`status: ${answer.error.message}`);
    return answer.workers.reduce((sum, { openRequests }) => sum + openRequests, 0);
  }
}

export async function startGateway(
  folder: string,
  upstreamPort: number,
  { transport }: Options,
): Promise<GatewayUnderSoak> {
  const controller = await startController(null, folder, configOf(upstreamPort, 0));
  const port = await freePort();
  const dataDir = join(folder, "gateway");
  const memoryDir = join(folder, "memory");
  await mkdir(memoryDir);
  const child = startProgram(
    slipway(
      ...["gateway", "--port", String(port), "--controller", controller, "--data-dir", dataDir],
      ...["--workers", String(WORKERS), "--log-level", "warn", "--transport", transport],
    ),
    collectingInto(memoryDir),
  );
  await untilHealthy(`http://127.0.0.1:${port}/healthz`);
  const { pid } = child;
  if (pid === undefined) throw new Error("the gateway did not start");
  const gateway = new GatewayUnderSoak({
    ...{ port, pid, dataDir, memoryDir, upstreamPort, controller },
  });
  await gateway.untilAskable();
  return gateway;
}
