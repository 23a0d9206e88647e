// Scores of kept answers: counted for whoever gave them, of both arms alike, off the request's own time, or dropped and told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type LiveScores, type ScorableAnswer, SLOTS } from "@slipway/core";
import { routeOf, splitOf, tableOf, upstreamOf, versionOf } from "./fixtures.ts";
import { healthy, liveGateway, rowsOf, until } from "./live-gateway.ts";
import { scriptedUpstream } from "./scripted-upstream.ts";
import { chat, FakeExchange, World } from "./virtual-world.ts";

const POLICY = {
  sample: 1,
  redact: [],
  bytesMax: 1_000_000,
  ageMsMax: 1_000_000,
  score: ["parse"] as const,
};
const LANGUAGE = { name: "language", header: null, field: null, detect: "language" as const };
const ANSWER = JSON.stringify({
  choices: [
    {
      index: 0,
      message: { role: "assistant", content: "write to a@b.example" },
      finish_reason: "length",
    },
  ],
});

type Scored = {
  readonly world: World;
  readonly offered: ScorableAnswer[];
  readonly done: ((scores: LiveScores | null) => void)[];
  takes: boolean;
};

function scoring(candidateSlots: number, fields: object = {}): Scored {
  const scored: Scored = {
    offered: [],
    done: [],
    takes: true,
    world: World.leased(
      tableOf(
        1,
        routeOf({
          answers: POLICY,
          split: splitOf(candidateSlots),
          evidence: { tickMs: 1_000, horizonMs: 10_000, segments: [LANGUAGE] },
          ...fields,
        }),
      ),
      {
        answers: { write: () => true },
        scorer: {
          score: (answer, done) => {
            if (!scored.takes) return false;
            scored.offered.push(answer);
            scored.done.push(done);
            return true;
          },
        },
      },
    ),
  };
  return scored;
}

const SCORES = { "parse-failures": { n: 1, bad: 1 } };

function talliesOf(world: World) {
  return world.rows.flatMap(({ arm, segment, feedback }) =>
    feedback === null ? [] : [[arm, segment, feedback.tallies["score:parse-failures"]?.bad]],
  );
}

/** Answers that were to be scored, and those of them that could not be, of the candidate. */
function lostOf(world: World): { n: number; bad: number } {
  const lost = { n: 0, bad: 0 };
  for (const { arm, feedback } of world.rows) {
    const own = arm === "candidate" ? feedback?.tallies["score:unscored"] : undefined;
    lost.n += own?.n ?? 0;
    lost.bad += own?.bad ?? 0;
  }
  return lost;
}

test("an answer is scored as it came, and counted for the arm and segment that gave it", () => {
  const { world, offered, done } = scoring(SLOTS);
  world.ask(chat("ann", { messages: [{ role: "user", content: "fix main.py" }] }));
  world.lastCall.answer(200, ANSWER);
  assert.equal(offered.length, 0, "not on the request's own time");
  world.pass(100);
  assert.deepEqual(
    { ...offered[0], request: "" },
    {
      api: "chat.completions",
      request: "",
      answer: "write to a@b.example",
      ending: "cut-off",
      language: "python",
      scorers: ["parse"],
      packages: null,
    },
  );
  done[0]?.(SCORES);
  world.pass(2_000);
  assert.deepEqual(talliesOf(world), [["candidate", "python", 1]]);
  assert.deepEqual(world.answersScored, ["gpt-5"]);
});

test("stable's answers are scored as the candidate's are", () => {
  const { world, done } = scoring(0);
  world.ask(chat("ann"));
  world.lastCall.answer(200, ANSWER);
  world.pass(100);
  done[0]?.(SCORES);
  world.pass(2_000);
  assert.deepEqual(talliesOf(world), [["stable", "none", 1]]);
});

