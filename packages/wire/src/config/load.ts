// loadConfig: the text of a slipway.yaml → the documents that `apply` sends, or everything that is wrong with it.

import { fingerprintText } from "@slipway/core";
import type { ConfigDocument, ModelDocument } from "../api.ts";
import { type Located, nodeAt } from "./document/located.ts";
import { type Finding, type Problem, problemsOf, warning } from "./document/problem.ts";
import { shapeFindings } from "./document/shape-findings.ts";
import { yamlDocument } from "./document/yaml-document.ts";
import { clientFindings } from "./findings/client-findings.ts";
import { meaningFindings } from "./findings/meaning-findings.ts";
import type { IsSet } from "./findings/upstream-findings.ts";
import type { GateSettings } from "./preflight/gate-settings.ts";
import {
  type ConfigDraft,
  configJsonSchema,
  configSchema,
  type ModelDraft,
  OWN_KEY,
} from "./schema.ts";
import type { SubscriptionSettings } from "./schemas/subscription-schema.ts";

export type ConfigSource = {
  /** As problems name it. */
  readonly file: string;
  readonly text: string;
  /** SHA-256 of a text, in hex. */
  readonly sha256: (text: string) => string;
  /** Whether an environment variable is set, to warn of keys that are not; null does not warn. */
  readonly isSet: IsSet;
};

/** `problems` are sorted by place; of a loaded file they are warnings. */
export type LoadedConfig =
  | ({
      readonly ok: true;
      readonly problems: readonly Problem[];
      /** How the gates of each model are set up; no matter of a controller's. */
      readonly gates: { readonly [model: string]: GateSettings };
      /** How readers of the status page subscribe: a matter of its own server. Null where they cannot. */
      readonly subscriptions: SubscriptionSettings | null;
    } & ConfigDocument)
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function loadConfig(source: ConfigSource): LoadedConfig {
  const { root, findings: syntax } = yamlDocument(source.text);
  const checked = root === null ? { draft: null, findings: [] } : check(root, source.isSet);
  const models = (checked.draft?.models ?? []).map((draft) => documentOf(draft, source.sha256));
  const twins = root === null ? [] : models.flatMap((model) => twinFindings(model, root));
  const findings = [...syntax, ...checked.findings, ...twins];
  const problems = problemsOf(source.file, source.text, findings);
  if (checked.draft === null || findings.some(({ severity }) => severity === "error")) {
    return { ok: false, problems };
  }
  const { models: _, ...rest } = checked.draft;
  const gates = Object.fromEntries(
    checked.draft.models.map(({ name, preflight }) => [name, preflight?.gates ?? {}]),
  );
  return { ok: true, models, ...rest, gates, problems };
}

type Checked = {
  readonly draft: ConfigDraft | null;
  readonly findings: readonly Finding[];
};

function check(root: Located, isSet: IsSet): Checked {
  const parsed = configSchema.safeParse(withoutOwnKeys(root));
  const shape = parsed.success ? [] : shapeFindings(parsed.error.issues, root, configJsonSchema());
  return {
    draft: parsed.success ? parsed.data : null,
    findings: [...shape, ...meaningFindings(root, isSet), ...clientFindings(root)],
  };
}

/** The file's value without the team's own top-level keys. */
function withoutOwnKeys(root: Located): unknown {
  if (root.entries === undefined) return root.value;
  const known = [...root.entries].filter(([key]) => !key.startsWith(OWN_KEY));
  return Object.fromEntries(known.map(([key, { node }]) => [key, node.value]));
}

function documentOf(draft: ModelDraft, sha256: (text: string) => string): ModelDocument {
  return {
    name: draft.name,
    stable: draft.stable,
    versions: draft.versions.map((version) => ({
      ...version,
      fingerprint: sha256(fingerprintText(version)),
    })),
    policy: draft.policy,
    ...(draft.freeze === undefined ? {} : { freeze: draft.freeze }),
    ...(draft.preflight === undefined ? {} : { preflight: draft.preflight.policy }),
    ...(draft.preflight?.gates.drill === undefined ? {} : { drill: draft.preflight.gates.drill }),
  };
}

/** Two versions that answer alike: a rollout between them would change nothing. */
function twinFindings(model: ModelDocument, root: Located): readonly Finding[] {
  const first = new Map<string, string>();
  return model.versions.flatMap(({ id, fingerprint }) => {
    const twin = first.get(fingerprint);
    first.set(fingerprint, twin ?? id);
    const versions = nodeAt(root, ["models", model.name, "versions"]);
    const key = versions?.entries?.get(id)?.key;
    if (twin === undefined || key === undefined) return [];
    return [
      warning(
        key,
        `${id} has the same upstreams and identity as ${twin}: a rollout between them changes nothing`,
        "give it what makes it different: a url, a model, or an entry under identity",
      ),
    ];
  });
}
