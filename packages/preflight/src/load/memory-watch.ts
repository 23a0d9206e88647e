// Watches the memory of a version's engines while a load is held: a sample now and then, from where they tell it.

import type { Clock, SoakSample } from "@slipway/core";
import type { Endpoint } from "../endpoint.ts";
import type { Http } from "../http.ts";

export type MemoryWatch = {
  readonly clock: Clock;
  readonly http: Http;
  readonly signal: AbortSignal;
  readonly url: string;
  readonly caFile: string | null;
  readonly metric: string;
  readonly everyMs: number;
};

export type WatchedMemory = {
  readonly samples: readonly SoakSample[];
  /** Why there are none, or fewer; null where each look found it. */
  readonly problem: string | null;
};

const MIB = 2 ** 20;

/** `/metrics` beside the `/v1`. */
export function metricsUrlOf({ baseUrl }: Pick<Endpoint, "baseUrl">): string {
  return `${baseUrl.replace(/\/v1$/, "")}/metrics`;
}

/** Looks until it is stopped. */
export function watchMemory(watch: MemoryWatch): { readonly stop: () => WatchedMemory } {
  const { clock, everyMs } = watch;
  const startMs = clock.mono();
  const samples: SoakSample[] = [];
  let problem: string | null = null;
  let isOver = false;
  let cancel = (): void => {};
  const look = (): void => {
    const atMs = clock.mono() - startMs;
    void bytesOf(watch).then(
      (bytes) => {
        if (!isOver) samples.push({ atMs, value: bytes / MIB });
      },
      (error: unknown) => {
        problem ??= error instanceof Error ? error.message : String(error);
      },
    );
    cancel = clock.after(everyMs, look);
  };
  look();
  return {
    stop: () => {
      isOver = true;
      cancel();
      return { samples, problem };
    },
  };
}

async function bytesOf({ http, url, caFile, metric, signal }: MemoryWatch): Promise<number> {
  const { status, text } = await http({ method: "GET", url, body: null, caFile, signal });
  if (status !== 200) throw new Error(`GET ${url} answers with ${status}`);
  const bytes = metricIn(text, metric);
  if (bytes === null) throw new Error(`GET ${url} tells no ${metric}`);
  return bytes;
}

/** The sum over all labels, as Prometheus' text form has them; null where there is none. */
export function metricIn(text: string, name: string): number | null {
  const values = text.split("\n").flatMap((line) => {
    const [series = "", value = ""] = line.trim().split(/\s+(?=[^\s}]*(?:\s+\d+)?$)/);
    const own = series === name || series.startsWith(`${name}{`);
    const number = Number(value.split(/\s/)[0]);
    return own && Number.isFinite(number) ? [number] : [];
  });
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}
