// How far an incident is in public: the clock of the first post, and what was achieved.

import { durationText, type Publication, secondText } from "@slipway/core";

export function publicationText(publication: Publication): string {
  const { isFelt, firstPostedAtMs, status, disclosure } = publication;
  if (firstPostedAtMs === null) {
    return isFelt ? notPosted(publication) : "users felt nothing of it: nothing has to be posted\n";
  }
  const { detectedAtMs, firstPostedBy, isInTime, deadlineAtMs, unsaid } = publication;
  const late = isInTime === false ? `, after its deadline of ${secondText(deadlineAtMs)}` : "";
  return [
    `first posted ${secondText(firstPostedAtMs)} by ${firstPostedBy ?? "Slipway"}, ${durationText(firstPostedAtMs - detectedAtMs)} after detection${late}\n`,
    `now ${status}; of the cause is told: ${disclosure}\n`,
    ...(unsaid === null ? [] : [`${unsaid} by now, and the page says less: post an update\n`]),
  ].join("");
}

function notPosted({ autoAtMs, deadlineAtMs, isInTime }: Publication): string {
  const missed = isInTime === false ? " (missed)" : "";
  return `nothing is posted yet; Slipway does at ${secondText(autoAtMs)}, the deadline is ${secondText(deadlineAtMs)}${missed}\n`;
}
