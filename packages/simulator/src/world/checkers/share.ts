// Never above the stage's share: a request goes to the candidate only if its key's slot is the candidate's by the
// newest table that reached the worker, and only tables that are stored reach anybody.
import { canonicalJson, slotOf } from "@slipway/core";
import type { WorldEvent } from "../event.ts";
import type { Knowledge } from "../knowledge.ts";
import type { Checker, Objection } from "../record.ts";

export function shareChecker(knowledge: Knowledge): Checker {
  const assigned = (
    { request, worker, key, url }: Extract<WorldEvent, { kind: "assigned" }>,
    object: Objection,
  ): void => {
    const known = knowledge.of(worker);
    const { route, table } = known;
    const where = `request ${request} of ${key} from ${worker.incarnation} by table ${table?.number}`;
    if (route === null) {
      object(`${where}: it has no table`);
      return;
    }
    if (known.isStable(url)) return;
    if (!known.isCandidate(url)) {
      object(`${where}: ${url} is in no route of it`);
      return;
    }
    if (known.isDiverted) object(`${where}: the worker is diverted, and it went to the candidate`);
    if (known.isInSlots(key)) return;
    const { rolloutId = "", candidateSlots = 0 } = route.split ?? {};
    object(
      `${where}: slot ${slotOf(rolloutId, key)} is not below ${candidateSlots}, and it went to the candidate`,
    );
  };
  const on = (event: WorldEvent, object: Objection): void => {
    switch (event.kind) {
      case "assigned":
        assigned(event, object);
        return;
      case "table-delivered": {
        const { table, worker } = event;
        if (knowledge.tables.get(table.number) === canonicalJson(table)) return;
        object(`${worker.incarnation} got table ${table.number}, which is not stored so`);
        return;
      }
      case "frame-sent": {
        const { confirmedTable } = event.frame;
        const number = knowledge.of(event.worker).table?.number ?? 0;
        if (confirmedTable === null || confirmedTable <= number) return;
        object(
          `${event.worker.incarnation} confirmed table ${confirmedTable}; it had none above ${number}`,
        );
        return;
      }
      default:
        return;
    }
  };
  return { name: "share", on };
}
