// What the kernel says of processes and cores: CPU time, memory, and how busy each core was while something ran.
import { readdirSync, readFileSync } from "node:fs";
import { LOAD_CORE, PROXY_CORE } from "./peer.ts";

/** The kernel counts in hundredths of a second, on every Linux that Node runs on. */
const TICK_MS = 10;

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** The process and all that it started, such as nginx's or Slipway's workers. */
function familyOf(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    textOf(`/proc/${pid}/task/${thread}/children`).split(" ").filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(familyOf)];
}

function cpuMsOf(pid: number): number {
  return familyOf(pid).reduce((sum, one) => {
    const fields = textOf(`/proc/${one}/stat`)
      .replace(/^.*\) /, "")
      .split(" ");
    return sum + (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS;
  }, 0);
}

export function residentMiB(pid: number): number {
  return familyOf(pid).reduce((sum, one) => {
    const kib = /VmRSS:\s+(\d+)/.exec(textOf(`/proc/${one}/status`))?.[1] ?? 0;
    return sum + Number(kib) / 1_024;
  }, 0);
}

type CoreTime = { readonly busy: number; readonly stolen: number; readonly all: number };

function coreTimeOf(core: number): CoreTime {
  const line = new RegExp(`^cpu${core} (.*)$`, "m").exec(textOf("/proc/stat"))?.[1] ?? "";
  // user nice system idle iowait irq softirq steal; what guests use is in user already.
  const parts = line.split(" ").map(Number).slice(0, 8);
  const all = parts.reduce((sum, part) => sum + part, 0);
  const stolen = parts[7] ?? 0;
  return { all, stolen, busy: all - (parts[3] ?? 0) - (parts[4] ?? 0) - stolen };
}

/** Shares are of the core named. */
export type Usage = {
  readonly peerCpuMs: number;
  readonly loadCoreBusy: number;
  /** Of the proxy's core, what others had: other programs, and the hypervisor. NaN where no proxy is measured. */
  readonly foreign: number;
};

/** Runs something and says what was used meanwhile. */
export async function watched<T>(
  pid: number | null,
  run: () => Promise<T>,
): Promise<readonly [T, Usage]> {
  const [cpuBefore, proxyBefore, loadBefore] = [
    pid === null ? 0 : cpuMsOf(pid),
    coreTimeOf(PROXY_CORE),
    coreTimeOf(LOAD_CORE),
  ];
  const result = await run();
  const peerCpuMs = pid === null ? 0 : cpuMsOf(pid) - cpuBefore;
  const [proxy, load] = [coreTimeOf(PROXY_CORE), coreTimeOf(LOAD_CORE)];
  const wallMs = Math.max(1, (proxy.all - proxyBefore.all) * TICK_MS);
  const busyMs = (proxy.busy - proxyBefore.busy) * TICK_MS;
  const stolenMs = (proxy.stolen - proxyBefore.stolen) * TICK_MS;
  const usage: Usage = {
    peerCpuMs,
    loadCoreBusy: (load.busy - loadBefore.busy) / Math.max(1, load.all - loadBefore.all),
    foreign: pid === null ? Number.NaN : Math.max(0, busyMs - peerCpuMs + stolenMs) / wallMs,
  };
  return [result, usage];
}
