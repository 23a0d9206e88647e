// What commands know of the process they run in, as a type: text out, text in, and the terminal's manners.

export type Terminal = {
  /** Writes to standard output. */
  readonly out: (text: string) => void;
  /** Writes to standard error. */
  readonly err: (text: string) => void;
  /** Whether standard output is a terminal that can be redrawn. */
  readonly live: boolean;
  readonly colour: boolean;
  readonly columns: () => number;
  readonly rows: () => number;
  readonly onResize: (changed: () => void) => () => void;
  /** Calls back on ctrl-C and on termination, instead of ending the process. */
  readonly onStop: (stop: (signal: string) => void) => () => void;
};

/** Everything a command may use. */
export type Context = {
  readonly terminal: Terminal;
  readonly env: { readonly [name: string]: string | undefined };
  /** Who runs the command, for the journal. */
  readonly user: string;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  /** What the command's end means to the shell; the last call counts. */
  readonly exitWith: (code: number) => void;
};
