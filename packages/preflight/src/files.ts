// The port to the team's own files: prompts, data sets, traces. Paths are relative to the folder of slipway.yaml.

export type Files = {
  /** Throws a SlipwayError where there is none, or it is larger than this. */
  readonly read: (path: string, bytesMax: number) => Promise<string>;
};

/** The names in a folder, in their order; none where there is no such folder. */
export type ListFolder = (folder: string) => Promise<readonly string[]>;
