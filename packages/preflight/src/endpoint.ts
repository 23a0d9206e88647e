// Where a version is served, and the version with it.

import type { Version } from "@slipway/core";

/** One server of a version. */
export type Endpoint = {
  /** As evidence names the replica. */
  readonly id: string;
  /** Up to and with `/v1`, without a slash at its end. */
  readonly baseUrl: string;
  /** The model id that it knows. */
  readonly model: string;
  /** Sent with every request: its key, where it has one. Never shown. */
  readonly headers: Readonly<Record<string, string>>;
  /** PEM file of the authorities that may vouch for it; null for the public ones. */
  readonly caFile: string | null;
};

/** A version, and where it is served. */
export type Served = {
  readonly version: Version;
  readonly endpoints: readonly [Endpoint, ...Endpoint[]];
};
