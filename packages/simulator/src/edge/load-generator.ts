// The simulated users on real sockets: posts over kept-alive connections, straight to a server or through
// gateways, which take turns.
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import type { AnswerReader } from "../population/answer-reader.ts";
import { Load, type LoadOptions, type LoadReport, type SendPost } from "../population/load.ts";
import type { Tally } from "../population/tally.ts";
import { realClock } from "./clock.ts";

export type HttpLoadOptions = Omit<LoadOptions, "clock" | "send"> & {
  /** Base URLs up to and with /v1, used in turn. */
  readonly urls: readonly string[];
  readonly apiKey?: string;
};

export type HttpLoad = {
  readonly report: () => LoadReport;
  readonly tally: Tally;
  /** Sends nothing more, waits for what is under way (as long as a user would), and reports. */
  readonly stop: () => Promise<LoadReport>;
};

export function startLoad(options: HttpLoadOptions): HttpLoad {
  const { urls, apiKey, ...rest } = options;
  // No limit of its own: the load's limit on requests under way is the one that is counted.
  const agent = new Agent({ keepAlive: true, scheduling: "lifo" });
  const load = new Load({ ...rest, clock: realClock, send: httpSend(urls, apiKey, agent) });
  const stop = async (): Promise<LoadReport> => {
    await new Promise<void>((resolve) => load.stop(resolve));
    agent.destroy();
    return load.report();
  };
  return { report: () => load.report(), tally: load.tally, stop };
}

function httpSend(urls: readonly string[], apiKey: string | undefined, agent: Agent): SendPost {
  if (urls.length === 0) throw new RangeError("a load needs at least one URL");
  let turn = 0;
  return (post, answer) => {
    const base = urls[turn++ % urls.length] ?? "";
    const outgoing = httpRequest(`${base}${post.path.slice("/v1".length)}`, {
      method: "POST",
      agent,
      headers: {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(post.body),
        "x-slipway-language": post.language,
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      },
    });
    outgoing.on("response", (incoming) => receive(incoming, answer));
    outgoing.on("error", () => answer.broken());
    outgoing.on("close", () => answer.broken());
    outgoing.end(post.body);
    return () => outgoing.destroy();
  };
}

function receive(incoming: IncomingMessage, answer: AnswerReader): void {
  answer.head(incoming.statusCode ?? 0, (name) => {
    const value = incoming.headers[name];
    return typeof value === "string" ? value : undefined;
  });
  incoming.setEncoding("utf8");
  incoming.on("data", (text: string) => answer.chunk(text));
  incoming.on("end", () => answer.end());
  incoming.on("error", () => answer.broken());
}
