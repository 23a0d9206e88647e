// slipway incident publish, update, title, disclose: what the public is told of an incident.

import {
  COMPONENT_STATUSES,
  type ComponentImpact,
  type ComponentStatus,
  DISCLOSURES,
  type Disclosure,
  PUBLIC_STATUSES,
  type PublicStatus,
} from "@slipway/core";
import type { PostAct } from "@slipway/wire";
import { readDuration } from "@slipway/wire/config";
import { type Command, InvalidArgumentError, Option } from "commander";
import { durationOption } from "../../options/number-option.ts";
import { usageError } from "../../output.ts";
import type { Context } from "../../terminal.ts";
import { type ActOptions, actCommand, runAct } from "./act-on-incident.ts";
import { publicationText } from "./publication-text.ts";

type PostOptions = ActOptions & {
  readonly status?: PublicStatus;
  readonly component?: readonly ComponentImpact[];
  readonly overIn?: PostAct["overInMs"];
  readonly nextUpdate?: number;
};

export function publishCommand(context: Context): Command {
  return postCommand(
    context,
    "publish",
    "post the draft that lies ready, as it is or with changes",
  ).action((id: string, options: PostOptions) => post(context, options, id, {}));
}

export function updateCommand(context: Context): Command {
  return postCommand(context, "update", "post an update in your own words")
    .argument("<text>", "what the public is told")
    .action((id: string, text: string, options: PostOptions) =>
      post(context, options, id, { text }),
    );
}

function postCommand(context: Context, name: string, description: string): Command {
  return actCommand(context, name, description)
    .option("--reason <text>", "why, kept with it; never shown to the public")
    .addOption(
      new Option("--status <status>", "how far it is (default: as in the draft)").choices(
        PUBLIC_STATUSES,
      ),
    )
    .option(
      "--component <id=status>",
      `how a component is: ${COMPONENT_STATUSES.join(", ")} (default: as in the draft)`,
      componentOption,
    )
    .option(
      "--over-in <range>",
      "when it will be over: 10m..30m, or none to take an estimate back",
      overOption,
    )
    .option("--next-update <duration>", "when there will be news", durationOption);
}

function post(
  context: Context,
  options: PostOptions,
  id: string,
  words: Pick<PostAct, "text">,
): Promise<void> {
  const { status, component, overIn, nextUpdate } = options;
  const act: PostAct = {
    type: "post",
    ...words,
    ...(status === undefined ? {} : { status }),
    ...(component === undefined ? {} : { components: component }),
    ...(overIn === undefined ? {} : { overInMs: overIn }),
    ...(nextUpdate === undefined ? {} : { nextUpdateInMs: nextUpdate }),
  };
  return runAct(
    context,
    options,
    id,
    () => act,
    ({ publication }) => `posted\n${publicationText(publication)}`,
  );
}

function componentOption(
  text: string,
  before: readonly ComponentImpact[] = [],
): readonly ComponentImpact[] {
  const [id = "", status = ""] = text.split("=");
  if (id === "" || !isComponentStatus(status)) {
    throw new InvalidArgumentError(
      `Write id=status, with a status of ${COMPONENT_STATUSES.join(", ")}.`,
    );
  }
  return [...before, { id, status }];
}

function isComponentStatus(text: string): text is ComponentStatus {
  return (COMPONENT_STATUSES as readonly string[]).includes(text);
}

function overOption(text: string): PostAct["overInMs"] {
  if (text === "none") return null;
  const [low, high] = text.split("..").map((part) => readDuration(part));
  if (low?.ok === true && high?.ok === true && low.value <= high.value && high.value > 0) {
    return { low: low.value, high: high.value };
  }
  throw new InvalidArgumentError("Write a range such as 10m..30m, or none.");
}

export function titleCommand(context: Context): Command {
  return actCommand(context, "title", "name an incident on the status page")
    .argument("<title>", "the name, for the public")
    .option("--reason <text>", "why")
    .action((id: string, title: string, options: ActOptions) =>
      runAct(
        context,
        options,
        id,
        () => ({ type: "titled", title }),
        () => `it is called: ${title}\n`,
      ),
    );
}

export function discloseCommand(context: Context): Command {
  return actCommand(context, "disclose", "say how much of the cause the public is told")
    .argument(
      "<how-much>",
      `${DISCLOSURES.join(", ")}: full has what was measured, and public notes`,
    )
    .option("--reason <text>", "why")
    .action((id: string, howMuch: string, options: ActOptions) =>
      runAct(
        context,
        options,
        id,
        () => ({ type: "disclosed", cause: disclosureOf(howMuch) }),
        () => `of the cause is told: ${howMuch}\n`,
      ),
    );
}

function disclosureOf(text: string): Disclosure {
  const found = DISCLOSURES.find((one) => one === text);
  if (found !== undefined) return found;
  throw usageError(`${text} is none of ${DISCLOSURES.join(", ")}`, null);
}
