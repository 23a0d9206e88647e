// The command line of `npm run soak`.
import { parseArgs } from "node:util";

const TRANSPORTS = ["node", "llhttp"] as const;
const PLANTED = ["nothing", "lost", "doubled", "error"] as const;

export type Options = {
  readonly seconds: number;
  readonly seed: number;
  readonly transport: (typeof TRANSPORTS)[number];
  readonly isJson: boolean;
  /** Seconds, not minutes: everything happens, and no trend of memory can be seen. */
  readonly isQuick: boolean;
  readonly clients: number;
  /** What the upstream does wrong on purpose, to see that it is found. */
  readonly planted: (typeof PLANTED)[number];
};

const MINUTES = "10";
const QUICK_SECONDS = 8;
const MINUTES_MAX = 24 * 60;
const CLIENTS_MAX = 2_000;

function wrongly(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}

function oneOf<T extends string>(flag: string, all: readonly T[], value: string): T {
  const found = all.find((one) => one === value);
  return found ?? wrongly(`--${flag} takes ${all.join(", ")}, not ${value}`);
}

function numberOf(flag: string, value: string, most: number): number {
  const number = Number(value);
  if (number > 0 && number <= most) return number;
  return wrongly(`--${flag} takes a number above 0, at most ${most}, not ${value}`);
}

export function optionsOf(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: "string", default: MINUTES },
      seed: { type: "string", default: "1" },
      transport: { type: "string", default: "node" },
      clients: { type: "string", default: "48" },
      plant: { type: "string", default: "nothing" },
      json: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
    },
  });
  const minutes = numberOf("minutes", values.minutes, MINUTES_MAX);
  return {
    seconds: values.quick ? QUICK_SECONDS : 60 * minutes,
    seed: Math.round(numberOf("seed", values.seed, 2 ** 31)),
    transport: oneOf("transport", TRANSPORTS, values.transport),
    isJson: values.json,
    isQuick: values.quick,
    clients: Math.round(numberOf("clients", values.clients, CLIENTS_MAX)),
    planted: oneOf("plant", PLANTED, values.plant),
  };
}
