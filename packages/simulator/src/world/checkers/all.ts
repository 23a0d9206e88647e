// Every checker of a world, in the order in which they hear of things: first the account that the others share.
import type { Digest } from "@slipway/controller";
import { Knowledge } from "../knowledge.ts";
import type { Checker } from "../record.ts";
import { confirmationChecker } from "./confirmation.ts";
import { countingChecker } from "./counting.ts";
import { journalChecker } from "./journal.ts";
import { leaseChecker } from "./lease.ts";
import { maturityChecker } from "./maturity.ts";
import { shareChecker } from "./share.ts";
import { stickinessChecker } from "./stickiness.ts";
import { tripChecker } from "./trip.ts";
import { usersChecker } from "./users.ts";

export function checkersOf(digest: Digest): readonly Checker[] {
  const knowledge = new Knowledge();
  return [
    knowledge,
    leaseChecker(knowledge),
    shareChecker(knowledge),
    stickinessChecker(knowledge),
    confirmationChecker(knowledge),
    countingChecker(knowledge),
    maturityChecker(knowledge),
    journalChecker(knowledge, digest),
    usersChecker(knowledge),
    tripChecker(knowledge),
  ];
}
