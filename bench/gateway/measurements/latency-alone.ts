// What a peer adds to a request when nothing else is under way: one connection.
import { runWrk } from "../load/wrk.ts";
import { added, addedOfNginx, type Measurement, value } from "../measurement.ts";
import { watched } from "../usage.ts";

export function latencyAlone(seconds: number): Measurement {
  return {
    topic: "latency",
    title: "Latency at concurrency 1",
    run: async ({ folder, order, pid }) => {
      const [figures, usage] = await watched(pid, () => runWrk(folder, order, 1, seconds));
      const values = { p50Us: figures.p50Us, p99Us: figures.p99Us };
      return { values, usage, errors: figures.errors, isVoid: null };
    },
    columns: [
      { head: "p50 µs", digits: 0, of: value("p50Us") },
      { head: "added p50 µs", digits: 0, of: added("p50Us") },
      { head: "added p99 µs", digits: 0, of: added("p99Us") },
      { head: "added p50 × nginx", digits: 1, of: addedOfNginx("p50Us") },
      { head: "added p99 × nginx", digits: 1, of: addedOfNginx("p99Us") },
    ],
  };
}
