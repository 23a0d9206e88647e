// 200 streams at once, 50 chunks each, 20 ms apart: what a peer adds until the first chunk and to each further one,
// what a chunk costs, and whether every byte came through once.
import { nodeCommand, pinnedText } from "../../processes.ts";
import type { StreamOrder, StreamReport } from "../load/stream-load-main.ts";
import { CHUNK_GAP_MS, CHUNKS } from "../load/stream-shape.ts";
import { added, type Measurement, times, value } from "../measurement.ts";
import { LOAD_CORE } from "../peer.ts";
import { watched } from "../usage.ts";

const STREAMS = 200;

export function streaming(rounds: number): Measurement {
  return {
    topic: "stream",
    title: `Streaming: ${STREAMS} streams at once, ${CHUNKS} chunks ${CHUNK_GAP_MS} ms apart`,
    run: async ({ order, pid, env }) => {
      const streams: StreamOrder = { ...order, places: STREAMS, rounds };
      const command = nodeCommand(
        "bench/gateway/load/stream-load-main.ts",
        JSON.stringify(streams),
      );
      const [text, usage] = await watched(pid, () => pinnedText(LOAD_CORE, command, env));
      const report = JSON.parse(text) as StreamReport;
      const { ttftP50Us, ttftP99Us, transitP50Us, transitP99Us, gapP50Us, gapP99Us } = report;
      const { lost, doubled, changed, failed } = report;
      const cpuUs = pid === null ? Number.NaN : (usage.peerCpuMs * 1_000) / report.chunks;
      const timed = { ttftP50Us, ttftP99Us, transitP50Us, transitP99Us, gapP50Us, gapP99Us };
      return {
        values: { ...timed, cpuUs, lost: lost + doubled, changed },
        usage,
        errors: failed,
        isVoid: null,
      };
    },
    columns: [
      { head: "added TTFT p50 µs", digits: 0, of: added("ttftP50Us") },
      { head: "added TTFT p99 µs", digits: 0, of: added("ttftP99Us") },
      { head: "added per chunk p50 µs", digits: 0, of: added("transitP50Us") },
      { head: "added per chunk p99 µs", digits: 0, of: added("transitP99Us") },
      { head: "added gap p50 µs", digits: 0, of: added("gapP50Us") },
      { head: "added gap p99 µs", digits: 0, of: added("gapP99Us") },
      { head: "CPU µs/chunk", digits: 1, of: value("cpuUs") },
      { head: "CPU × nginx", digits: 2, of: times("cpuUs", "nginx") },
      { head: "lost or doubled", digits: 0, of: value("lost") },
      { head: "streams changed", digits: 0, of: value("changed") },
    ],
  };
}