test("failures, and what is no evidence, are not scored", () => {
  const { world, offered } = scoring(0);
  world.ask(chat("ann"));
  world.lastCall.answer(500, "{}");
  world.pass(200);
  assert.equal(offered.length, 0);
  const alone = scoring(0, { split: null });
  alone.world.ask(chat("ann"));
  alone.world.lastCall.answer(200, ANSWER);
  alone.world.pass(200);
  assert.equal(alone.offered.length, 0);
  const unasked = scoring(0, { answers: { ...POLICY, score: undefined } });
  unasked.world.ask(chat("ann"));
  unasked.world.lastCall.answer(200, ANSWER);
  unasked.world.pass(200);
  assert.equal(unasked.offered.length, 0);
});

test("answers that find no room, that cannot be scored, or whose rollout is over are dropped and told", () => {
  const scored = scoring(SLOTS);
  const { world, done } = scored;
  for (const user of ["ann", "bob"]) {
    world.ask(chat(user));
    world.lastCall.answer(200, ANSWER);
  }
  world.pass(200);
  scored.takes = false;
  world.ask(chat("cid"));
  world.lastCall.answer(200, ANSWER);
  world.pass(200);
  done[0]?.(null);
  world.link.publish(tableOf(2, routeOf({ answers: POLICY })));
  done[1]?.(SCORES);
  world.pass(2_000);
  assert.deepEqual(world.scoresDropped, ["busy", "failed", "late"]);
  assert.deepEqual(talliesOf(world), [["candidate", "none", undefined]]);
  assert.deepEqual(lostOf(world), { n: 1, bad: 1 });
});

test("an answer that broke the scorer, or is too large for it, is told as lost by the arm that gave it", () => {
  const { world, done } = scoring(SLOTS);
  const huge = ANSWER.replace("write to", "x".repeat(300_000));
  for (const body of [ANSWER, ANSWER, huge]) {
    world.ask(chat("ann"));
    world.lastCall.answer(200, body);
    world.pass(100);
  }
  done[0]?.(SCORES);
  done[1]?.(null);
  world.pass(2_000);
  assert.deepEqual(lostOf(world), { n: 3, bad: 2 });
  assert.deepEqual(world.scoresDropped.toSorted(), ["failed", "too-large"]);
});

test("a completion is offered with its prompt", () => {
  const { world, offered } = scoring(SLOTS);
  const body = { model: "gpt-5", prompt: "# src/total.py\ndef total(", suffix: "\n" };
  world.ask(new FakeExchange(body, ["x-user", "ann"], "/v1/completions"));
  world.lastCall.answer(200, '{"choices":[{"index":0,"text":"x):","finish_reason":"stop"}]}');
  world.pass(100);
  assert.equal(offered[0]?.language, "python");
  assert.deepEqual(JSON.parse(offered[0]?.request ?? "{}"), body);
});

test("a gateway on sockets scores answers in a thread of its own, and tells their scores as evidence", async (t) => {
  const upstream = await scriptedUpstream("```ts\nconst x = (;\n```");
  t.after(upstream.close);
  const version = versionOf("v2", upstreamOf({ url: upstream.url, pool: "b" }));
  const route = routeOf({ answers: POLICY, split: splitOf(SLOTS, version) });
  const live = await liveGateway(tableOf(1, route));
  t.after(live.close);
  await healthy(live.base);
  const badOf = (): number =>
    rowsOf(live.controller).reduce(
      (sum, { feedback }) => sum + (feedback?.tallies["score:parse-failures"]?.bad ?? 0),
      0,
    );
  const content = "```ts\n```";
  await until(async () => {
    const answer = await fetch(`${live.base}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({
        model: "gpt-5",
        messages: [{ role: "user", content }],
        user: "ann",
      }),
    });
    await answer.text();
    return badOf() > 0;
  });
  const metrics = await (await fetch(`${live.base}/metrics`)).text();
  assert.match(metrics, /slipway_answers_scored_total\{model="gpt-5"\} [1-9]/);
});
