// `npm run fuzz -- --seconds 60 --seed 1 --transport llhttp`: throws mutated bytes at a gateway until the time is over, and
// prints what did not hold, with the command that does it again. Exit code 1 when something did not.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Transport } from "../../src/edge/index.ts";
import { Arena, type Violation } from "./arena.ts";
import { burstOf } from "./burst.ts";
import { type FuzzCase, fuzzCase, keptText } from "./fuzz-case.ts";
import { isArmed, SHAPES, type Shape } from "./shape.ts";

const BATCH = 32;
/** In gateways that are armed, a candidate that fails everybody comes after every so many batches. */
const BATCHES_PER_BURST = 4;
const SHOWN_LENGTH_MAX = 2_000;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    transport: { type: "string", default: "both" },
    /** Which gateways: `plain`, `tls`, `armed`, `workers`; one after the other, each for its part of the time. */
    shape: { type: "string", default: SHAPES.join(",") },
    /** Begin with this case of the seed. */
    from: { type: "string", default: "0" },
    /** Run so many cases at once. */
    batch: { type: "string", default: String(BATCH) },
    /** Write cases that fail to this folder, as the corpus has them. */
    keep: { type: "string" },
    "go-on": { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
const seconds = Number(values.seconds);
const batch = Number(values.batch);
const transports: readonly Transport[] =
  values.transport === "both" ? ["node", "llhttp"] : [values.transport as Transport];

const shapes = SHAPES.filter((shape) => values.shape.split(",").includes(shape));

let failures = 0;
for (const transport of transports) {
  for (const shape of shapes) await fuzz(transport, shape);
}
process.exit(failures === 0 ? 0 : 1);

async function fuzz(transport: Transport, shape: Shape): Promise<void> {
  const arena = new Arena(shape);
  let from = Number(values.from);
  const again = (): string =>
    `npm run fuzz -- --transport ${transport} --shape ${shape} --seed ${seed} --from ${from} --batch ${batch} --seconds 1`;
  const crash = (error: unknown): void => {
    say(`CRASH ${error instanceof Error ? error.stack : String(error)}\n  again: ${again()}`);
    process.exit(1);
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
  await arena.start(transport);
  const startMs = performance.now();
  const first = from;
  let found = 0;
  while (performance.now() - startMs < (seconds * 1_000) / shapes.length) {
    const cases = Array.from({ length: batch }, (_, i) => fuzzCase(seed, from + i));
    const violations = [...(await arena.run(cases))];
    if (isArmed(shape) && (from / batch) % BATCHES_PER_BURST === 0) {
      violations.push(...(await arena.runBurst(burstOf(seed, from, batch))));
    }
    for (const violation of violations) tell(violation, again());
    found += violations.length;
    if (found > 0 && !values["go-on"]) break;
    from += batch;
  }
  for (const what of await arena.close()) {
    tell({ what, fuzzCase: null }, again());
    found++;
  }
  process.off("uncaughtException", crash);
  process.off("unhandledRejection", crash);
  failures += found;
  const spent = ((performance.now() - startMs) / 1_000).toFixed(1);
  say(
    `${transport} ${shape}: seed ${seed}, ${from - first} cases, ${arena.forwarded} requests at upstreams, ${arena.copied} copies, ${arena.trips} trips, ${spent} s, ${found} violations`,
  );
}

function tell({ what, fuzzCase: failed }: Violation, again: string): void {
  say(`VIOLATION ${what.slice(0, SHOWN_LENGTH_MAX)}\n  again: ${again}`);
  if (failed === null) return;
  say(`  ${failed.name}: ${JSON.stringify(failed).slice(0, SHOWN_LENGTH_MAX)}`);
  if (values.keep !== undefined) keep(values.keep, failed);
}

function keep(folder: string, failed: FuzzCase): void {
  const name = `${seed}-${failed.name.replace(" ", "-")}.json`;
  writeFileSync(`${folder}/${name}`, keptText(failed));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
