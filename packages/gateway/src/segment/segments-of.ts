// In which segment a request is judged, and what else is told of it: one value for each dimension of the policy.

import type { Detected, Dimension } from "@slipway/core";
import type { Api } from "../api.ts";
import type { BodyScan } from "../body/body-scan.ts";
import { headerOf } from "../headers.ts";
import type { RawHeaders } from "../ports.ts";
import { languageOf } from "./language.ts";

/** The segment of a model whose policy names no dimension. */
export const WHOLE_SEGMENT = "all";
/** The value of what nothing tells. */
export const UNNAMED_SEGMENT = "none";
const VALUE_LENGTH_MAX = 100;

export type Slice = { readonly dimension: string; readonly value: string };

export type Segmented = {
  /** The first dimension's value: the one that is judged by itself. */
  readonly segment: string;
  /** The other dimensions. */
  readonly slices: readonly Slice[];
};

export type SegmentFacts = {
  readonly api: Api;
  /** What follows `/v1`. */
  readonly path: string;
  readonly headers: RawHeaders;
  /** Null when the body is no JSON object. */
  readonly scan: BodyScan | null;
};

const NO_SLICES: readonly Slice[] = [];
const WHOLE: Segmented = { segment: WHOLE_SEGMENT, slices: NO_SLICES };

export function segmentsOf(dimensions: readonly Dimension[], facts: SegmentFacts): Segmented {
  const [judged, ...others] = dimensions;
  if (judged === undefined) return WHOLE;
  const segment = valueFor(judged, facts);
  if (others.length === 0) return { segment, slices: NO_SLICES };
  const slices = others.map((dimension) => ({
    dimension: dimension.name,
    value: valueFor(dimension, facts),
  }));
  return { segment, slices };
}

function valueFor({ header, field, detect }: Dimension, facts: SegmentFacts): string {
  const said =
    named(header === null ? null : headerOf(facts.headers, header)) ??
    named(field === null || facts.scan === null ? null : facts.scan.text(field));
  if (said !== null) return said;
  return (detect === null ? null : DETECTORS[detect](facts)) ?? UNNAMED_SEGMENT;
}

function named(text: string | null): string | null {
  const value = text?.trim().toLowerCase().slice(0, VALUE_LENGTH_MAX);
  return value === undefined || value === "" ? null : value;
}

const DETECTORS: { readonly [what in Detected]: (facts: SegmentFacts) => string | null } = {
  language: ({ scan }) => (scan === null ? null : languageOf(scan)),
  surface: surfaceOf,
  client: ({ headers }) => clientOf(headerOf(headers, "user-agent")),
  "input-length": ({ scan }) => (scan === null ? null : inputLengthOf(scan)),
};

/** A review or an edit looks like any chat: whoever has them names them, by a header or a field. */
function surfaceOf({ api, path }: SegmentFacts): string {
  switch (api) {
    case "completions":
      return "completion";
    case "chat.completions":
    case "responses":
    case "messages":
      return "chat";
    case "embeddings":
      return "embedding";
    case "other":
      return path.startsWith("/fim/") ? "completion" : "other";
  }
}

const USER_AGENT = /^(.{1,60}?)[/ ]v?(\d{1,6})(?:\.(\d{1,6}))?(?!\w)/;

/** `Copilot/1.155.3 (linux)` → `copilot 1.155`: a patch is no version to judge by. */
function clientOf(userAgent: string | null): string | null {
  const match = userAgent === null ? null : USER_AGENT.exec(userAgent);
  if (match === null) return null;
  const [, name = "", major = "", minor] = match;
  return `${name.toLowerCase()} ${minor === undefined ? major : `${major}.${minor}`}`;
}

/** About as many as most tokenizers give code. */
const BYTES_PER_TOKEN = 4;
const LENGTHS: readonly (readonly [tokensMax: number, name: string])[] = [
  [256, "up to 256"],
  [1_024, "up to 1k"],
  [4_096, "up to 4k"],
  [16_384, "up to 16k"],
  [65_536, "up to 64k"],
  [262_144, "up to 256k"],
];

/** Of the whole body: what is not text in it is little. */
function inputLengthOf(scan: BodyScan): string {
  const tokens = scan.cursor.bytes.length / BYTES_PER_TOKEN;
  return LENGTHS.find(([tokensMax]) => tokens <= tokensMax)?.[1] ?? "over 256k";
}
