// The command line of bench:gateway.
import { parseArgs } from "node:util";

const TOPICS = ["throughput", "latency", "stream", "tls"] as const;
export type Topic = (typeof TOPICS)[number];

export type Options = {
  readonly isQuick: boolean;
  readonly isJson: boolean;
  readonly topics: readonly Topic[];
  /** Names of peers; null for all. */
  readonly peers: readonly string[] | null;
  /** Of Slipway's gateway, each measured beside the others; none: the one that it takes by itself. */
  readonly transports: readonly string[];
  /** A page whose figures are replaced. */
  readonly page: string | null;
  readonly cycles: number;
};

const CYCLES = 5;
const CYCLES_QUICK = 1;

/** Ends the program with a sentence when it was called wrongly. */
export function wrongly(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}

function topicsOf(only: string | undefined): readonly Topic[] {
  if (only === undefined) return TOPICS;
  const wanted = only.split(",");
  const strange = wanted.filter((word) => !TOPICS.some((topic) => topic === word));
  if (strange.length > 0) wrongly(`--only takes ${TOPICS.join(", ")}, not ${strange.join(", ")}`);
  return TOPICS.filter((topic) => wanted.includes(topic));
}

export function optionsOf(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      only: { type: "string" },
      peers: { type: "string" },
      page: { type: "string" },
      transport: { type: "string" },
      cycles: { type: "string" },
    },
  });
  const cycles = Number(values.cycles ?? (values.quick ? CYCLES_QUICK : CYCLES));
  if (!Number.isInteger(cycles) || cycles < 1) wrongly("--cycles takes a whole number from 1");
  return {
    isQuick: values.quick,
    isJson: values.json,
    topics: topicsOf(values.only),
    peers: values.peers?.split(",") ?? null,
    transports: values.transport?.split(",") ?? [],
    page: values.page ?? null,
    cycles,
  };
}
