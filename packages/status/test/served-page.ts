// The page of the fixture, published into a folder of its own and served by a clock that the test owns.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPublisher, serveStatus } from "@slipway/status/edge";
import { AT_MS, PAGE } from "./page-fixture.ts";

export type ServedPage = {
  readonly dir: string;
  readonly url: string;
  nowMs: number;
  readonly close: () => Promise<void>;
};

export async function servedPage(): Promise<ServedPage> {
  const dir = mkdtempSync(join(tmpdir(), "slipway-status-"));
  await createPublisher(dir)(PAGE, AT_MS);
  const clock = { nowMs: AT_MS };
  const listen = { host: "127.0.0.1", port: 0 };
  const site = await serveStatus({ dir, listen, nowMs: () => clock.nowMs });
  const close = async (): Promise<void> => {
    await site.close();
    rmSync(dir, { recursive: true });
  };
  return Object.assign(clock, { dir, url: `http://127.0.0.1:${site.port}`, close });
}
