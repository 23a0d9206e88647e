// Why the controller refuses a request, in one place: stable codes, what is wrong, how to mend it.

import type { GateName, GateStanding, Said } from "@slipway/core";
import { type Neighbour, neighbourText } from "@slipway/core";
import { SlipwayError } from "@slipway/wire";

function refusal(status: number, code: string, message: string, fix: string | null): SlipwayError {
  return new SlipwayError({ status, code, message, fix });
}

export function unknownModel(model: string): SlipwayError {
  return refusal(404, "unknown_model", `no model ${model}`, "list them: slipway models");
}

export function unknownVersion(
  model: string,
  version: string,
  known: readonly string[],
): SlipwayError {
  return refusal(
    404,
    "unknown_version",
    `model ${model} has no version ${version}`,
    `it has ${known.join(", ")}; add the version to slipway.yaml and apply it first`,
  );
}

export function unknownRollout(id: string): SlipwayError {
  return refusal(404, "unknown_rollout", `no rollout ${id}`, "list them: slipway rollout list");
}

export function unknownIncident(id: string): SlipwayError {
  return refusal(404, "unknown_incident", `no incident ${id}`, "list them: slipway incident list");
}

export function unknownEntry(id: string, entry: string): SlipwayError {
  return refusal(
    404,
    "unknown_entry",
    `the timeline of ${id} has no entry ${entry}`,
    `see its entries: slipway incident show ${id} --all`,
  );
}

export function unknownComponents(
  strange: readonly string[],
  known: readonly string[],
): SlipwayError {
  return refusal(
    404,
    "unknown_component",
    `the status page has no component ${strange.join(", ")}`,
    known.length === 0
      ? "declare models, or components in slipway.yaml"
      : `it has ${known.join(", ")}`,
  );
}

export function tooManyRemarks(id: string, max: number): SlipwayError {
  return refusal(
    409,
    "too_many_remarks",
    `${id} has ${max} remarks already`,
    "write what remains into its postmortem",
  );
}

export function unknownMaintenance(id: string): SlipwayError {
  return refusal(
    404,
    "unknown_maintenance",
    `no maintenance ${id}`,
    "list it: slipway maintenance list",
  );
}

export function maintenanceIsOver(id: string | null): SlipwayError {
  return id === null
    ? refusal(409, "maintenance_is_over", "it would be over before it begins", "name a later end")
    : refusal(409, "maintenance_is_over", `maintenance ${id} is over already`, null);
}

export function tooMuchMaintenance(max: number): SlipwayError {
  return refusal(
    409,
    "too_much_maintenance",
    `${max} maintenances are announced already`,
    "end some: slipway maintenance end ID --reason …",
  );
}

export function unknownLesson(id: string): SlipwayError {
  return refusal(
    404,
    "unknown_lesson",
    `no lesson ${id}`,
    "slipway incident lessons ID names what an incident teaches, slipway checklist MODEL what is in force",
  );
}

export function lessonInForce(id: string): SlipwayError {
  return refusal(409, "lesson_in_force", `${id} is in force already`, null);
}

export function lessonTakesPlace(other: string, change: string): SlipwayError {
  return refusal(
    409,
    "lesson_takes_place",
    `${other} has brought another ${change} already, and one of the two would do nothing`,
    `drop the other first: slipway lesson drop ${other} --reason …`,
  );
}

export function tooManyLessons(model: string, most: number): SlipwayError {
  return refusal(
    409,
    "too_many_lessons",
    `${model} has ${most} lessons in force, and that is the most`,
    "write what they say into the policy, and drop them: slipway lesson drop",
  );
}

export function noPolicyFor(model: string): SlipwayError {
  return refusal(
    404,
    "no_policy",
    `the file has no policy for ${model}`,
    "name a file with that model, or one with nothing but a policy",
  );
}

export function noTraffic(model: string): SlipwayError {
  return refusal(
    409,
    "no_traffic",
    `no rollout of ${model} has left evidence of its traffic`,
    "say how much there is: --requests-per-minute N and --error-rate SHARE",
  );
}

export function candidateIsStable(model: string, version: string): SlipwayError {
  return refusal(
    409,
    "candidate_is_stable",
    `${version} is the stable version of ${model} already`,
    "name another version as the candidate",
  );
}

export function rolloutUnderWay(model: string, id: string): SlipwayError {
  return refusal(
    409,
    "rollout_under_way",
    `model ${model} has a rollout under way: ${id}`,
    "wait for it to end, or roll it back",
  );
}

export function poolInUse(model: string, neighbours: readonly Neighbour[]): SlipwayError {
  return refusal(
    409,
    "pool_in_use",
    `${model} would share a pool with ${neighbours.map(neighbourText).join(" and ")}: each would be taken for the cause of what the other does`,
    "wait until that has ended, or start it all the same with --share-pools; who and why is in the journal",
  );
}

export function frozen(model: string, how: string): SlipwayError {
  return refusal(
    409,
    "frozen",
    `${model} is ${how}`,
    "wait, or start it all the same: --override REASON",
  );
}

export function gatesMissing(
  model: string,
  to: string,
  missing: readonly Pick<GateStanding, "gate" | "lacks">[],
): SlipwayError {
  const said = missing.map(({ gate, lacks }) => `${gate} ${lacks}`).join("; ");
  const gates = missing.map(({ gate }) => `--gate ${gate}`).join(" ");
  const names = missing.map(({ gate }) => `--override-gate ${gate}=REASON`).join(" ");
  return refusal(
    409,
    "gates_missing",
    `rollouts of ${model} need gates to pass: ${said}`,
    `run slipway preflight ${model} --to ${to} ${gates}; or start it all the same: ${names}`,
  );
}

