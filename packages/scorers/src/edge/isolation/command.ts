// How a program is started in isolation by what a machine has: a command, whose input is the program.

import {
  type IsolationLimits,
  NODE_FILE,
  PROGRAM_FILE,
  programLine,
  WORK_FOLDER,
} from "./limits.ts";

export type IsolationCommand = {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
};

export type IsolationPlace = {
  /** The real path of the Node that runs programs. */
  readonly node: string;
  /** An empty folder that the new root is mounted on, in a world of its own. */
  readonly mountPoint: string;
  /** Root becomes nobody first: limits on processes do not bind root. */
  readonly isRoot: boolean;
  /** What stands at the root of this machine, of `SYSTEM_FOLDERS`: links as their target, folders as null. */
  readonly system: Readonly<Record<string, string | null>>;
};

/** Where programs and libraries are, wherever a system keeps them. */
export const SYSTEM_FOLDERS: readonly string[] = [
  "usr",
  "bin",
  "sbin",
  "lib",
  "lib32",
  "lib64",
  "nix",
];

const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

/** By util-linux alone, where the kernel lets users have namespaces. */
export function unshareCommand(place: IsolationPlace, limits: IsolationLimits): IsolationCommand {
  const namespaces = ["--user", "--map-root-user", "--mount", "--net", "--pid", "--ipc", "--uts"];
  const script = unshareScript(place, limits);
  return started("unshare", place, [
    ...["unshare", ...namespaces, "--fork", "--kill-child=SIGKILL", "--"],
    ...["sh", "-c", script, "sh", place.mountPoint, place.node],
  ]);
}

/** By bubblewrap, which some systems allow what they allow no other program. */
export function bubblewrapCommand(
  place: IsolationPlace,
  limits: IsolationLimits,
): IsolationCommand {
  const system = Object.entries(place.system).flatMap(([name, target]) =>
    target === null ? ["--ro-bind", `/${name}`, `/${name}`] : ["--symlink", target, `/${name}`],
  );
  return started("bwrap", place, [
    ...["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"],
    ...system,
    ...["--dev", "/dev", "--ro-bind", place.node, NODE_FILE],
    ...["--size", String(limits.filesBytesMax), "--tmpfs", WORK_FOLDER],
    ...["--file", "0", `${WORK_FOLDER}/${PROGRAM_FILE}`, "--chdir", WORK_FOLDER],
    ...["--remount-ro", "/", "sh", "-c", programLine(limits)],
  ]);
}

function started(
  name: string,
  { isRoot }: IsolationPlace,
  line: readonly string[],
): IsolationCommand {
  const [file = name, ...args] = isRoot ? [...NOBODY, ...line] : line;
  return { name, file, args };
}

/**
 * Builds a root of its own: system folders that cannot be written, a small place for files in memory, no /proc, no
 * home, none of the machine's other files. The old root is let go before the program starts, and with it the rights.
 */
function unshareScript({ system }: IsolationPlace, limits: IsolationLimits): string {
  const readOnly = "mount -o remount,bind,ro,nosuid,nodev";
  const folders = Object.entries(system).map(([name, target]) =>
    target === null
      ? `mkdir "$root/${name}"; mount --rbind "/${name}" "$root/${name}"; ${readOnly} "$root/${name}"`
      : `ln -s "${target}" "$root/${name}"`,
  );
  const work = `size=${limits.filesBytesMax},nr_inodes=1000,mode=777,nosuid,nodev`;
  return [
    "set -eu",
    'root=$1; node=$2; PATH="$PATH:/usr/sbin:/sbin"',
    'mount -t tmpfs -o size=1m,nr_inodes=200,mode=755,nosuid,nodev isolated "$root"',
    ...folders,
    `mkdir "$root/dev" "$root${WORK_FOLDER}" "$root/node" "$root/old" "$root/proc"`,
    'for device in null urandom; do : > "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done',
    `: > "$root${NODE_FILE}"; mount --bind "$node" "$root${NODE_FILE}"; ${readOnly} "$root${NODE_FILE}"`,
    `mount -t tmpfs -o ${work} isolated "$root${WORK_FOLDER}"; cat > "$root${WORK_FOLDER}/${PROGRAM_FILE}"`,
    'mount --rbind /proc "$root/proc"',
    `${readOnly} "$root"`,
    `cd "$root"; pivot_root . old; cd ${WORK_FOLDER}`,
    // umount looks into /proc for what it is to unmount, so that /proc goes last.
    "umount -l /old; umount -l /proc",
    `exec setpriv --bounding-set=-all --inh-caps=-all --ambient-caps=-all --no-new-privs sh -c '${programLine(limits)}'`,
  ].join("\n");
}
