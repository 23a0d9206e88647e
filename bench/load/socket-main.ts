// The load gate at a real address, with its generator in a thread of this process: socket-main.ts ORDER. Started on a
// processor that others keep busy, it has to find out by itself that its figures are worth nothing.
import { atAddress } from "./gate-run.ts";
import { LOAD_SETTINGS, requestsOf } from "./settings.ts";

export type SocketOrder = {
  readonly url: string;
  /** Of the settings. */
  readonly place: number;
  readonly perSecond: number;
  readonly stepMs: number;
  readonly lagMsMax: number;
};

const { url, place, perSecond, stepMs, lagMsMax } = JSON.parse(
  process.argv[2] ?? "{}",
) as SocketOrder;
const setting = LOAD_SETTINGS[place];
if (setting === undefined) throw new Error(`there is no setting ${place}`);
const finding = await atAddress(url, "bench", {
  perSecond,
  requests: requestsOf(setting, 1),
  stepMs,
  lagMsMax,
  limits: { totalMsMax: 600_000, ttftMsMax: null, tpotMsMax: null },
});
process.stdout.write(JSON.stringify(finding));
