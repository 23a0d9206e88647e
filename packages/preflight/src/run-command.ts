// The port to processes: one command of the team's, run to its end or ended.

export type CommandRun = {
  /** A line for the shell. */
  readonly line: string;
  /** Beside the variables that the command inherits. */
  readonly env: Readonly<Record<string, string>>;
  /** What must not appear in what is kept of its output. */
  readonly secrets: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Told of each line that it writes. */
  readonly heard: (line: string) => void;
};

export type CommandEnd = {
  /** Null where it was ended by a signal. */
  readonly exitCode: number | null;
  readonly endedBy: "itself" | "timeout" | "signal" | "abort";
  readonly durationMs: number;
  /** The end of what it wrote, to both outputs. */
  readonly tail: string;
  /** Bytes of its output before that, which were not kept. */
  readonly droppedBytes: number;
};

export type RunCommand = (run: CommandRun) => Promise<CommandEnd>;
