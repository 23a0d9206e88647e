// What a peer adds at a fixed rate, in an open loop. A peer that cannot keep up has no latency here, only a queue.

import { nodeCommand, pinnedText } from "../../processes.ts";
import type { PacedOrder, PacedReport } from "../load/paced-load-main.ts";
import { added, addedOfNginx, type Measurement, value } from "../measurement.ts";
import { LOAD_CORE } from "../peer.ts";
import { watched } from "../usage.ts";

const WARM_SECONDS = 0.5;
/** A generator that sends one request in a hundred later than this measures itself. */
const LATE_P99_US_MAX = 2_000;
/** Answered in time, of what was sent; below it the peer is saturated. */
const ANSWERED_MIN = 0.98;
/** Half of all waiting longer than this is a queue that grows. */
const QUEUE_P50_US = 50_000;

export function latencyAtRate(perSecond: number, seconds: number): Measurement {
  return {
    topic: "latency",
    title: `Latency at ${perSecond} requests/s, open loop, from when a request was due`,
    run: async ({ order, pid, env }) => {
      const paced: PacedOrder = { ...order, perSecond, seconds, warmSeconds: WARM_SECONDS };
      const command = nodeCommand("bench/gateway/load/paced-load-main.ts", JSON.stringify(paced));
      const [text, usage] = await watched(pid, () => pinnedText(LOAD_CORE, command, env));
      const report = JSON.parse(text) as PacedReport;
      const isSaturated =
        report.answered < ANSWERED_MIN * report.sent || report.p50Us > QUEUE_P50_US;
      const isLate = report.lateP99Us > LATE_P99_US_MAX && !isSaturated;
      const [p50Us, p99Us] = isSaturated
        ? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
        : [report.p50Us, report.p99Us];
      return {
        values: { p50Us, p99Us, lateUs: report.lateP99Us },
        usage,
        errors: isSaturated ? 0 : report.failed,
        isVoid: isLate ? "the generator itself was late" : null,
      };
    },
    columns: [
      { head: "p50 µs", digits: 0, of: value("p50Us") },
      { head: "added p50 µs", digits: 0, of: added("p50Us") },
      { head: "added p99 µs", digits: 0, of: added("p99Us") },
      { head: "added p50 × nginx", digits: 1, of: addedOfNginx("p50Us") },
      { head: "added p99 × nginx", digits: 1, of: addedOfNginx("p99Us") },
      { head: "generator late p99 µs", digits: 0, of: value("lateUs") },
    ],
  };
}
