// What a slipway.yaml of this machine grants: the secrets that it names, each to where it says that it goes, and where its
// notices go.

import {
  type DrillOrder,
  type Grant,
  mailDestination,
  type Target,
  type Upstream,
} from "@slipway/core";
import type { ConfigDocument } from "@slipway/wire";

export function configGrants({
  models,
  notifications,
}: Pick<ConfigDocument, "models" | "notifications">): readonly Grant[] {
  const upstreams = models.flatMap(({ versions }) => versions.flatMap((one) => one.upstreams));
  const login = notifications?.mail?.login ?? null;
  const mail = notifications?.mail ?? null;
  return [
    ...upstreams.flatMap(keyGrant),
    ...models.flatMap(({ drill }) => (drill === undefined ? [] : drillGrants(drill))),
    ...(mail === null || login === null
      ? []
      : [{ secret: login.password, to: mailDestination(mail) }]),
    // With a login it is the password's grant that counts.
    ...(mail === null || login !== null ? [] : [{ secret: null, to: mailDestination(mail) }]),
    ...(notifications?.targets ?? []).flatMap(targetGrants),
  ];
}

function keyGrant({ keyEnv, url }: Upstream): readonly Grant[] {
  if (keyEnv === null) return [];
  return [{ secret: { kind: "env", name: keyEnv }, to: new URL(url).origin }];
}

function drillGrants({ keyEnv, gateways }: DrillOrder): readonly Grant[] {
  if (keyEnv === null) return [];
  return gateways.map((url) => ({
    secret: { kind: "env", name: keyEnv },
    to: new URL(url).origin,
  }));
}

function targetGrants({ way }: Target): readonly Grant[] {
  switch (way.kind) {
    case "slack":
      return [{ secret: way.url, to: null }];
    case "pagerduty":
      return [{ secret: way.routingKey, to: new URL(way.baseUrl).origin }];
    case "webhook": {
      const signing: Grant = { secret: way.secret, to: null };
      if (typeof way.url !== "string") return [signing, { secret: way.url, to: null }];
      return [signing, { secret: null, to: new URL(way.url).origin }];
    }
    case "email":
      return [];
  }
}
