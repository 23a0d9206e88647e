// Announced maintenance: scheduled by a person, begun and ended by the clock unless a person says otherwise.

export type MaintenanceStatus = "scheduled" | "in_progress" | "completed" | "cancelled";

export type Maintenance = {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** Ids of components. */
  readonly components: readonly string[];
  readonly fromMs: number;
  readonly untilMs: number;
  readonly announcedAtMs: number;
  readonly by: string;
  /** Ended before its time, or called off before it began; null for neither. */
  readonly ended: { readonly atMs: number; readonly by: string; readonly reason: string } | null;
};

export function maintenanceStatus(
  { fromMs, untilMs, ended }: Maintenance,
  nowMs: number,
): MaintenanceStatus {
  if (ended !== null && ended.atMs <= nowMs) return ended.atMs < fromMs ? "cancelled" : "completed";
  if (nowMs < fromMs) return "scheduled";
  return nowMs < untilMs ? "in_progress" : "completed";
}
