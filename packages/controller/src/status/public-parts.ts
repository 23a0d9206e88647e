// The controller's face towards what is said in public: remarks of incidents, maintenance, the page.

import type { Incident, PageMaintenance, StatusPage } from "@slipway/core";
import type {
  IncidentActRequest,
  IncidentRemarksView,
  MaintenanceEnd,
  MaintenanceRequest,
} from "@slipway/wire";
import type { ControllerPorts } from "../ports.ts";
import type { Keeper } from "../world/keeper.ts";
import type { Communicating } from "./communicating.ts";
import { announceMaintenance, endMaintenance } from "./communications.ts";

export type PublicParts = {
  /** What people and Slipway have said of an incident. */
  readonly incidentRemarks: (incident: Incident) => Promise<IncidentRemarksView>;
  readonly actOnIncident: (
    incident: Incident,
    request: IncidentActRequest,
  ) => Promise<IncidentRemarksView>;
  readonly statusPage: () => Promise<StatusPage>;
  readonly announceMaintenance: (
    request: MaintenanceRequest,
  ) => Promise<readonly PageMaintenance[]>;
  readonly endMaintenance: (
    id: string,
    request: MaintenanceEnd,
  ) => Promise<readonly PageMaintenance[]>;
  /** One round of what it does for the public by itself; `run` has them made. */
  readonly communicate: () => Promise<void>;
};

export function publicParts(
  keeper: Keeper,
  { ids }: ControllerPorts,
  communicating: Communicating,
): PublicParts {
  const afterwards = async (change: Promise<void>): Promise<readonly PageMaintenance[]> => {
    await change;
    communicating.republish();
    return (await communicating.page()).maintenances;
  };
  return {
    incidentRemarks: communicating.remarks,
    actOnIncident: communicating.act,
    statusPage: communicating.page,
    announceMaintenance: (request) =>
      afterwards(
        keeper.change((draft) => {
          const id = `maintenance-${ids.next()}`;
          announceMaintenance(draft, { ...request, id, nowMs: keeper.nowMs() });
        }),
      ),
    endMaintenance: (id, request) =>
      afterwards(keeper.change((draft) => endMaintenance(draft, id, request, keeper.nowMs()))),
    communicate: communicating.round,
  };
}
