// What an isolated program may use. All of it is bounded, so that no answer of a model can take the machine with it.

export type IsolationLimits = {
  /** From its start; then it is ended, with all that it started. Longer than what a busy machine makes of the processor time. */
  readonly wallMsMax: number;
  readonly cpuSecondsMax: number;
  /** Address space of each process. */
  readonly memoryBytesMax: number;
  /** Processes and threads; Node itself has about a dozen. */
  readonly processesMax: number;
  readonly fileBytesMax: number;
  /** All files together: they live in memory. */
  readonly filesBytesMax: number;
  readonly openFilesMax: number;
  /** Of each of its two outputs. */
  readonly outputBytesMax: number;
};

const MIB = 1024 * 1024;

export const DEFAULT_LIMITS: IsolationLimits = {
  wallMsMax: 20_000,
  cpuSecondsMax: 5,
  memoryBytesMax: 2048 * MIB,
  processesMax: 40,
  fileBytesMax: 8 * MIB,
  filesBytesMax: 16 * MIB,
  openFilesMax: 256,
  outputBytesMax: 64 * 1024,
};

/** Where a program is in its isolation, and what it is called there. */
export const WORK_FOLDER = "/program";
export const PROGRAM_FILE = "main.ts";
export const NODE_FILE = "/node/node";

/** Said on its output once all is set up: what does not begin so was never isolated. */
export const ISOLATED = "isolated";

/** In a shell, inside: says that all is set up, then runs the program within its limits. */
export function programLine(limits: IsolationLimits): string {
  const rlimits = [
    `--as=${limits.memoryBytesMax}`,
    `--nproc=${limits.processesMax}`,
    `--fsize=${limits.fileBytesMax}`,
    `--cpu=${limits.cpuSecondsMax}`,
    "--core=0",
    `--nofile=${limits.openFilesMax}`,
  ];
  const node = `${NODE_FILE} --max-old-space-size=256 --experimental-transform-types --disable-warning=ExperimentalWarning`;
  // Not by exec: the shell stays as the first process, to which the signals of limits do nothing.
  return `echo ${ISOLATED}; prlimit ${rlimits.join(" ")} ${node} ${PROGRAM_FILE} </dev/null; exit $?`;
}
