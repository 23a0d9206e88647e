// Live answers: which of their code is judged, what it is charged with, and what is left out because nobody could tell.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ScorableAnswer } from "@slipway/core";
import { liveScores, scoreParse } from "@slipway/scorers";
import { liveInstruments, liveScorer, treeSitter } from "@slipway/scorers/edge";

const instruments = liveInstruments();

function answered(fields: Partial<ScorableAnswer>): ScorableAnswer {
  return {
    api: "chat.completions",
    request: '{"messages":[{"role":"user","content":"add two numbers"}]}',
    answer: "",
    ending: "answered",
    language: "typescript",
    scorers: ["parse"],
    packages: null,
    ...fields,
  };
}

const fenced = (code: string, info = "ts"): string =>
  `Here:\n\`\`\`${info}\n${code}\n\`\`\`\nDone.`;
const GOOD = "const sum = (a: number, b: number): number => a + b;";
const BAD = "const sum = (a: number, b: => a +;";

test("an answer's code in the language of the request parses or does not, and other code is nobody's business", async () => {
  const scoresOf = async (answer: string, language: string | null = "typescript") =>
    (await liveScores(answered({ answer, language }), instruments))["parse-failures"];
  assert.deepEqual(await scoresOf(fenced(GOOD)), { n: 1, bad: 0 });
  assert.deepEqual(await scoresOf(fenced(BAD)), { n: 1, bad: 1 });
  assert.deepEqual(await scoresOf(fenced(GOOD) + fenced(BAD)), { n: 1, bad: 1 });
  assert.deepEqual(await scoresOf(fenced(BAD, "")), { n: 1, bad: 1 }, "without a language's name");
  assert.deepEqual(await scoresOf(fenced("<p>{a}</p>", "tsx")), { n: 1, bad: 0 });
  assert.equal(await scoresOf(fenced("rm -rf (", "sh")), undefined, "of another language");
  assert.deepEqual(await scoresOf(fenced("if (", "sh"), null), { n: 1, bad: 1 });
  assert.equal(await scoresOf("There is no code in this."), undefined);
  assert.equal(await scoresOf(fenced("a b c", "cobol"), "cobol"), undefined, "no grammar");
});

test("a completion is charged with the errors that it adds to the file around it", async () => {
  const complete = async (prompt: string, suffix: string, answer: string) =>
    await liveScores(
      answered({ api: "completions", request: JSON.stringify({ prompt, suffix }), answer }),
      instruments,
    );
  const open = "function sum(a: number, b: number) {\n  return ";
  assert.deepEqual((await complete(open, "\n}\n", "a + b;"))["parse-failures"], { n: 1, bad: 0 });
  const worse = await complete(open, "\n}\n", "a + ((b;");
  assert.deepEqual(worse["parse-failures"], { n: 1, bad: 1 });
  const errors = worse["syntax-errors"];
  assert.ok(errors !== undefined && errors.bad >= 1 && errors.n >= errors.bad);
  assert.deepEqual((await complete(`${open}1 +`, "", " 2"))["parse-failures"], { n: 1, bad: 0 });
});

test("code that was cut off at the length limit is no failure, and its errors are counted", async () => {
  const cut = answered({ answer: `\`\`\`ts\n${GOOD}\nconst x = (`, ending: "cut-off" });
  const scores = await liveScores(cut, instruments);
  assert.equal(scores["parse-failures"], undefined);
  assert.ok((scores["syntax-errors"]?.n ?? 0) > 0);
  const closed = answered({ answer: `${fenced(GOOD)} And`, ending: "cut-off" });
  assert.deepEqual((await liveScores(closed, instruments))["parse-failures"], { n: 1, bad: 0 });
});

