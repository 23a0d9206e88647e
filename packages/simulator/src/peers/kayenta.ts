// Kayenta's rule, as Spinnaker runs it: every interval a judge compares each metric's series of minutes between the
// arms by Mann and Whitney's test, and scores the share of metrics that pass.
//
// As its judge does it (spinnaker/kayenta, NetflixACAJudge): confidence 0.98, a tolerance of a quarter of the
// Hodges-Lehmann estimate, minutes without a value removed; metrics without data have none, and half of them without
// data score 0. Effect sizes are left out.
import { errorRateOf, p99MsOf } from "./arm-minute.ts";
import { shiftOf } from "./mann-whitney.ts";
import type { ArmMinute, Minute, Rule } from "./rule.ts";

export type KayentaSettings = {
  readonly name: string;
  /** Minutes of each stage, judged all together. */
  readonly lifetimeMinutes: number;
  readonly intervalMinutes: number;
  /** A score below this rolls back; one below `pass` at the end of a lifetime too. In 0 to 100. */
  readonly marginal: number;
  readonly pass: number;
};

export type Classification = "pass" | "high" | "low" | "no-data";

const CONFIDENCE_Z = 2.326_348;
const TOLERANCE = 0.25;

const METRICS: readonly ((arm: ArmMinute) => number | null)[] = [errorRateOf, p99MsOf];

export function kayenta(settings: KayentaSettings): Rule {
  const { lifetimeMinutes, intervalMinutes, marginal, pass } = settings;
  return {
    name: settings.name,
    settings: `lifetime ${lifetimeMinutes}m a stage, judged every ${intervalMinutes}m, scores ${marginal} and ${pass}`,
    begin: () => {
      let stage = -1;
      let minutes: Minute[] = [];
      return (minute, at) => {
        if (at !== stage) minutes = [];
        stage = at;
        minutes.push(minute);
        if (minutes.length % intervalMinutes !== 0) return "hold";
        const score = scoreOf(minutes);
        if (score < marginal) return "roll-back";
        if (minutes.length < lifetimeMinutes) return "hold";
        return score >= pass ? "advance" : "roll-back";
      };
    },
  };
}

/** Metrics weigh the same. More is worse for both, so only `high` counts against the candidate. */
function scoreOf(minutes: readonly Minute[]): number {
  const classes = METRICS.map((metric) => {
    const of = (arm: keyof Minute): number[] =>
      minutes.flatMap((minute) => metric(minute[arm]) ?? []);
    return classify(of("candidate"), of("stable"));
  });
  const told = classes.filter((one) => one !== "no-data");
  if (told.length * 2 <= classes.length) return 0;
  return (100 * told.filter((one) => one !== "high").length) / told.length;
}

export function classify(candidate: readonly number[], stable: readonly number[]): Classification {
  if (candidate.length === 0 || stable.length === 0) return "no-data";
  const { low, estimate, high } = shiftOf(candidate, stable, CONFIDENCE_Z);
  const tolerance = Math.abs(TOLERANCE * estimate);
  if (low > tolerance) return "high";
  return high < -tolerance ? "low" : "pass";
}
