// Slipway with everything at work: a rollout at 50%, evidence reported to a controller in a process of its own, replay
// armed, metrics scraped. Whether all of that really happened is asked of the controller at the end.
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { RolloutView } from "@slipway/wire";
import {
  slipway,
  slipwayJson,
  startController,
  startPinned,
  untilHealthy,
} from "../../processes.ts";
import { LOAD_CORE, type Peer, PROXY_CORE, pidOf, trusting, type UpstreamPlace } from "../peer.ts";

const SCRAPE_MS = 5_000;
/** How far the candidate's share of requests may be from 50%: the load has 5,000 users. */
const SHARE_OFF_MAX = 0.1;

/** The key of the load generator, and the hash of it that the configuration has. */
const KEY = "benchmark";
const KEY_HASH = createHash("sha256").update(KEY).digest("hex");

/** Every policy that looks at each request is at work; none of them ever refuses one. */
function configOf({ origin }: UpstreamPlace): string {
  return `clients:
  load:
    key-hash: ${KEY_HASH}
    models: [bench]
    requests-per-minute: 100000000
    tokens-per-minute: 1000000000
    in-flight-max: 4096
models:
  bench:
    stable: one
    versions:
      one: { upstreams: [{ url: "${origin}/v1", in-flight-max: 512 }] }
      two: { upstreams: [{ url: "${origin}/v1", in-flight-max: 512, model: two }] }
    policy:
      stages: [{ share: 50%, hold: 10h, min-requests: 1 }, { share: 100%, hold: 10h, min-requests: 1 }]
      rings: { staff: { key-prefixes: [staff-] } }
      exclude: { keys: [somebody] }
      segments: { language: { header: x-language }, surface: {}, client: {}, input-length: {} }
      priority: { header: x-priority }
`;
}

function scrape(origin: string): void {
  const timer = setInterval(() => {
    fetch(`${origin}/metrics`)
      .then((answer) => answer.text())
      .catch(() => clearInterval(timer));
  }, SCRAPE_MS);
  timer.unref();
}

async function complaintOf(controller: string, rollout: string): Promise<string | null> {
  const answer = await fetch(`${controller}/v1/rollouts/${rollout}`);
  const { phase, totals, gateways } = (await answer.json()) as RolloutView;
  if (phase.kind !== "stage") return `the rollout is no longer at its stage: ${phase.kind}`;
  if (gateways.expired.length > 0) return "the gateway lost its lease";
  const all = totals.stable.arrivals + totals.candidate.arrivals;
  if (all === 0) return "no evidence reached the controller";
  const share = totals.candidate.arrivals / all;
  return Math.abs(share - 0.5) > SHARE_OFF_MAX
    ? `the candidate had ${Math.round(share * 100)}% of requests, not 50%`
    : null;
}

/** `flags` are given to `slipway gateway`. */
export function slipwayPeer(name: string, flags: readonly string[]): Peer {
  return {
    name,
    what: "Slipway, one worker, every policy on: rollout at 50%, rings, client keys, evidence, metrics, replay",
    headers: () => ({
      authorization: `Bearer ${KEY}`,
      "x-language": "typescript",
      "x-priority": "interactive",
    }),
    missing: () => null,
    version: () => [process.version, ...flags].join(" "),
    start: async ({ folder, port, upstream }) => {
      const controller = await startController(LOAD_CORE, folder, configOf(upstream));
      const child = startPinned(
        PROXY_CORE,
        slipway(
          ...["gateway", "--port", String(port), "--controller", controller, "--workers", "1"],
          ...["--data-dir", join(folder, "gateway"), "--log-level", "warn", ...flags],
        ),
        trusting(upstream),
      );
      const origin = `http://127.0.0.1:${port}`;
      await untilHealthy(`${origin}/healthz`);
      const rollout = slipwayJson(
        ...["rollout", "start", "bench", "--to", "two", "--reason", "benchmark"],
        ...["--controller", controller],
      ) as { id: string };
      scrape(origin);
      return { origin, pid: pidOf(child), complaint: () => complaintOf(controller, rollout.id) };
    },
  };
}
