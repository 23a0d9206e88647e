// What the steps of the request path share: one per worker.

import type { Answers } from "../answers/answers.ts";
import type { CandidateFlights } from "../evidence/candidate-flights.ts";
import type { ControllerTime } from "../evidence/controller-time.ts";
import type { Recorder } from "../evidence/recorder.ts";
import type { FeedbackDesk } from "../feedback/feedback-desk.ts";
import type { LimitedLog } from "../limited-log.ts";
import type { Limits } from "../limits.ts";
import type { Mirrors } from "../mirror/mirrors.ts";
import type { ObjectMemory } from "../objects/object-memory.ts";
import type { GatewayPorts } from "../ports.ts";
import type { Diverted } from "../table/divert.ts";
import type { Lease } from "../table/lease.ts";
import type { Routing } from "../table/routing.ts";
import type { Trips } from "../trip/trips.ts";
import type { BodyRoom } from "./body-room.ts";
import type { ConversationMemory } from "./conversation-memory.ts";
import type { Observe } from "./observe.ts";
import type { OpenRequests } from "./open-requests.ts";
import type { Tracing } from "./tracing.ts";

export type Context = {
  readonly ports: GatewayPorts;
  readonly limits: Limits;
  readonly warnings: LimitedLog;
  readonly lease: Lease;
  readonly diverted: Diverted;
  readonly trips: Trips;
  readonly mirrors: Mirrors;
  readonly answers: Answers;
  readonly time: ControllerTime;
  readonly recorder: Recorder;
  readonly flights: CandidateFlights;
  readonly open: OpenRequests;
  readonly bodies: BodyRoom;
  readonly objects: ObjectMemory;
  readonly conversations: ConversationMemory;
  readonly feedback: FeedbackDesk;
  readonly observe: Observe;
  /** Null where nobody wants traces. */
  readonly tracing: Tracing | null;
  readonly routing: () => Routing | null;
  readonly isClosed: () => boolean;
};
