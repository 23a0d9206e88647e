// How fast the gateway is beside others, in one run: each proxy alone on core 0 in its turn, load generator and upstream
// on core 1. Only figures of the same cycle are compared. What it all means: docs/benchmarks.md
// npm run bench:gateway -- [--quick] [--json] [--only throughput|latency|stream|tls] [--peers a,b]
//   [--transport node,llhttp] [--cycles N] [--page FILE]
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { newCertificate } from "./gateway/certificate.ts";
import { type Group, type GroupResult, groupResult } from "./gateway/group.ts";
import type { Measurement } from "./gateway/measurement.ts";
import { latencyAlone } from "./gateway/measurements/latency-alone.ts";
import { latencyAtRate } from "./gateway/measurements/latency-at-rate.ts";
import { streaming } from "./gateway/measurements/streaming.ts";
import { throughput } from "./gateway/measurements/throughput.ts";
import { optionsOf, type Topic, wrongly } from "./gateway/options.ts";
import { LOAD_CORE, type Peer } from "./gateway/peer.ts";
import { direct } from "./gateway/peers/direct.ts";
import { haproxy } from "./gateway/peers/haproxy.ts";
import { nginxProxy } from "./gateway/peers/nginx-proxy.ts";
import { plain } from "./gateway/peers/plain.ts";
import { portkey } from "./gateway/peers/portkey.ts";
import { slipwayPeer } from "./gateway/peers/slipway-gateway.ts";
import { type Head, type Report, reportJson, reportText, topicText } from "./gateway/report.ts";
import { type Table, tableOf } from "./gateway/table.ts";
import { thisMachine } from "./machine.ts";
import { writeFigures } from "./page.ts";
import { endAll, needPrograms } from "./processes.ts";

const options = optionsOf(process.argv.slice(2));
const PEERS: readonly Peer[] = [direct, nginxProxy, haproxy, ...slipwayPeers(), plain, portkey];
const seconds = options.isQuick ? 1 : 3;
const rounds = options.isQuick ? 1 : 2;
const WARM_REQUESTS = options.isQuick ? 5_000 : 20_000;
const REPEATS_MAX = options.isQuick ? 2 : 15;

function slipwayPeers(): readonly Peer[] {
  const { transports } = options;
  if (transports.length === 0) return [slipwayPeer("slipway", [])];
  return transports.map((transport) =>
    slipwayPeer(transports.length === 1 ? "slipway" : `slipway-${transport}`, [
      "--transport",
      transport,
    ]),
  );
}

/** What is measured, in this order. */
const GROUPS: readonly Group[] = [
  {
    title: "HTTP",
    isTls: false,
    isStream: false,
    measurements: [
      throughput(seconds),
      latencyAlone(seconds),
      ...(options.isQuick ? [] : [latencyAtRate(300, seconds)]),
      latencyAtRate(2_000, seconds),
    ],
  },
  { title: "HTTP", isTls: false, isStream: true, measurements: [streaming(rounds)] },
  {
    title: "TLS to the upstream",
    isTls: true,
    isStream: false,
    measurements: [
      throughput(seconds),
      ...(options.isQuick ? [] : [latencyAlone(seconds), latencyAtRate(2_000, seconds)]),
    ],
  },
  {
    title: "TLS to the upstream",
    isTls: true,
    isStream: true,
    measurements: options.isQuick ? [] : [streaming(rounds)],
  },
];

const topicOf = (group: Group, measurement: Measurement): Topic =>
  group.isTls ? "tls" : measurement.topic;

function wantedGroups(): readonly Group[] {
  return GROUPS.flatMap((group) => {
    const measurements = group.measurements.filter((one) =>
      options.topics.includes(topicOf(group, one)),
    );
    return measurements.length === 0 ? [] : [{ ...group, measurements }];
  });
}

type PresentPeer = { readonly peer: Peer; readonly missing: string | null };

function chosenPeers(): readonly PresentPeer[] {
  const names = PEERS.map(({ name }) => name);
  const strange = (options.peers ?? []).filter((name) => !names.includes(name));
  if (strange.length > 0) wrongly(`--peers takes ${names.join(", ")}, not ${strange.join(", ")}`);
  const isChosen = ({ name }: Peer): boolean => options.peers?.includes(name) ?? true;
  return PEERS.filter(isChosen).map((peer) => ({
    peer,
    missing: peer.missing(),
  }));
}

function headOf(chosen: readonly PresentPeer[]): Head {
  return {
    date: new Date().toISOString().slice(0, 16),
    command: ["npm run bench:gateway --", ...process.argv.slice(2)].join(" "),
    machine: thisMachine(),
    loadAverage: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    cycles: options.cycles,
    warmRequests: WARM_REQUESTS,
    peers: chosen.map(({ peer, missing }) => ({
      name: peer.name,
      what: peer.what,
      version: missing === null ? peer.version() : null,
      missing,
    })),
  };
}

function topicTables(results: readonly GroupResult[], topic: Topic): readonly Table[] {
  return results.flatMap(({ group, series, residentMiB }) =>
    series.flatMap((one) => {
      if (topicOf(group, one.measurement) !== topic) return [];
      const table = tableOf(one, present, residentMiB);
      return [{ ...table, title: `${group.title}. ${table.title}` }];
    }),
  );
}

needPrograms(
  ["nginx", "wrk", "taskset", "openssl"],
  "Debian: apt-get install nginx-light wrk util-linux openssl",
);
const chosen = chosenPeers();
const peers = chosen.flatMap(({ peer, missing }) => (missing === null ? [peer] : []));
const present = peers.map(({ name }) => name);
// This process has little to do while it measures, and does it where it disturbs no proxy.
execFileSync("taskset", ["-a", "-cp", String(LOAD_CORE), String(process.pid)]);
const folder = mkdtempSync(join(tmpdir(), "slipway-bench-"));
const head = headOf(chosen);
const results: GroupResult[] = [];
try {
  const certificate = newCertificate(folder);
  for (const group of wantedGroups()) {
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const { cycles } = options;
    results.push(
      await groupResult(group, {
        folder: mkdtempSync(join(folder, "group-")),
        certificate,
        peers,
        cycles,
        warmRequests: WARM_REQUESTS,
        repeatsMax: REPEATS_MAX,
        say,
      }),
    );
  }
} finally {
  await endAll();
  rmSync(folder, { recursive: true, force: true });
}
const remarks = results.flatMap((result) => result.remarks);
const report: Report = {
  head,
  remarks,
  topics: options.topics.map((topic) => ({ topic, tables: topicTables(results, topic) })),
};
process.stdout.write(options.isJson ? `${reportJson(report)}\n` : reportText(report));
for (const { topic, tables } of report.topics) {
  if (options.page !== null) writeFigures(options.page, topic, topicText(report, tables));
}