test("a name that there is not is unknown, unless the user spoke of it", async () => {
  const namesOf = async (code: string, request = "{}", language = "typescript") => {
    const answer = fenced(code, language);
    const fields = { answer, request, language, packages: ["zod", "numpy"] };
    const scores = await liveScores(
      answered({ ...fields, scorers: ["names"] as const }),
      instruments,
    );
    return scores["unknown-names"];
  };
  assert.deepEqual(await namesOf("[1].map((x) => x + 1);"), { n: 1, bad: 0 });
  assert.deepEqual(await namesOf("[1].flatten();"), { n: 1, bad: 1 });
  assert.deepEqual(await namesOf("total(1);"), { n: 1, bad: 1 });
  const spoken = JSON.stringify({ messages: [{ content: "use\ntotal(x)" }] });
  assert.deepEqual(await namesOf("total(1);", spoken), { n: 1, bad: 0 });
  assert.deepEqual(await namesOf('import { z } from "zod"; z;'), { n: 1, bad: 0 });
  assert.deepEqual(await namesOf('import { z } from "zodiac-x"; z;'), { n: 1, bad: 1 });
  assert.equal(await namesOf("const = ;"), undefined, "does not parse");
  assert.deepEqual(await namesOf("import numpy as np\nnp.zeros(3)", "{}", "python"), {
    n: 1,
    bad: 0,
  });
  assert.deepEqual(await namesOf("import leftpad", "{}", "python"), { n: 1, bad: 1 });
});

test("names of Python are told from those that are bound anywhere in the file", async () => {
  const check = await instruments.names("python");
  const unknown = (code: string): readonly string[] | string | undefined => {
    const checked = check?.(code, []);
    return checked?.kind === "checked" ? checked.problems.map(({ name }) => name) : checked?.kind;
  };
  const bound = `import os.path, json as j
from collections import OrderedDict as OD, deque
from .near import thing
first, (second, *others) = deque(), OD()
def f(p, q: int = 3, *args, r=j, **kw) -> "T":
    global counter
    for i, x in enumerate(p): print(i, x, q, r, args, kw)
    with open(p) as fh, g() as (m, n): fh.read(m, n)
    try: pass
    except (ValueError, os.error) as e: print(e, sep="")
    return [s for s in q if (t := s) and t], lambda u, c=1: u + c
def g(): return thing, first, second, others, counter
class A(dict, metaclass=type):
    z: int = 5
match f(1):
    case A(x=mx, y=0): print(mx)
    case [head, *rest]: print(head, rest)
    case {"k": kv, **more}: print(kv, more)
    case str() as text: print(f"{text!r:>{head}}")
def h[T](a: T) -> T: return a
`;
  assert.deepEqual(unknown(bound), []);
  assert.deepEqual(unknown("a.b = 1\nc[d] = e(f=1)"), ["a", "c", "d", "e"]);
  assert.deepEqual(unknown("from x import *\nwhatever()"), ["x"]);
  assert.equal(unknown("def f(:"), "no-program");
});

test("an answer that declines is counted by its words, and by what its provider said", async () => {
  const said = async (answer: string, ending: ScorableAnswer["ending"] = "answered") =>
    (await liveScores(answered({ answer, ending, scorers: ["refusals"] }), instruments))[
      "worded-refusals"
    ];
  assert.deepEqual(await said("I'm sorry, but I can't assist with that."), { n: 1, bad: 1 });
  assert.deepEqual(await said("Use a map."), { n: 1, bad: 0 });
  assert.deepEqual(await said("No.", "refused"), { n: 1, bad: 1 });
  assert.equal(await said("?", null), undefined, "an answer that could not be read");
});

test("parsers that were loaded before go on when others are loaded", async () => {
  const first = await treeSitter(["typescript"]);
  const answer = { text: BAD, refusal: null, finishReason: null };
  const expected = { language: "typescript", before: "", after: "" };
  const before = scoreParse(answer, expected, first);
  const second = await treeSitter(["python", "go"]);
  assert.equal(second("python", "x = 1\n").kind, "parsed");
  assert.deepEqual(scoreParse(answer, expected, first), before);
});

test("a thread scores answers one after the other, and takes no more than it has room for", async () => {
  const warnings: string[] = [];
  const scorer = liveScorer((because) => warnings.push(because));
  const scored = Promise.withResolvers<unknown>();
  let taken = 0;
  for (let i = 0; i < 100; i++) {
    const done = (scores: unknown): void => scored.resolve(scores);
    if (scorer.score(answered({ answer: fenced(BAD) }), done)) taken++;
  }
  // One is being scored, 64 wait.
  assert.equal(taken, 65);
  const scores = await scored.promise;
  assert.deepEqual((scores as Awaited<ReturnType<typeof liveScores>>)["parse-failures"], {
    n: 1,
    bad: 1,
  });
  await scorer.close();
  assert.equal(
    scorer.score(answered({}), () => {}),
    false,
  );
  assert.deepEqual(warnings, []);
});
