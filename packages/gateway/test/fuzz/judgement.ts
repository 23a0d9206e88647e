// What must hold of one case, whatever was sent: what its client got is HTTP and its own, and what upstreams got is what
// the client sent, no oftener than it may be sent.

import { scanBody } from "../../src/body/body-scan.ts";
import { modelName, spliced } from "../../src/body/spliced.ts";
import { headerOf } from "../../src/headers.ts";
import { type FuzzCase, MODELS } from "./fuzz-case.ts";
import { type Seen, tokensIn } from "./raw-upstream.ts";
import type { FoundRequest } from "./reference.ts";
import { NotStrict, strictAnswers, valuesOf } from "./strict-http.ts";

export type Outcome = {
  readonly fuzzCase: FuzzCase;
  /** In latin1. */
  readonly got: string;
  /** The gateway had ended the connection within the time it has for that. */
  readonly hasEnded: boolean;
  readonly found: readonly FoundRequest[];
  readonly seen: readonly Seen[];
  /** What of it came to the upstream of a mirror. */
  readonly copies: readonly Seen[];
};

/** The violations of one case. */
export function judge(outcome: Outcome, cases: ReadonlyMap<string, FuzzCase>): readonly string[] {
  const { found, fuzzCase, got, hasEnded } = outcome;
  const violations = [...foreign(outcome, cases), ...unasked(outcome), ...uncopied(outcome)];
  if (!hasEnded) violations.push("the connection did not end");
  try {
    const methods = found.map(({ method }) => method);
    const answers = strictAnswers(got, methods, fuzzCase.client.atLast !== "stay");
    // One more is for what could not be read.
    if (answers.length > found.length + 1) {
      violations.push(`${answers.length} answers to ${found.length} requests`);
    }
  } catch (error) {
    if (!(error instanceof NotStrict)) throw error;
    violations.push(`the client got no HTTP: ${error.message}, in ${JSON.stringify(got)}`);
  }
  return violations;
}

function foreign({ fuzzCase, got }: Outcome, cases: ReadonlyMap<string, FuzzCase>): string[] {
  const others = [...tokensIn(got)].filter((token) => token !== fuzzCase.token && cases.has(token));
  return others.map((token) => `the client got what is ${cases.get(token)?.name}'s`);
}

/** Every request that an upstream saw is one that the client sent. node:http lets those of one connection overtake. */
function unasked({ found, seen }: Outcome): string[] {
  const left = found.map(timesMax);
  let stale = seen.filter(({ isStale }) => isStale).length;
  for (const request of seen) {
    const fits = found.flatMap((one, at) => (isSame(one, request) ? [at] : []));
    const at = fits.find((fit) => (left[fit] ?? 0) > 0);
    if (at !== undefined) left[at] = (left[at] ?? 0) - 1;
    else if (fits.length === 0 || --stale < 0) {
      const { body, method, target } = request;
      const sent = found.map((one) => `${one.method} ${one.target} ${one.body?.length}`);
      const what = `${method} ${target} ${body.length}, one of ${seen.length}`;
      return [`an upstream got what nobody sent, or too often: ${what}; sent: ${sent}; ${body}`];
    }
  }
  return [];
}

/** Every copy is one of a request that the client sent, once, and never of one that does something. */
function uncopied({ copies, found }: Outcome): string[] {
  const left = [...found];
  return copies.flatMap((copy) => {
    const at = left.findIndex((one) => isSame(one, copy));
    if (at !== -1) left.splice(at, 1);
    if (at !== -1 && copy.method === "POST") return [];
    return [
      `a mirror got what nobody sent, or too often: ${copy.method} ${copy.target} ${copy.body}`,
    ];
  });
}

/** A candidate's failure may be replayed once. */
function timesMax({ body, rawHeaders }: FoundRequest): number {
  return `${body} ${rawHeaders.join(" ")}`.includes(MODELS.split) ? 2 : 1;
}

export function isSame(found: FoundRequest, seen: Seen): boolean {
  if (found.body === null || found.method !== seen.method || found.target !== seen.target)
    return false;
  if (tokenHeaders(found).join() !== valuesOf(seen.headers, "x-token").join()) return false;
  return found.body === seen.body || asSpliced(found, found.body) === seen.body;
}

function tokenHeaders({ rawHeaders }: FoundRequest): readonly string[] {
  return rawHeaders.filter(
    (_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === "x-token",
  );
}

/** A model that stands twice is replaced twice by the name that counts: the body's, or else the header's. */
function asSpliced({ rawHeaders }: FoundRequest, body: string): string {
  const bytes = Buffer.from(body, "latin1");
  const scan = scanBody(bytes);
  const model = scan?.model ?? headerOf(rawHeaders, "x-slipway-model");
  if (model === null) return body;
  return Buffer.from(spliced(bytes, scan, modelName(model))).toString("latin1");
}
