// Relay: the answer, byte for byte, as fast as the client takes it, and looked at in passing.

import type { Outcome } from "@slipway/core";
import type { AnswerScan } from "../answer/answer-scan.ts";
import { scanOf } from "../answer/scan-of.ts";
import { endToEnd, headerOf } from "../headers.ts";
import { ObjectIdScan } from "../objects/object-id-scan.ts";
import { brokenOff, errorEventOf, type Refusal } from "../refusal.ts";
import type { Attempt } from "./attempt.ts";
import { outcomeOfStatus } from "./failure.ts";
import { measure } from "./measure.ts";
import type { Passage } from "./passage.ts";
import { addSlipwayHeaders, isOurs, isSlipwayHeader } from "./slipway-headers.ts";

const encoder = new TextEncoder();

/** Sends the head; from here on the answer is this attempt's. */
export function beginRelay(passage: Passage, attempt: Attempt): void {
  passage.isCommitted = true;
  passage.forgetBody();
  const { status, headers } = attempt;
  if (status < 400) {
    passage.scan = scanOf(passage.api, passage.streamed, headers);
    if (attempt.arm === "stable") passage.watched?.stableBegan();
  }
  if (status < 300) learnObjects(passage, attempt);
  const kept = endToEnd(headers, passage.caller === null ? isSlipwayHeader : isOurs);
  addSlipwayHeaders(kept, passage);
  passage.exchange.respond(status, kept);
}

/** What this answer is about lives here, and so does what it made. */
function learnObjects(passage: Passage, { replica }: Attempt): void {
  const { context, destination, key, makesObject, object } = passage;
  if (replica === null || (object === null && !makesObject)) return;
  const { id: upstream } = replica.upstream;
  const version = passage.answeringBalancer.version.id;
  const home = { model: destination.route.model, version, upstream, key };
  if (object !== null) context.objects.learn(object, home);
  if (makesObject) passage.idScan = new ObjectIdScan((id) => context.objects.learn(id, home));
}

/** False: the client is slow, and the upstream waits. */
export function relayChunk(passage: Passage, attempt: Attempt, chunk: Uint8Array): boolean {
  passage.scan?.push(chunk);
  passage.kept?.capture.push(chunk);
  passage.idScan?.push(chunk);
  if (passage.exchange.write(chunk)) return true;
  passage.exchange.onDrain(() => attempt.resume());
  return false;
}

/** The upstream's answer has ended, and so does the client's. */
export function endRelay(passage: Passage, attempt: Attempt): void {
  const { scan } = passage;
  const { hasOwnKey, status } = attempt;
  const outcome = scan === null ? outcomeOfStatus(status, hasOwnKey) : scan.outcome();
  passage.exchange.end();
  measure(passage, outcome);
}

/** The upstream's answer broke off: the client must see that, and not a short answer. */
export function cutRelay(passage: Passage, attempt: Attempt): void {
  // Measured first: the client's connection may close as it is cut, and that is not the client leaving.
  measure(passage, outcomeOfCut(passage.scan, attempt));
  endBroken(passage, brokenOff);
}

/** Ends an answer that will not be whole: in the API's own words where a stream allows it, else by cutting it. */
export function endBroken(passage: Passage, refusal: Refusal): void {
  const { api, attempt, exchange, id, scan } = passage;
  const event = errorEventOf(refusal, api, id);
  const isBounded = headerOf(attempt?.headers ?? [], "content-length") !== null;
  if (event === null || isBounded || scan?.isBetweenEvents() !== true || scan.isComplete()) {
    exchange.destroy();
    return;
  }
  exchange.write(encoder.encode(event));
  exchange.end();
}

function outcomeOfCut(scan: AnswerScan | null, { status, hasOwnKey }: Attempt): Outcome {
  if (scan === null) return outcomeOfStatus(status, hasOwnKey);
  if (scan.isComplete()) return "ok";
  return scan.outcome() === "stream_error" ? "stream_error" : "truncated";
}
