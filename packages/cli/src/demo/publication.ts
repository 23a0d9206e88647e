// What a person on call does at the end of the story: posts the draft that lies ready, and looks whether it is public.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { IncidentSummary } from "@slipway/wire";
import type { Stack } from "../edge/stack.ts";
import type { Summary } from "./summary.ts";

const PUBLIC_TIMEOUT_MS = 15_000;
const LOOK_EVERY_MS = 200;

export async function publish(
  { client, statusUrl, statusDir }: Stack,
  incidents: readonly IncidentSummary[],
): Promise<Summary["statusPage"]> {
  const file = join(statusDir, "index.html");
  const felt = incidents.filter(({ severity }) => severity !== "none");
  if (felt.length === 0) return { file, hasIncident: false };
  for (const { id } of felt) {
    const reason = "the demo's person on call posts the draft";
    const said = { by: "demo", reason } as const;
    await client.actOnIncident(id, { ...said, act: { type: "disclosed", cause: "full" } });
    await client.actOnIncident(id, { ...said, act: { type: "post" } });
  }
  const deadline = performance.now() + PUBLIC_TIMEOUT_MS;
  let hasIncident = false;
  while (!hasIncident && performance.now() < deadline) {
    const pages = felt.map(({ id }) => fetch(`${statusUrl}/incidents/${id}/`));
    const areServed = (await Promise.all(pages)).every(({ status }) => status === 200);
    // The file that is named at the end is the last that is written.
    hasIncident = areServed && felt.every(({ id }) => readFileSync(file, "utf8").includes(id));
    if (!hasIncident) await sleep(LOOK_EVERY_MS);
  }
  return { file, hasIncident };
}
