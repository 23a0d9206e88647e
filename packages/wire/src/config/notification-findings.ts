// What is well-formed and still wrong with notifications: a model that there is not, and mail that nothing sends.

import { entriesOf, type Located, nodeAt } from "./located.ts";
import { error, type Finding } from "./problem.ts";
import { quoted } from "./quantity.ts";
import { nearest } from "./spelling.ts";

export function notificationFindings(root: Located): readonly Finding[] {
  const known = entriesOf(nodeAt(root, ["models"])).map(([name]) => name);
  const hasMail = nodeAt(root, ["mail"]) !== null;
  return entriesOf(nodeAt(root, ["notifications"])).flatMap(([, target]) => {
    const mails = nodeAt(target, ["email"]);
    return [
      ...(mails === null || hasMail ? [] : [noMail(mails)]),
      ...(nodeAt(target, ["models"])?.items ?? []).flatMap((node) => unknownModel(node, known)),
    ];
  });
}

function noMail({ span }: Located): Finding {
  const fix = "write mail: at the top level, with host and from";
  return error(span, "this file does not say how mails leave", fix);
}

function unknownModel({ span, value }: Located, known: readonly string[]): readonly Finding[] {
  if (typeof value !== "string" || known.length === 0 || known.includes(value)) return [];
  const near = nearest(value, known);
  const fix = near === null ? `write one of: ${known.join(", ")}` : `did you mean ${near}?`;
  return [error(span, `${quoted(value)} is not among the models`, fix)];
}
