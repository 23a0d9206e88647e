// The requirement that the next stage was forecast, and is not where the candidate breaks. What cannot be told is left
// to the policy; an operator who promotes overrides all of it, with a reason.

import { stageAhead } from "../load/forecast.ts";
import type { Requirement } from "./requirement.ts";
import type { Rollout } from "./rollout.ts";

/** None where no stage with more load follows, or the policy wants no forecasts. */
export function forecastRequirements(rollout: Rollout): readonly Requirement[] {
  const ahead = stageAhead(rollout);
  if (ahead === null) return [];
  const { forecast } = rollout;
  if (forecast === null) {
    const text = `what ${ahead.percent}% will be like is not forecast yet`;
    return [{ code: "forecast", met: false, progress: 0, text }];
  }
  const { verdict, risky, text } = forecast;
  if (verdict !== "unknown") {
    const met = verdict === "pass";
    return [{ code: "forecast", met, progress: met ? 1 : 0, text }];
  }
  const { unknown } = rollout.policy.forecast;
  const met = unknown === "proceed" || (unknown === "ask-at-risk" && !risky);
  const then = met ? "the policy lets it go on" : "the policy asks: promote it, or roll it back";
  return [{ code: "forecast", met, progress: met ? 1 : 0, text: `${text}; ${then}` }];
}
