// Secrets are named, never held: a variable of a process's environment, or a file on its machine. Names arrive over the
// network with where a secret is to be sent; a grant is what a process itself was started with, and says whether it may.

export type Secret =
  | { readonly kind: "env"; readonly name: string }
  | { readonly kind: "file"; readonly path: string };

export type Grant = SecretGrant | PlaceGrant;

export type SecretGrant = {
  readonly secret: Secret;
  /** Where it may be sent: scheme, host and port. Null: nowhere; it is an address itself, or what is signed with. */
  readonly to: string | null;
};

/** Where notices may be sent though the public cannot get there: scheme, host and port. */
export type PlaceGrant = { readonly secret: null; readonly to: string };

/**
 * `to`: where it is about to be sent; null where it stays here. What may be sent somewhere may not be signed with: whoever
 * gets a signature could guess at a password.
 */
export function isGranted(grants: readonly Grant[], secret: Secret, to: string | null): boolean {
  const name = secretName(secret);
  return grants.some(
    (grant) => grant.secret !== null && grant.to === to && secretName(grant.secret) === name,
  );
}

/** Whether notices may go there, wherever it leads. Leave to send a key to a server is none to send it anything else. */
export function isGrantedPlace(grants: readonly Grant[], to: string): boolean {
  return grants.some((grant) => grant.secret === null && grant.to === to);
}

/** As `--secret` has it. */
export function secretName(secret: Secret): string {
  return secret.kind === "env" ? secret.name : `file:${secret.path}`;
}

/** As `--secret` has it; a place as `--notice-to` does. */
export function grantText({ secret, to }: Grant): string {
  if (secret === null) return to;
  const name = secretName(secret);
  if (to !== null) return `${name}@${to}`;
  // Else the end of a path that looks like an address would be one.
  return SENT_ALIKE.test(name) ? `${name}@` : name;
}

/** What `--secret` takes for a name and where to send it. */
export const SENT_ALIKE: RegExp = /@[a-z]+:\/\//i;

/** As a shell reads one word, whatever is in it. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Why a secret was not used, and what would have it used. `to` as for `isGranted`. */
export function ungrantedText(
  secret: Secret,
  to: string | null,
): { readonly message: string; readonly fix: string } {
  const use = to === null ? "use" : "send";
  const where = to === null ? "" : ` to ${to}`;
  return {
    message: `this process was not started with leave to ${use} ${secretName(secret)}${where}`,
    fix: `if it should: --secret ${shellWord(grantText({ secret, to }))}, or --secrets-of a slipway.yaml of this machine that says so`,
  };
}

/** Why a notice was not sent to an address that only this machine, or its network, can reach. */
export function ungrantedPlaceText(to: string): {
  readonly message: string;
  readonly fix: string;
} {
  return {
    message: `${to} is no public address, and this process was not started with leave to send notices there`,
    fix: `if it should: --notice-to ${shellWord(to)}, or --secrets-of a slipway.yaml of this machine that names it`,
  };
}
