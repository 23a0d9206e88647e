// A forecast as one sentence, with its numbers and, where it does not let a stage begin, with what to do.

import { durationText, percentText } from "../quantity.ts";
import { KNEE } from "./engine-forecast.ts";
import type { Forecast, LatencyForecast } from "./forecast-outcome.ts";

export function forecastText(forecast: Omit<Forecast, "text">): string {
  const { percent, verdict, doubt, quotas } = forecast;
  const over = quotas.find((quota) => quota.verdict === "fail");
  if (over !== undefined) {
    const source = over.source === "told" ? "the provider's" : "the declared";
    return `${percent}% needs ${count(over.needed)} ${over.unit}/min of ${over.pool}, and ${source} limit is ${count(over.limit)}; ask for a higher limit, or promote it with a reason`;
  }
  if (verdict === "unknown")
    return `cannot tell what ${percent}% will be like: ${whyNot(forecast)}`;
  if (forecast.basis === "quota") {
    const [quota] = quotas;
    const text = quotas
      .map(
        ({ needed, limit, unit, pool }) =>
          `${count(needed)} of ${count(limit)} ${unit}/min of ${pool}`,
      )
      .join(", ");
    return quota === undefined || doubt !== null ? `${percent}%` : `${percent}% needs ${text}`;
  }
  const said = `${percent}% means ${loadText(forecast)}`;
  if (verdict === "pass") return `${said}: ${latencyText(forecast)}${coldText(forecast)}`;
  return `${said}, ${harmText(forecast)}; add replicas, or promote it with a reason`;
}

function whyNot(forecast: Omit<Forecast, "text">): string {
  switch (forecast.doubt) {
    case "replicas":
      return `an upstream does not say how many replicas it is. If it is one, that means ${loadText(forecast)}, ${harmText(forecast)}. Write \`replicas\` at the upstream, or promote it with a reason`;
    case "misfit":
      return `no engine fits what was seen at this load${forecast.risky ? `, and the nearest says ${loadText(forecast)}, ${harmText(forecast)}` : ""}`;
    case "elastic":
      return "its upstreams scale by themselves, and no limit of their pool is known";
    case "unlike-scale":
      return "few answers say how many tokens they had, and that load is far beyond any that was seen";
    default:
      return "too few answers say how many tokens they had, and the load hardly varied";
  }
}

function loadText({ load, capacity }: Omit<Forecast, "text">): string {
  if (load === null) return "an unknown load";
  const of = capacity === null ? "" : ` of about ${rate(capacity.perSecond)} that it can serve`;
  return `${rate(load.next)} requests/s at a replica, now ${rate(load.now)}${of}`;
}

function harmText(forecast: Omit<Forecast, "text">): string {
  const { beyondKnee, latency } = forecast;
  if (beyondKnee) return kneeText(forecast);
  const worst = latency.find(
    ({ lowMs, limitMs }) => (lowMs ?? 0) > (limitMs ?? Number.POSITIVE_INFINITY),
  );
  return worst === undefined ? "which it can serve" : `${nameOf(worst)} ${spreadText(worst)}`;
}

/** No number is worth saying there: how far beyond it is, and what the latency surely is more than. */
function kneeText({ load, capacity, latency }: Omit<Forecast, "text">): string {
  const of =
    load === null || capacity === null || capacity.perSecond === 0
      ? ""
      : `${percentText(Math.round((100 * load.next) / capacity.perSecond) / 100)} of that and `;
  const said = `which is ${of}beyond its knee`;
  const floors = latency.flatMap((one) =>
    one.floorMs === null ? [] : [floorText(one, one.floorMs)],
  );
  if (floors.length === 0) return said;
  return `${said}: ${floors.join(", ")} (a floor: what ${percentText(KNEE)} would make of it)`;
}

function floorText(latency: LatencyForecast, floorMs: number): string {
  const beside = besides(latency).join(", ");
  return `${nameOf(latency)} at least ${durationText(floorMs)}${beside === "" ? "" : `, ${beside}`}`;
}

function latencyText({ latency }: Omit<Forecast, "text">): string {
  return latency.map((one) => `${nameOf(one)} ${spreadText(one)}`).join(", ");
}

function spreadText({ lowMs, medianMs, highMs, nowMs, limitMs }: LatencyForecast): string {
  if (medianMs === null || lowMs === null || highMs === null) return "unknown";
  const parts = [
    `${durationText(lowMs)} to ${durationText(highMs)}`,
    ...besides({ nowMs, limitMs }),
  ];
  return `about ${durationText(medianMs)} (${parts.join(", ")})`;
}

function besides({
  nowMs,
  limitMs,
}: Pick<LatencyForecast, "nowMs" | "limitMs">): readonly string[] {
  return [
    ...(nowMs === null ? [] : [`now ${durationText(nowMs)}`]),
    ...(limitMs === null ? [] : [`limit ${durationText(limitMs)}`]),
  ];
}

function nameOf({ metric, quantile }: LatencyForecast): string {
  const of = { total: "latency", ttft: "time to first token", tpot: "time per token" }[metric];
  return `P${Math.round(quantile * 1e4) / 100} ${of}`;
}

/** Said, and not judged: whether caches hold cannot be seen before. */
function coldText({ load, capacity }: Omit<Forecast, "text">): string {
  if (load === null || capacity === null || capacity.cold === null) return "";
  if (load.next <= capacity.cold) return "";
  const share = percentText(capacity.cold / capacity.perSecond);
  return `; if its prompt caches do not hold there, it can serve ${rate(capacity.cold)} (${share})`;
}

function rate(perSecond: number): string {
  return String(perSecond >= 10 ? Math.round(perSecond) : Math.round(perSecond * 100) / 100);
}

function count(perMinute: number): string {
  return String(Math.round(perMinute));
}
