// Who a rollout begins with and whom it leaves out: rings, whose members are on the candidate before their slot would
// have it, and those that are never on it. Everybody else is split by slot, see assign.ts.

import { slotsOfPercent } from "./slots.ts";

/** Anyone whom at least one of these fits. */
export type Matchers = {
  /** User keys, as they stand. */
  readonly keys: readonly string[];
  readonly keyPrefixes: readonly string[];
  /** Name in lower case; the value as it stands. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** Names of API clients. */
  readonly clients: readonly string[];
};

export type Ring = {
  /** Unique within the policy. */
  readonly name: string;
  /** Its members are on the candidate from the stage with this share of users, in percent; 0 from the first. */
  readonly fromPercent: number;
  readonly members: Matchers;
};

export type AudiencePolicy = {
  /** In order: who is in several is counted in the first. */
  readonly rings: readonly Ring[];
  /** Never on the candidate while a rollout is under way, whatever ring they are in. */
  readonly exclude: Matchers;
  /** A conversation that began on stable when its user's slot becomes the candidate's: stays, or moves. */
  readonly conversations: "stay" | "move";
};

export const NOBODY: Matchers = { keys: [], keyPrefixes: [], headers: [], clients: [] };
/** No rings and no exclusions. */
export const WHOLE_AUDIENCE: AudiencePolicy = { rings: [], exclude: NOBODY, conversations: "stay" };

/** Who asks, as far as matchers look. */
export type Requester = {
  readonly key: string | null;
  /** Name of its API client; null where none is told apart. */
  readonly client: string | null;
  /** The value of a header, by its name in lower case; null when it is not there. */
  readonly header: (name: string) => string | null;
};

export type Group =
  | { readonly kind: "excluded" }
  /** `slots`: the ring is open from so many slots of the candidate on. */
  | { readonly kind: "ring"; readonly ring: string; readonly slots: number };

const EXCLUDED: Group = { kind: "excluded" };

/** An audience made ready to be asked about every request. */
export class Audience {
  readonly #exclude: Matching;
  readonly #rings: readonly {
    readonly group: Group & { kind: "ring" };
    readonly members: Matching;
  }[];
  /** Everybody is split by slot: there is nothing to ask. */
  readonly isWhole: boolean;

  constructor({ rings, exclude }: Pick<AudiencePolicy, "rings" | "exclude">) {
    this.#exclude = new Matching(exclude);
    this.#rings = rings.map(({ name, fromPercent, members }) => ({
      group: { kind: "ring", ring: name, slots: Math.max(1, slotsOfPercent(fromPercent)) },
      members: new Matching(members),
    }));
    this.isWhole = this.#exclude.isEmpty && rings.length === 0;
  }

  /**
   * The group that a requester belongs to, beside the split; null for none. Only open rings count: with no slots, as in a
   * rollback, none is, and one that is open at some share is open at every larger one.
   */
  groupOf(candidateSlots: number, requester: Requester): Group | null {
    if (this.isWhole) return null;
    if (this.#exclude.fits(requester)) return EXCLUDED;
    for (const { group, members } of this.#rings) {
      if (candidateSlots >= group.slots && members.fits(requester)) return group;
    }
    return null;
  }

  /** The rings that a requester is in, open or not. */
  ringsOf(requester: Requester): readonly string[] {
    return this.#rings.flatMap(({ group, members }) =>
      members.fits(requester) ? [group.ring] : [],
    );
  }
}

class Matching {
  readonly #keys: ReadonlySet<string>;
  readonly #clients: ReadonlySet<string>;
  readonly #prefixes: readonly string[];
  readonly #headers: Matchers["headers"];
  readonly isEmpty: boolean;

  constructor({ keys, keyPrefixes, headers, clients }: Matchers) {
    this.#keys = new Set(keys);
    this.#clients = new Set(clients);
    this.#prefixes = keyPrefixes;
    this.#headers = headers;
    this.isEmpty = [keys, keyPrefixes, headers, clients].every(({ length }) => length === 0);
  }

  fits({ key, client, header }: Requester): boolean {
    if (key !== null) {
      if (this.#keys.has(key)) return true;
      if (this.#prefixes.some((prefix) => key.startsWith(prefix))) return true;
    }
    if (client !== null && this.#clients.has(client)) return true;
    return this.#headers.some(({ name, value }) => header(name) === value);
  }
}
