// The users of a count-world: each with a slot, a language and a habit of asking more or less, so that who is on the
// candidate, and how alike an arm's requests are, follows from people and not from a share.
import {
  addMark,
  DISTINCT_REGISTERS,
  type EvidenceRow,
  KEY_BUCKETS,
  markOf,
  type Random,
  registerOf,
  type ServingArm,
  SLOTS,
} from "@slipway/core";
import { createPicker } from "../population/picker.ts";
import { activityOf } from "../population/users.ts";
import { type ScenarioTraffic, usersOf } from "../scenario/scenario.ts";

export type Person = {
  readonly slot: number;
  readonly bucket: number;
  readonly language: string;
  /** Its requests name no user: they are on stable until everybody is on the candidate. */
  readonly isKeyless: boolean;
  /** Part of all requests. */
  readonly weight: number;
  /** Multiplies the rate of failures that hit users by their work. */
  readonly trouble: number;
  /** What users are counted by. */
  readonly mark: number;
};

/** An arm's users of one language. */
export type Cell = {
  readonly arm: ServingArm;
  readonly language: string;
  /** Part of all requests. */
  readonly weight: number;
  readonly people: readonly Person[];
  /** Of its people, by their place. */
  readonly columns: PeopleColumns;
  /** The place of one among them. */
  readonly pick: (random: Random) => number;
  readonly named: Named;
};

/** What a request is counted by, of many people. */
export type PeopleColumns = {
  /** `NO_BUCKET` of whoever has no key. */
  readonly bucket: Int8Array;
  readonly mark: Int32Array;
};

/** Of a request whose user is not known. */
export const NO_BUCKET: number = -1;

export function columnsOf(people: readonly Person[]): PeopleColumns {
  const bucketOf = ({ isKeyless, bucket }: Person): number => (isKeyless ? NO_BUCKET : bucket);
  const bucket = new Int8Array(people.length);
  const mark = new Int32Array(people.length);
  for (const [place, person] of people.entries()) {
    bucket[place] = bucketOf(person);
    mark[place] = person.mark;
  }
  return { bucket, mark };
}

export function crowdOf(traffic: ScenarioTraffic, random: Random): readonly Person[] {
  const { languages } = traffic.users;
  const weights = activityOf(usersOf(traffic));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const language = createPicker(languages.map(({ share }) => share));
  const { troubledOneIn } = traffic;
  return weights.map((weight, index) => {
    const own = languages[language(random)]?.name ?? "";
    return {
      slot: Math.floor(random.next() * SLOTS),
      bucket: Math.floor(random.next() * KEY_BUCKETS),
      language: own,
      isKeyless: own === traffic.keyless,
      weight: weight / all,
      trouble: random.next() * troubledOneIn < 1 ? troubledOneIn : 0,
      mark: userMark(index),
    };
  });
}

/** By the user's number: they are the same in all worlds, and hashing ten thousand names takes longer than some worlds. */
const MARKS: number[] = [];
const MARKS_MAX = 100_000;

function userMark(index: number): number {
  const known = MARKS[index];
  if (known !== undefined) return known;
  const mark = markOf(`user-${index}`);
  if (index === MARKS.length && index < MARKS_MAX) MARKS.push(mark);
  return mark;
}

/**
 * Who is where once the candidate owns so many slots. `namedBy`: whether an arm's users are counted by language, too, or
 * only all together.
 */
export function cellsOf(
  crowd: readonly Person[],
  candidateSlots: number,
  namedBy: "cell" | "arm" = "cell",
): readonly Cell[] {
  const whole = { stable: new Named(), candidate: new Named() };
  const groups = new Map<string, Person[]>();
  for (const person of crowd) {
    const arm = isOnCandidate(person, candidateSlots) ? "candidate" : "stable";
    const name = `${arm} ${person.language}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [person]);
    else group.push(person);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, people]) => {
      const picked = createPicker(people.map(({ weight }) => weight));
      const [first] = people as [Person];
      const arm = name.startsWith("candidate") ? "candidate" : "stable";
      return {
        arm,
        language: first.language,
        weight: people.reduce((sum, { weight }) => sum + weight, 0),
        people,
        columns: columnsOf(people),
        pick: picked,
        named: namedBy === "arm" ? whole[arm] : new Named(),
      };
    });
}

export function personIn({ people }: Cell, place: number): Person {
  const person = people[place];
  if (person === undefined) throw new RangeError(`nobody in this cell is at ${place}`);
  return person;
}

function isOnCandidate({ slot, isKeyless }: Person, candidateSlots: number): boolean {
  return candidateSlots >= SLOTS || (slot < candidateSlots && !isKeyless);
}

/**
 * Users that a cell's rows have named. Evidence only ever puts users together, so whoever was named once under a table
 * need not be named again: what is known of them is the same, and ten times as quick.
 */
export class Named {
  #table = -1;
  /** By register. */
  readonly #marks = new Int32Array(DISTINCT_REGISTERS);

  /** What is named belongs to this table from now on. */
  under(table: number): void {
    if (table === this.#table) return;
    this.#table = table;
    this.#marks.fill(0);
  }

  name(row: EvidenceRow, mark: number): void {
    const register = registerOf(mark);
    if (mark <= (this.#marks[register] ?? 0)) return;
    this.#marks[register] = mark;
    addMark(row.users, mark);
  }
}

/** That a request of this user came. */
export function countArrival(row: EvidenceRow, person: Person, named: Named): void {
  row.arrivals++;
  if (person.isKeyless) {
    row.keyless++;
    return;
  }
  const { arrivals } = row.buckets;
  const { bucket } = person;
  arrivals[bucket] = (arrivals[bucket] ?? 0) + 1;
  named.name(row, person.mark);
}
