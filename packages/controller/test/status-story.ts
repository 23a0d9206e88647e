// An incident's life in public on a clock that the test owns: what is said of it, and every page that is published.
import assert from "node:assert/strict";
import { readingsOf } from "@slipway/controller";
import type { Incident, PageIncident, StatusPage } from "@slipway/core";
import {
  type IncidentActRequest,
  type IncidentRemarksView,
  incidentRemarksViewSchema,
  statusPageSchema,
} from "@slipway/wire";
import { GOOD } from "./fake-gateway.ts";
import { FakeWorld, sha256, type WorldOptions } from "./fake-world.ts";

export const SLOW = { ...GOOD, latencyMs: 900 };
export const MINUTE_MS = 60_000;

export class Story {
  readonly world: FakeWorld;
  readonly published: StatusPage[] = [];

  constructor(options: WorldOptions = {}) {
    this.world = new FakeWorld({
      ...options,
      publish: (page) => {
        this.published.push(statusPageSchema.parse(JSON.parse(JSON.stringify(page))));
        return Promise.resolve();
      },
    });
  }

  async rolledBack(traffic = SLOW): Promise<this> {
    await this.world.open();
    await this.world.start();
    await this.world.seconds(4);
    await this.world.seconds(10, traffic);
    assert.equal((await this.world.view()).phase.kind, "rolled-back");
    await this.world.controller.communicate();
    return this;
  }

  /** A look each ten seconds, as in life. */
  async wait(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += 10_000) {
      this.world.clock.advance(Math.min(10_000, ms - passedMs));
      await this.world.controller.communicate();
    }
  }

  async incident(): Promise<Incident> {
    const readings = readingsOf(this.world.store, sha256);
    const [summary] = await readings.incidents({ model: null, rolloutId: null });
    assert.ok(summary !== undefined);
    return await readings.incident({ id: summary.id });
  }

  async remarks(): Promise<IncidentRemarksView> {
    const view = await this.world.controller.incidentRemarks(await this.incident());
    return incidentRemarksViewSchema.parse(JSON.parse(JSON.stringify(view)));
  }

  async said(): Promise<string> {
    const { remarks } = await this.remarks();
    return remarks
      .map(({ act, by }) => {
        const what = act.type === "posted" ? `posted-${act.update.status}` : act.type;
        return by === null ? what : `${by}:${what}`;
      })
      .join(" ");
  }

  async says(act: IncidentActRequest["act"], by = "ann", reason = "users ask"): Promise<void> {
    await this.world.controller.actOnIncident(await this.incident(), { by, reason, act });
    await this.world.controller.communicate();
  }

  page(): StatusPage {
    const page = this.published.at(-1);
    assert.ok(page !== undefined);
    return page;
  }

  shown(): PageIncident {
    const [incident, ...others] = this.page().incidents;
    assert.ok(incident !== undefined && others.length === 0);
    return incident;
  }
}
