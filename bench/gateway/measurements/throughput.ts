// How many requests a second a peer passes on with all of a core, from 64 connections that each send the next request
// when they have the answer; and how much CPU each request costs, which a busy load core distorts less.
import { runWrk } from "../load/wrk.ts";
import { type Measurement, times, value } from "../measurement.ts";
import { watched } from "../usage.ts";

const CONNECTIONS = 64;

export function throughput(seconds: number): Measurement {
  return {
    topic: "throughput",
    title: `Throughput: ${CONNECTIONS} connections, closed loop`,
    run: async ({ folder, order, pid }) => {
      const [figures, usage] = await watched(pid, () =>
        runWrk(folder, order, CONNECTIONS, seconds),
      );
      const cpuUs = pid === null ? Number.NaN : (usage.peerCpuMs * 1_000) / figures.requests;
      return {
        values: { rps: figures.requestsPerSecond, cpuUs },
        usage,
        errors: figures.errors,
        isVoid: null,
      };
    },
    columns: [
      { head: "requests/s", digits: 0, of: value("rps") },
      { head: "× nginx", digits: 2, of: times("rps", "nginx") },
      { head: "× plain", digits: 2, of: times("rps", "plain") },
      { head: "× portkey", digits: 1, of: times("rps", "portkey") },
      { head: "CPU µs/request", digits: 1, of: value("cpuUs") },
    ],
  };
}
