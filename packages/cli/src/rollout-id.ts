// Which rollout a command means when it names none: the only one under way.

import type { RolloutSummary } from "@slipway/wire";
import type { ControlClient } from "./client/control-client.ts";
import { usageError } from "./output.ts";
import { outcomeOf } from "./text/rollout-text.ts";

export async function rolloutIdOf(client: ControlClient, id: string | undefined): Promise<string> {
  if (id !== undefined) return id;
  const rollouts = await client.rollouts();
  const underWay = rollouts.filter(({ phase }) => outcomeOf(phase) === null);
  const [only] = underWay;
  if (only !== undefined && underWay.length === 1) return only.id;
  if (underWay.length > 1) {
    throw usageError(
      `${underWay.length} rollouts are under way`,
      `name one: ${underWay.map(nameOf).join(", ")}`,
    );
  }
  const last = rollouts.reduce<RolloutSummary | null>(
    (latest, rollout) =>
      latest === null || rollout.startedAtMs > latest.startedAtMs ? rollout : latest,
    null,
  );
  throw usageError(
    "no rollout is under way",
    last === null
      ? "start one with slipway rollout start MODEL --to VERSION --reason TEXT"
      : `name a finished one; the last was ${nameOf(last)}`,
  );
}

function nameOf({ id, model }: RolloutSummary): string {
  return `${id} (${model})`;
}
