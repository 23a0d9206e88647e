// What an address of mail looks like here: one, and nothing that a header could be made to say beside it.

const ADDRESS = /^[^\s@<>,;:"()[\]\\]{1,64}@[^\s@<>,;:"()[\]\\]{1,255}$/;

export function isMailAddress(text: string): boolean {
  return ADDRESS.test(text);
}
