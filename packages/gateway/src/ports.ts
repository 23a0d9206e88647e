// What the gateway needs from the outside, as types. The same gateway runs on sockets and in virtual time.
// Callbacks, not promises: nothing on the request path allocates a promise.

import type {
  AnswersPolicy,
  Cancel,
  Clock,
  LiveScores,
  Random,
  ScorableAnswer,
  Table,
} from "@slipway/core";
import type { Acknowledgement, Frame } from "@slipway/wire";
import type { Span } from "./body/body-scan.ts";

/** Header names and values in turn, as they stood on the wire: name, value, name, value, … */
export type RawHeaders = readonly string[];

/** One request of a client, and the way back to it. */
export type Exchange = {
  readonly method: string;
  /** Path and query, as received. */
  readonly path: string;
  readonly headers: RawHeaders;
  /** Address that it came from, where that is known. */
  readonly peer?: string;
  /**
   * Reads the whole body; exactly one of `done` and `fail` is called, once. Where `take` is asked about each part as it
   * comes and says no, there is no room for it.
   */
  readonly read: (
    limitBytes: number,
    done: (body: Uint8Array) => void,
    fail: (reason: "too-large" | "no-room" | "aborted") => void,
    take?: (bytes: number) => boolean,
  ) => void;
  /** Sends status and headers; once. */
  readonly respond: (status: number, headers: RawHeaders) => void;
  /** False: the client is slow, wait for `onDrain` before the next chunk. */
  readonly write: (chunk: Uint8Array) => boolean;
  readonly onDrain: (fire: () => void) => void;
  readonly end: () => void;
  /** Cuts the connection, so that the client sees a truncated answer as truncated. */
  readonly destroy: () => void;
  /** Called once if the client leaves before `end` has been sent. */
  readonly onClosed: (fire: () => void) => void;
};

export type UpstreamRequest = {
  readonly method: string;
  /** Base URL of the upstream, up to and with `/v1`. */
  readonly baseUrl: string;
  /** What follows the base: `/chat/completions?x=y`. */
  readonly path: string;
  readonly headers: RawHeaders;
  readonly body: Uint8Array;
  /** PEM file of the authorities that may vouch for it; the public ones where absent. */
  readonly caFile?: string;
  /** To be sent on a new connection, not on a kept one. */
  readonly fresh?: true;
};

export type UpstreamFailure = {
  /** `connect`: no connection, or it broke. `protocol`: what came was not HTTP. */
  readonly kind: "connect" | "protocol";
  /** For the log; never shown to a client. */
  readonly message: string;
  /** No byte of the request can have left: it may be sent elsewhere whatever it would have done. */
  readonly unsent?: true;
  /** A kept connection closed under the request before any answer: most likely idle for too long, not ill. */
  readonly stale?: true;
};

/** What becomes of a call: `onHead` once, then chunks, then `onEnd`; or `onError` at any point, once, and nothing after. */
export type Sink = {
  readonly onHead: (status: number, headers: RawHeaders) => void;
  /** False: pause until `resume`. */
  readonly onData: (chunk: Uint8Array) => boolean;
  readonly onEnd: () => void;
  readonly onError: (failure: UpstreamFailure) => void;
};

export type Call = {
  /** Ends the call at once; the sink hears nothing more. */
  readonly abort: () => void;
  readonly resume: () => void;
};

export type Upstream = { readonly send: (request: UpstreamRequest, sink: Sink) => Call };

/** The last table, kept on disk so that a gateway can start without a controller. */
export type TableFile = {
  /** Null when there is none. Throws SlipwayError when it is there and cannot be read. */
  readonly load: () => Table | null;
  readonly save: (table: Table) => void;
};

/**
 * What becomes of a frame: its acknowledgement, or null when none came; then perhaps why, when the frame was refused for
 * what it holds, so that sending it again cannot help.
 */
export type Reported = (ack: Acknowledgement | null, why?: "refused") => void;

/** Keeps answers for scoring. */
export type AnswerSpool = {
  /** Takes one line, to be written when the disk has time; false when it cannot. */
  readonly write: (
    model: string,
    line: string,
    limits: Pick<AnswersPolicy, "bytesMax" | "ageMsMax">,
  ) => boolean;
};

/** Scores answers beside the requests. */
export type AnswerScorer = {
  /** False when too many wait. Else `done` once, with null for what could not be scored; never, once the gateway has ended. */
  readonly score: (answer: ScorableAnswer, done: (scores: LiveScores | null) => void) => boolean;
};

export type ControllerLink = {
  /** Follows the table until cancelled, reconnecting by itself. */
  readonly follow: (onTable: (table: Table) => void) => Cancel;
  /** Sends one frame; `done` once. */
  readonly report: (frame: Frame, done: Reported) => Cancel;
};

/** Random identifiers, URL-safe. */
export type Ids = { readonly next: () => string };

/** Signs the ids of answers, so that feedback about them can be believed. */
export type Signer = {
  /** A short code of letters, digits, `-` and `_`. */
  readonly sign: (text: string) => string;
  readonly verifies: (text: string, code: string) => boolean;
};

export type LogFields = { readonly [field: string]: string | number | boolean | null };
/** Structured log lines, without bodies or keys. */
export type Log = {
  readonly info: (fields: LogFields, message: string) => void;
  readonly warn: (fields: LogFields, message: string) => void;
  readonly error: (fields: LogFields, message: string) => void;
};

/** The fields of a form that say where it goes, and where the model's name stands in it. */
export type Form = {
  readonly model: string | null;
  readonly modelSpans: readonly Span[];
  readonly stream: boolean;
  readonly user: string | null;
};
/** Reads a form (`multipart/form-data`); `done` once, with null when it is none that can be read. */
export type ReadForm = (
  contentType: string,
  body: Uint8Array,
  done: (form: Form | null) => void,
) => void;

export type GatewayPorts = {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly upstream: Upstream;
  readonly tableFile: TableFile;
  readonly link: ControllerLink;
  readonly log: Log;
  /** Where kept answers go; none are kept without. */
  readonly answers?: AnswerSpool;
  /** Scores those that are kept; none are scored without. */
  readonly scorer?: AnswerScorer;
  readonly readForm: ReadForm;
  readonly signer: Signer;
  /** Value of an environment variable that holds the key of an upstream at `url`; null when it is not set, or may not be sent there. */
  readonly secret: (name: string, url: string) => string | null;
  /** SHA-256 of a text, in hex. */
  readonly digest: (text: string) => string;
};
