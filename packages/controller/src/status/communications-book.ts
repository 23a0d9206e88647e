// What the controller remembers for the public: how the status page is set up, and which maintenance was announced.

import { DEFAULT_STATUS, type Maintenance, type StatusSettings } from "@slipway/core";
import type { StoredSetting } from "../store/store.ts";

export type Communications = {
  readonly status: StatusSettings;
  /** When the page was set up, with the first configuration; 0 before that. */
  readonly sinceMs: number;
  /** The oldest announcement first. */
  readonly maintenances: readonly Maintenance[];
};

/** The names under which the store keeps the parts. */
export const PARTS = {
  status: "status",
  since: "status-since",
  maintenances: "maintenances",
} as const;

export function communicationsFrom(settings: readonly StoredSetting[]): Communications {
  const texts = new Map(settings.map(({ name, text }) => [name, text]));
  const part = <T>(name: string, otherwise: T): T => {
    const text = texts.get(name);
    return text === undefined ? otherwise : (JSON.parse(text) as T);
  };
  return {
    status: part(PARTS.status, DEFAULT_STATUS),
    sinceMs: part(PARTS.since, 0),
    maintenances: part<readonly Maintenance[]>(PARTS.maintenances, []),
  };
}
