// What Linux says of a gateway's processes: which there are, their memory, and what their sockets lead to.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // It has ended meanwhile.
    return "";
  }
}

/** The process, and those that it started and that live. */
export function familyOf(pid: number): readonly number[] {
  const tasks = namesIn(`/proc/${pid}/task`);
  const children = tasks.flatMap((task) =>
    textOf(`/proc/${pid}/task/${task}/children`).split(" ").filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(familyOf)];
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Null when it has ended. */
export function residentMiBOf(pid: number): number | null {
  const kib = /VmRSS:\s+(\d+)/.exec(textOf(`/proc/${pid}/status`))?.[1];
  return kib === undefined ? null : Number(kib) / 1_024;
}

/** Open files of all kinds, and TCP connections by what they lead to. */
export type Open = {
  readonly files: number;
  readonly toClients: number;
  readonly toUpstreams: number;
};

const LISTENING = "0A";

export function openOf(pid: number, clientPort: number, upstreamPort: number): Open {
  const links = namesIn(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
  const own = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  let toClients = 0;
  let toUpstreams = 0;
  for (const line of textOf(`/proc/${pid}/net/tcp`).split("\n").slice(1)) {
    const [, local = "", remote = "", state, , , , , , inode = ""] = line.trim().split(/\s+/);
    if (!own.has(inode) || state === LISTENING) continue;
    if (portOf(local) === clientPort) toClients++;
    else if (portOf(remote) === upstreamPort) toUpstreams++;
  }
  return { files: links.filter((link) => link !== "").length, toClients, toUpstreams };
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // It was closed meanwhile.
    return "";
  }
}

function portOf(address: string): number {
  return Number.parseInt(address.split(":")[1] ?? "", 16);
}
