// What is compared: something that takes requests on a port and passes them to an upstream, alone on core 0.
import type { ChildProcess } from "node:child_process";

/** The proxy under test has this core to itself. */
export const PROXY_CORE = 0;
/** Load generator, upstream and controller share this one. */
export const LOAD_CORE = 1;

export const CHAT_PATH = "/v1/chat/completions";

export type UpstreamPlace = {
  /** Such as https://127.0.0.1:4040, without a path. */
  readonly origin: string;
  readonly port: number;
  /** The authority that signed the upstream's certificate; null over plain HTTP. */
  readonly caFile: string | null;
};

type Setting = {
  /** For the files of this peer, which may make folders in it. */
  readonly folder: string;
  readonly port: number;
  readonly upstream: UpstreamPlace;
};

export type RunningPeer = {
  readonly origin: string;
  /** Its process; null for a call without a proxy. */
  readonly pid: number | null;
  /** Says what is wrong when it did not do all the time what is claimed of it; null when all is well. */
  readonly complaint?: () => Promise<string | null>;
};

export type Peer = {
  readonly name: string;
  /** One line for readers of a table. */
  readonly what: string;
  /** Headers that its clients send. */
  readonly headers: (upstream: UpstreamPlace) => Readonly<Record<string, string>>;
  /** Why it cannot be measured here, and how to change that; null when it can. */
  readonly missing: () => string | null;
  readonly version: () => string;
  readonly start: (setting: Setting) => Promise<RunningPeer>;
};

export function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error(`${child.spawnfile} did not start`);
  return child.pid;
}

/** The environment in which a Node program trusts the upstream's authority. */
export function trusting(upstream: UpstreamPlace): Record<string, string> {
  return upstream.caFile === null ? {} : { NODE_EXTRA_CA_CERTS: upstream.caFile };
}
