// Secrets are named, never held: a variable of a process's environment, or a file on its machine. Names arrive over the
// network with where a secret is to be sent; a grant is what a process itself was started with, and says whether it may.

export type Secret =
  | { readonly kind: "env"; readonly name: string }
  | { readonly kind: "file"; readonly path: string };

export type Grant = {
  readonly secret: Secret;
  /** Where it may be sent: scheme, host and port. Null: nowhere; it is an address itself, or what is signed with. */
  readonly to: string | null;
};

/**
 * `to`: where it is about to be sent; null where it stays here. What may be sent somewhere may not be signed with: whoever
 * gets a signature could guess at a password.
 */
export function isGranted(grants: readonly Grant[], secret: Secret, to: string | null): boolean {
  const name = secretName(secret);
  return grants.some((grant) => grant.to === to && secretName(grant.secret) === name);
}

/** As `--secret` has it. */
export function secretName(secret: Secret): string {
  return secret.kind === "env" ? secret.name : `file:${secret.path}`;
}

/** As `--secret` has it. */
export function grantText({ secret, to }: Grant): string {
  return to === null ? secretName(secret) : `${secretName(secret)}@${to}`;
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
    fix: `if it should: --secret '${grantText({ secret, to })}', or --secrets-of a slipway.yaml of this machine that says so`,
  };
}
