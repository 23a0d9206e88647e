// A whole gateway on real sockets between scripted upstreams and a fake controller, for the tests that need one.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EvidenceRow, mergeRowInto, rowKeyText, type Table } from "@slipway/core";
import {
  DEFAULT_TRANSPORT,
  type RunningGateway,
  type RunOptions,
  runGateway,
  type Transport,
} from "../src/edge/index.ts";
import { type FakeController, fakeController } from "./scripted-upstream.ts";

export type LiveGateway = {
  readonly base: string;
  readonly dataDir: string;
  readonly controller: FakeController;
  readonly gateway: RunningGateway;
  readonly close: () => Promise<void>;
};

let transport: Transport = DEFAULT_TRANSPORT;

/** Has the live gateways of this process run over another transport than the default. */
export function useTransport(other: Transport): void {
  transport = other;
}

export function chosenTransport(): Transport {
  return transport;
}

export async function liveGateway(
  table: Table,
  workers = 1,
  options: Partial<RunOptions> = {},
): Promise<LiveGateway> {
  const dataDir = mkdtempSync(join(tmpdir(), "slipway-gateway-"));
  const controller = await fakeController(table);
  const gateway = await runGateway({
    listen: { host: "127.0.0.1", port: 0 },
    controllerUrl: controller.url,
    dataDir,
    name: "test",
    workers,
    logLevel: "silent",
    transport,
    ...options,
    dataLimits: { idleGraceMs: 0, ...options.dataLimits },
  });
  const base = `http://127.0.0.1:${gateway.port}`;
  return {
    base,
    dataDir,
    controller,
    gateway,
    close: async () => {
      await gateway.close();
      await controller.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Waits until `isTrue`; fails by the test's own timeout. */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 5));
}

export async function healthy(base: string): Promise<void> {
  await until(async () => {
    const answer = await fetch(`${base}/healthz`);
    const body = (await answer.json()) as { readonly leaseMs: number };
    return answer.status === 200 && body.leaseMs > 0;
  });
}

/** All rows that a controller was sent, merged over frames. */
export function rowsOf(controller: FakeController): readonly EvidenceRow[] {
  const rows = new Map<string, EvidenceRow>();
  for (const frame of controller.frames) {
    for (const row of frame.rows) {
      const name = rowKeyText(row);
      const known = rows.get(name);
      if (known === undefined) rows.set(name, structuredClone(row));
      else mergeRowInto(known, row);
    }
  }
  return [...rows.values()];
}