export function unknownOverride(
  model: string,
  gate: GateName,
  required: readonly GateName[],
): SlipwayError {
  return refusal(
    400,
    "gate_not_required",
    `rollouts of ${model} do not need the gate ${gate}`,
    required.length === 0 ? "leave out the override" : `they need: ${required.join(", ")}`,
  );
}

export function otherVersions(model: string, version: string): SlipwayError {
  return refusal(
    409,
    "other_versions",
    `the evidence is of another ${version} than the controller has of ${model}`,
    "apply the slipway.yaml that the gates ran with: slipway apply",
  );
}

export function freezeUnderWay(model: string | null, { by, reason }: Said): SlipwayError {
  return refusal(
    409,
    "freeze_under_way",
    `${model ?? "everything"} is frozen already, by ${by}: ${reason}`,
    `end that first: slipway freeze end --reason TEXT${modelFlag(model)}`,
  );
}

export function noFreeze(model: string | null): SlipwayError {
  return refusal(
    404,
    "no_freeze",
    `nobody has ordered a freeze of ${model ?? "everything"}`,
    "list them: slipway freeze list; a window of slipway.yaml ends by itself, or when it is removed and applied",
  );
}

export function freezeIsOver(): SlipwayError {
  return refusal(
    400,
    "freeze_is_over",
    "the freeze would end before it begins",
    "give it an end that lies ahead",
  );
}

function modelFlag(model: string | null): string {
  return model === null ? "" : ` --model ${model}`;
}

export function mirrorUnderWay(model: string, to: string): SlipwayError {
  return refusal(
    409,
    "mirror_under_way",
    `copies of ${model} go to ${to} already`,
    `stop that first: slipway mirror stop ${model}`,
  );
}

export function noMirror(model: string): SlipwayError {
  return refusal(
    404,
    "no_mirror",
    `no copies of ${model} are sent anywhere`,
    `start some: slipway mirror start ${model} --to VERSION --share 10%`,
  );
}

export function noStages(model: string): SlipwayError {
  return refusal(
    409,
    "no_stages",
    `the policy of ${model} has no stages`,
    "give its policy at least one stage and apply it",
  );
}

export function notPossible(why: string): SlipwayError {
  return refusal(409, "not_possible", why, null);
}

export function noBaseline(id: string): SlipwayError {
  return refusal(
    409,
    "no_baseline",
    `${id}: stable has answered too few requests to compare with, so that no guard could act once all users are moved`,
    "wait until stable has enough requests for every guard that rolls back, or promote to the next stage",
  );
}

export function movedOn(id: string, expected: number, actual: number): SlipwayError {
  return refusal(
    409,
    "conflict",
    `the journal of ${id} has moved on to entry ${actual}; the command was for entry ${expected}`,
    "look at the rollout again, then repeat the command if it still fits",
  );
}

export function versionChanged(model: string, version: string): SlipwayError {
  return refusal(
    409,
    "version_changed",
    `version ${version} of ${model} is known with another fingerprint`,
    "versions are immutable: give it a new id",
  );
}

export function wrongFingerprint(model: string, version: string): SlipwayError {
  return refusal(
    400,
    "wrong_fingerprint",
    `the fingerprint of version ${version} of ${model} is not that of its content`,
    "apply slipway.yaml with the same release of slipway that the controller runs",
  );
}

export function secretInUrl(model: string, version: string): SlipwayError {
  return refusal(
    400,
    "secret_in_url",
    `an upstream URL of version ${version} of ${model} holds a user name or password`,
    "take it out of the URL and give the upstream a key from the environment: tables are no place for secrets",
  );
}

export function versionInUse(model: string, version: string, use: string): SlipwayError {
  return refusal(
    409,
    "version_in_use",
    `version ${version} of ${model} cannot be removed: it is ${use}`,
    "keep it in slipway.yaml until nothing uses it",
  );
}

export function modelInUse(model: string, rollout: string): SlipwayError {
  return refusal(
    409,
    "model_in_use",
    `model ${model} cannot be removed: rollout ${rollout} is under way`,
    "end the rollout first, or keep the model in slipway.yaml",
  );
}

export function tooManyMembers(limit: number): SlipwayError {
  return refusal(
    503,
    "too_many_members",
    `${limit} gateway workers have a lease, which is the limit`,
    "run fewer gateway workers",
  );
}

export function tooManyFrames(): SlipwayError {
  return refusal(503, "overloaded", "too many frames wait to be stored", "send the frame again");
}

export function tooManyReadings(): SlipwayError {
  return refusal(503, "overloaded", "too many readings of the store wait", "ask again in a while");
}

export function notOpen(): SlipwayError {
  return refusal(503, "not_open", "the controller is not open", "wait until it has started");
}

export function damagedJournal(id: string, why: string): SlipwayError {
  return refusal(
    500,
    "journal_damaged",
    `the journal of rollout ${id} cannot be replayed: ${why}`,
    "run: slipway journal verify",
  );
}

export function storeUnavailable(): SlipwayError {
  return refusal(
    503,
    "store_unavailable",
    "the store did not commit",
    "try again; the controller's log says what the store answered",
  );
}
