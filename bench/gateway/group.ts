// Peers in front of one upstream, all running at once and measured in turn: in each cycle every peer is measured by
// every measurement, and each cycle begins with another peer, so that what drifts falls on all alike.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { endAll, freePort, nodeCommand, pinnedText } from "../processes.ts";
import type { Certificate } from "./certificate.ts";
import { Doubts } from "./doubts.ts";
import type { WarmOrder } from "./load/warm-load-main.ts";
import type { Cycle, Measurement, Sample, Target } from "./measurement.ts";
import { streaming } from "./measurements/streaming.ts";
import {
  CHAT_PATH,
  LOAD_CORE,
  type Peer,
  type RunningPeer,
  trusting,
  type UpstreamPlace,
} from "./peer.ts";
import { startAnswering, startStreaming } from "./upstreams.ts";
import { residentMiB } from "./usage.ts";

/** Above it a sample says more about the machine than about the peer, and is taken again. */
const FOREIGN_MAX = 0.1;

export type Group = {
  readonly title: string;
  readonly isTls: boolean;
  readonly isStream: boolean;
  readonly measurements: readonly Measurement[];
};

export type Effort = {
  readonly folder: string;
  readonly certificate: Certificate;
  readonly peers: readonly Peer[];
  readonly cycles: number;
  readonly warmRequests: number;
  /** Samples taken again in one group, at most: a machine that is busy all the time still gets an answer. */
  readonly repeatsMax: number;
  readonly say: (line: string) => void;
};

export type Series = { readonly measurement: Measurement; readonly cycles: readonly Cycle[] };

export type GroupResult = {
  readonly group: Group;
  readonly series: readonly Series[];
  /** By peer, with all its processes, after the load. */
  readonly residentMiB: ReadonlyMap<string, number>;
  /** Samples that were taken again, and what peers did not do as claimed. */
  readonly remarks: readonly string[];
};

type Running = { readonly peer: Peer; readonly at: RunningPeer; readonly target: Target };

async function start(effort: Effort, upstream: UpstreamPlace): Promise<readonly Running[]> {
  const running: Running[] = [];
  for (const peer of effort.peers) {
    const folder = join(effort.folder, peer.name);
    mkdirSync(folder);
    const at = await peer.start({ folder, port: await freePort(), upstream });
    const order = { url: `${at.origin}${CHAT_PATH}`, headers: peer.headers(upstream) };
    const env = trusting(upstream);
    running.push({ peer, at, target: { folder: effort.folder, order, pid: at.pid, env } });
  }
  return running;
}

async function warm(group: Group, effort: Effort, { target }: Running): Promise<void> {
  if (group.isStream) {
    await streaming(1).run(target);
    return;
  }
  const order: WarmOrder = { ...target.order, requests: effort.warmRequests };
  const command = nodeCommand("bench/gateway/load/warm-load-main.ts", JSON.stringify(order));
  await pinnedText(LOAD_CORE, command, target.env);
}

/** Why a sample should be taken again; null when it is good. */
function doubtOf({ isVoid, usage }: Sample): string | null {
  if (isVoid !== null) return isVoid;
  return usage.foreign > FOREIGN_MAX ? "other programs were on the proxy's core" : null;
}

/** A sample that others' programs have not spoiled; once enough have been taken again, any. */
async function sampleOf(
  measurement: Measurement,
  { peer, target }: Running,
  doubts: Doubts,
): Promise<Sample> {
  for (;;) {
    const sample = await measurement.run(target);
    const doubt = doubtOf(sample);
    if (doubt === null) return sample;
    const isKept = sample.isVoid === null;
    const isAgain = doubts.mayRepeat();
    const atLast = isKept ? "kept all the same" : "left out";
    doubts.add(`${measurement.title}, ${peer.name}: ${doubt}; ${isAgain ? "taken again" : atLast}`);
    if (!isAgain) return isKept ? sample : { ...sample, values: {} };
  }
}

async function cycleOf(
  measurement: Measurement,
  running: readonly Running[],
  doubts: Doubts,
): Promise<Cycle> {
  const cycle = new Map<string, Sample>();
  for (const one of running) cycle.set(one.peer.name, await sampleOf(measurement, one, doubts));
  return cycle;
}

async function measured(
  group: Group,
  effort: Effort,
  running: readonly Running[],
): Promise<GroupResult> {
  const doubts = new Doubts(effort.repeatsMax);
  const series = group.measurements.map((measurement) => ({
    measurement,
    cycles: [] as Cycle[],
  }));
  for (const one of running) {
    effort.say(`${group.title}: warming ${one.peer.name}`);
    await warm(group, effort, one);
  }
  for (let i = 0; i < effort.cycles; i++) {
    const turned = running.map((_, k) => running[(k + i) % running.length] as Running);
    for (const { measurement, cycles } of series) {
      cycles.push(await cycleOf(measurement, turned, doubts));
    }
    effort.say(`${group.title}: cycle ${i + 1} of ${effort.cycles}`);
  }
  const remarks = doubts.remarks().map((remark) => `${group.title}. ${remark}`);
  const memory = new Map<string, number>();
  for (const { peer, at } of running) {
    if (at.pid !== null) memory.set(peer.name, residentMiB(at.pid));
    const complaint = (await at.complaint?.()) ?? null;
    if (complaint !== null) remarks.push(`${group.title}, ${peer.name}: ${complaint}`);
  }
  return { group, series, residentMiB: memory, remarks };
}

export async function groupResult(group: Group, effort: Effort): Promise<GroupResult> {
  const certificate = group.isTls ? effort.certificate : null;
  try {
    const upstream = group.isStream
      ? await startStreaming(certificate)
      : await startAnswering(effort.folder, certificate);
    return await measured(group, effort, await start(effort, upstream));
  } finally {
    await endAll();
  }
}
