// How fast the gateway is, as ratios against a direct call and nginx's proxy_pass in the same minutes. Core 0 has the
// proxy under test alone; core 1 has the load generator and the upstream. Every variant runs in turn in each cycle.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { thisMachine } from "./machine.ts";
import { mockCommand, proxyCommand } from "./nginx.ts";
import {
  endAll,
  freePort,
  needPrograms,
  slipway,
  slipwayJson,
  startController,
  startPinned,
  untilHealthy,
} from "./processes.ts";
import { type Figures, runWrk, writeScript } from "./wrk.ts";

const quick = process.argv.includes("--quick");
const json = process.argv.includes("--json");
const CYCLES = quick ? 3 : 7;
const SECONDS = quick ? 2 : 5;
const WARM_SECONDS = quick ? 6 : 15;
const PROXY_CORE = 0;
const LOAD_CORE = 1;

type Cycle = { readonly loaded: Figures; readonly alone: Figures };
type Variant = { readonly name: string; readonly url: string; readonly cycles: Cycle[] };

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** A controller, a gateway that follows it, and a rollout at 50%, so that every policy is at work. */
async function startSlipway(folder: string, upstreamPort: number): Promise<string> {
  const port = await freePort();
  const controller = await startController(
    LOAD_CORE,
    folder,
    `models:
  bench:
    stable: one
    versions:
      one: { upstreams: [{ url: "http://127.0.0.1:${upstreamPort}/v1", in-flight-max: 512 }] }
      two: { upstreams: [{ url: "http://127.0.0.1:${upstreamPort}/v1", in-flight-max: 512, model: two }] }
    policy:
      stages: [{ share: 50%, hold: 10h, min-requests: 1 }, { share: 100%, hold: 10h, min-requests: 1 }]
`,
  );
  startPinned(
    PROXY_CORE,
    slipway(
      "gateway",
      ...["--port", String(port), "--controller", controller, "--workers", "1"],
      ...["--data-dir", join(folder, "gateway")],
    ),
  );
  await untilHealthy(`http://127.0.0.1:${port}/healthz`);
  slipwayJson(
    ...["rollout", "start", "bench", "--to", "two", "--reason", "benchmark"],
    ...["--controller", controller],
  );
  return `http://127.0.0.1:${port}`;
}

function ratios(variants: readonly Variant[]): object {
  const [direct, nginx] = variants;
  return Object.fromEntries(
    variants.map(({ name, cycles }) => [
      name,
      {
        requestsPerSecond: median(cycles.map((c) => c.loaded.requestsPerSecond)),
        ofNginx: median(
          cycles.map(
            (c, i) =>
              c.loaded.requestsPerSecond /
              (nginx?.cycles[i]?.loaded.requestsPerSecond ?? Number.NaN),
          ),
        ),
        addedP50Ms: median(
          cycles.map((c, i) => c.alone.p50Ms - (direct?.cycles[i]?.alone.p50Ms ?? 0)),
        ),
        addedP99Ms: median(
          cycles.map((c, i) => c.alone.p99Ms - (direct?.cycles[i]?.alone.p99Ms ?? 0)),
        ),
        errors: cycles.reduce((sum, c) => sum + c.loaded.errors + c.alone.errors, 0),
      },
    ]),
  );
}

async function measure(folder: string): Promise<object> {
  const [mockPort, proxyPort] = [await freePort(), await freePort()];
  const path = "/v1/chat/completions";
  startPinned(LOAD_CORE, mockCommand(folder, mockPort));
  await untilHealthy(`http://127.0.0.1:${mockPort}/`);
  startPinned(PROXY_CORE, proxyCommand(folder, proxyPort, mockPort));
  await untilHealthy(`http://127.0.0.1:${proxyPort}/`);
  const gateway = await startSlipway(folder, mockPort);
  const script = writeScript(folder);
  const variants: Variant[] = [
    { name: "direct", url: `http://127.0.0.1:${mockPort}${path}`, cycles: [] },
    { name: "nginx proxy_pass", url: `http://127.0.0.1:${proxyPort}${path}`, cycles: [] },
    { name: "slipway", url: `${gateway}${path}`, cycles: [] },
  ];
  const run = (url: string, connections: number, seconds: number): Promise<Figures> =>
    runWrk({ core: LOAD_CORE, url, script, connections, seconds });
  await run(`${gateway}${path}`, 64, WARM_SECONDS);
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    for (const variant of variants) {
      const loaded = await run(variant.url, 64, SECONDS);
      const alone = await run(variant.url, 1, SECONDS);
      variant.cycles.push({ loaded, alone });
    }
    process.stderr.write(`cycle ${cycle + 1} of ${CYCLES}\n`);
  }
  return {
    machine: thisMachine(),
    cycles: CYCLES,
    secondsEach: SECONDS,
    figures: ratios(variants),
  };
}

needPrograms(["nginx", "wrk", "taskset"], "Debian: apt-get install nginx-light wrk util-linux");
const folder = mkdtempSync(join(tmpdir(), "slipway-bench-"));
try {
  const result = await measure(folder);
  process.stdout.write(`${JSON.stringify(result, null, json ? 0 : 2)}\n`);
} finally {
  await endAll();
  rmSync(folder, { recursive: true, force: true });
}
