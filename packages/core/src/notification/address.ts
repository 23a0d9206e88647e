// What an address of mail looks like here: one, and nothing that a header, or a terminal that shows it,
// could be made to say or do beside it.

const ADDRESS = /^[^\s\p{Cc}\p{Cf}@<>,;:"()[\]\\]{1,64}@[^\s\p{Cc}\p{Cf}@<>,;:"()[\]\\]{1,255}$/u;

export function isMailAddress(text: string): boolean {
  return ADDRESS.test(text);
}
