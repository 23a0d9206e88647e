// What must not rest on a disk, hidden in a text: addresses, keys, card numbers, and what a team adds.

/** Each match becomes its name in brackets. No pattern can take longer than in proportion to the text. */
const PATTERNS: readonly (readonly [name: string, pattern: RegExp])[] = [
  [
    "private-key",
    /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g,
  ],
  ["token", /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g],
  ["key", /\b(?:sk|pk|rk|ghp|gho|ghs|ghu|glpat|xox[abeoprs]|hf|npm|pypi)[-_][A-Za-z0-9_-]{12,}/g],
  ["key", /\bgithub_pat_[A-Za-z0-9_]{20,}/g],
  ["key", /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g],
  ["key", /\bAIza[A-Za-z0-9_-]{30,}/g],
  ["key", /\b[Bb]earer [A-Za-z0-9._~+/=-]{12,}/g],
  ["e-mail", /\b[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}/g],
];
/** `password=…`, `"api_key": "…"`: the value goes, the name stays. */
const ASSIGNED =
  /\b(pass(?:word|wd)?|secret|api[-_]?key|access[-_]?token|client[-_]?secret)(["'\\]{0,3}\s{0,3}[:=]\s{0,3}["'\\]{0,3})([^\s"'\\,;}]{4,200})/gi;
const CARD_LIKE = /\b\d(?:[ -]?\d){12,18}\b/g;

export type Redact = (text: string) => string;

/** `additions`: regular expressions; one that is none hides nothing. */
export function redaction(additions: readonly string[]): Redact {
  const own = additions.flatMap((source) => compiled(source));
  return (text) => {
    let hidden = text;
    for (const pattern of own) hidden = hidden.replace(pattern, "[redacted]");
    for (const [name, pattern] of PATTERNS) hidden = hidden.replace(pattern, `[${name}]`);
    hidden = hidden.replace(ASSIGNED, "$1$2[secret]");
    return hidden.replace(CARD_LIKE, (digits) => (isCardLike(digits) ? "[card]" : digits));
  };
}

function compiled(source: string): readonly RegExp[] {
  try {
    return [new RegExp(source, "g")];
  } catch {
    // Read and refused where the configuration is; here it has nobody to tell.
    return [];
  }
}

/** The check digit of ISO/IEC 7812. */
function isCardLike(text: string): boolean {
  const digits = [...text.replace(/[ -]/g, "")].reverse().map(Number);
  const sum = digits.reduce((total, digit, index) => {
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}
