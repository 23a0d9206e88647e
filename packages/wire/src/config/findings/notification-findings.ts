// What is well-formed and still wrong with what is told to whom: a model that there is not, mail that nothing sends, and
// subscriptions to a page that nobody can find.

import { entriesOf, keyAt, type Located, nodeAt } from "../document/located.ts";
import { error, type Finding } from "../document/problem.ts";
import { quoted } from "../document/quantity.ts";
import { nearest } from "../document/spelling.ts";

export function notificationFindings(root: Located): readonly Finding[] {
  const known = entriesOf(nodeAt(root, ["models"])).map(([name]) => name);
  const hasMail = nodeAt(root, ["mail"]) !== null;
  const targets = entriesOf(nodeAt(root, ["notifications"])).flatMap(([, target]) => {
    const mails = nodeAt(target, ["email"]);
    return [
      ...(mails === null || hasMail ? [] : [noMail(mails)]),
      ...(nodeAt(target, ["models"])?.items ?? []).flatMap((node) => unknownModel(node, known)),
    ];
  });
  return [...targets, ...subscriptionFindings(root, hasMail)];
}

function subscriptionFindings(root: Located, hasMail: boolean): readonly Finding[] {
  const subscriptions = nodeAt(root, ["subscriptions"]);
  if (subscriptions === null) return [];
  const isMailed = nodeAt(subscriptions, ["email"])?.value !== false;
  const span = keyAt(root, ["subscriptions"]) ?? subscriptions.span;
  return [
    ...(hasMail || !isMailed ? [] : [noMail({ ...subscriptions, span })]),
    ...(nodeAt(root, ["status", "url"]) === null
      ? [
          error(
            span,
            "this file does not say where the status page is, and links in messages have to lead there",
            "write url: under status, as readers have it",
          ),
        ]
      : []),
  ];
}

function noMail({ span }: Located): Finding {
  const fix = "write mail: at the top level, with host and from, or do without";
  return error(span, "this file does not say how mails leave", fix);
}

function unknownModel({ span, value }: Located, known: readonly string[]): readonly Finding[] {
  if (typeof value !== "string" || known.length === 0 || known.includes(value)) return [];
  const near = nearest(value, known);
  const fix = near === null ? `write one of: ${known.join(", ")}` : `did you mean ${near}?`;
  return [error(span, `${quoted(value)} is not among the models`, fix)];
}
