// How long a rollback takes until every gateway has confirmed it, with 1, 8 and 32 gateway processes. Read from the
// rollouts' own journals: from the commit of the rollback to the last gateway's confirmation.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RolloutView } from "@slipway/wire";
import { thisMachine } from "./machine.ts";
import {
  endAll,
  freePort,
  slipway,
  slipwayJson,
  startController,
  startPinned,
} from "./processes.ts";

const quick = process.argv.includes("--quick");
const json = process.argv.includes("--json");
const GATEWAYS: readonly number[] = quick ? [1, 8] : [1, 8, 32];
const ROLLBACKS = quick ? 3 : 10;
const POLLS_MAX = 600;
const POLL_MS = 50;

async function rolloutWhen(
  controller: string,
  id: string,
  wanted: (view: RolloutView) => boolean,
): Promise<RolloutView> {
  for (let i = 0; i < POLLS_MAX; i++) {
    const answer = await fetch(`${controller}/v1/rollouts/${id}`);
    const view = (await answer.json()) as RolloutView;
    if (wanted(view)) return view;
    await sleep(POLL_MS);
  }
  throw new Error(`rollout ${id} did not get there`);
}

async function startGateways(folder: string, controller: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const port = await freePort();
    startPinned(
      i % 2,
      slipway(
        ...["gateway", "--port", String(port), "--controller", controller, "--workers", "1"],
        ...["--data-dir", join(folder, `gateway-${i}`), "--name", `edge-${i}`],
      ),
    );
    await untilListening(`http://127.0.0.1:${port}/healthz`);
  }
}

/** Any answer will do: there may be no table yet. */
async function untilListening(url: string): Promise<void> {
  for (let i = 0; i < POLLS_MAX; i++) {
    const answer = await fetch(url).catch(() => null);
    await answer?.arrayBuffer();
    if (answer !== null) return;
    await sleep(POLL_MS);
  }
  throw new Error(`${url} does not answer`);
}

async function measure(folder: string, count: number): Promise<readonly number[]> {
  const controller = await startController(
    1,
    folder,
    `models:
  bench:
    stable: one
    versions:
      one: { upstreams: [{ url: "http://127.0.0.1:9/v1" }] }
      two: { upstreams: [{ url: "http://127.0.0.1:9/v1", model: two }] }
`,
  );
  await startGateways(folder, controller, count);
  const confirmMs: number[] = [];
  for (let i = 0; i < ROLLBACKS; i++) {
    const started = slipwayJson(
      ...["rollout", "start", "bench", "--to", "two", "--reason", "benchmark"],
      ...["--controller", controller],
    ) as { id: string };
    const serving = await rolloutWhen(
      controller,
      started.id,
      ({ phase }) => phase.kind === "stage" && phase.confirmedAtMs !== null,
    );
    if (serving.gateways.of !== count) {
      throw new Error(`${serving.gateways.of} of ${count} gateways are members`);
    }
    slipwayJson(
      ...["rollout", "rollback", started.id, "--reason", "benchmark"],
      ...["--controller", controller],
    );
    const ended = await rolloutWhen(
      controller,
      started.id,
      ({ phase }) => phase.kind === "rolled-back",
    );
    if (ended.phase.kind === "rolled-back") confirmMs.push(ended.phase.confirmMs);
  }
  return confirmMs.sort((a, b) => a - b);
}

const figures: object[] = [];
for (const gateways of GATEWAYS) {
  const folder = mkdtempSync(join(tmpdir(), "slipway-bench-"));
  try {
    const sorted = await measure(folder, gateways);
    const [minMs, maxMs] = [sorted[0], sorted.at(-1)];
    figures.push({ gateways, medianMs: sorted[Math.floor(sorted.length / 2)], minMs, maxMs });
    process.stderr.write(`${gateways} gateways: ${JSON.stringify(figures.at(-1))}\n`);
  } finally {
    await endAll();
    rmSync(folder, { recursive: true, force: true });
  }
}
const result = { machine: thisMachine(), rollbacksEach: ROLLBACKS, figures };
process.stdout.write(`${JSON.stringify(result, null, json ? 0 : 2)}\n`);
