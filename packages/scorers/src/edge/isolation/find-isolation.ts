// Finds a way to isolate programs on this machine, and believes none that it has not tried: a program looks around
// inside, and reports what it can reach. Where nothing holds, nothing is run.

import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readlinkSync,
  realpathSync,
  rmdirSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Isolation, SandboxEnd } from "../../unit-tests.ts";
import {
  bubblewrapCommand,
  type IsolationCommand,
  type IsolationPlace,
  SYSTEM_FOLDERS,
  unshareCommand,
} from "./command.ts";
import { isolatedRun } from "./isolated-run.ts";
import { DEFAULT_LIMITS, type IsolationLimits } from "./limits.ts";

export async function findIsolation(limits: IsolationLimits = DEFAULT_LIMITS): Promise<Isolation> {
  if (process.platform !== "linux") {
    return {
      kind: "none",
      because: `programs are isolated on Linux alone, and this is ${process.platform}`,
    };
  }
  const mountPoint = mkdtempSync(join(tmpdir(), "slipway-isolation-"));
  // Nobody has to be able to enter it.
  chmodSync(mountPoint, 0o755);
  const place: IsolationPlace = {
    node: realpathSync(process.execPath),
    mountPoint,
    isRoot: process.getuid?.() === 0,
    system: systemFolders(),
  };
  const release = (): void => rmdirSync(mountPoint);
  const reasons: string[] = [];
  for (const command of [unshareCommand(place, limits), bubblewrapCommand(place, limits)]) {
    const leak = await leakOf(command, mountPoint, limits);
    if (leak === null) {
      const run = (program: string): Promise<SandboxEnd> => isolatedRun(command, program, limits);
      return { kind: "found", sandbox: { name: command.name, run }, release };
    }
    reasons.push(leak);
  }
  release();
  return { kind: "none", because: reasons.join("; ") };
}

function systemFolders(): Readonly<Record<string, string | null>> {
  const present = SYSTEM_FOLDERS.filter((name) => existsSync(`/${name}`));
  return Object.fromEntries(
    present.map((name) => [
      name,
      lstatSync(`/${name}`).isSymbolicLink() ? readlinkSync(`/${name}`) : null,
    ]),
  );
}

/** Tries to do what must not be possible, and says what was. */
const LOOK_AROUND = `
import { existsSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
const reached: string[] = [];
const can = (what: string, act: () => unknown): void => {
  try { if (act() !== false) reached.push(what); } catch {}
};
can("write to /", () => writeFileSync("/slipway-written", ""));
can("write to /usr", () => writeFileSync("/usr/slipway-written", ""));
can("see the files of this machine", () => existsSync(MOUNT_POINT) || existsSync("/etc/passwd"));
can("see a network", () => Object.values(networkInterfaces()).flat().some((one) => one?.internal === false));
can("see other processes", () => process.ppid > 3);
console.log(reached.length === 0 ? "holds" : "lets programs " + reached.join(", "));
`;

async function leakOf(
  command: IsolationCommand,
  mountPoint: string,
  limits: IsolationLimits,
): Promise<string | null> {
  const program = LOOK_AROUND.replace("MOUNT_POINT", JSON.stringify(mountPoint));
  const end = await isolatedRun(command, program, limits);
  if (end.kind === "not-isolated") return end.because;
  const said = end.stdout.trim();
  if (said === "holds") return null;
  return `${command.name}: ${said === "" ? (end.stderr.trim().split("\n").at(-1) ?? "") : said}`;
}
