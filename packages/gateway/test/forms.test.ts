// Multipart forms: the model is read from the form, the upstream's own is put in its place, and nothing else is touched.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SLOTS } from "@slipway/core";
import fc from "fast-check";
import { readForm } from "../src/edge/multipart-form.ts";
import type { Form } from "../src/ports.ts";
import { routeOf, splitOf, tableOf, upstreamOf, versionOf } from "./fixtures.ts";
import { healthy, liveGateway } from "./live-gateway.ts";
import { scriptedUpstream } from "./scripted-upstream.ts";

const TYPE = "multipart/form-data; boundary=XX";

function parsed(body: Buffer | string, type = TYPE): Promise<Form | null> {
  return new Promise((resolve) => readForm(type, Buffer.from(body), resolve));
}

function partOf(disposition: string, value: string | Buffer, more = ""): Buffer {
  const head = `--XX\r\nContent-Disposition: form-data; ${disposition}\r\n${more}\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(value), Buffer.from("\r\n")]);
}
const END = Buffer.from("--XX--\r\n");

test("the fields that matter are found, with the place of the model's name", async () => {
  const body = Buffer.concat([
    partOf('name="file"; filename="a; name=model.wav"', Buffer.from([13, 10, 45, 45, 88, 0, 255])),
    partOf("name=stream", "true"),
    partOf('name="user"', "änn"),
    partOf('name="model"', "whisper-1"),
    END,
  ]);
  const start = body.indexOf("whisper-1");
  const modelSpans = [{ start, end: start + "whisper-1".length }];
  const expected = { model: "whisper-1", modelSpans, stream: true, user: "änn" };
  assert.deepEqual(await parsed(body), expected);
  const quoted = await parsed(body, 'Multipart/Form-Data; charset=utf-8; boundary="XX"');
  assert.deepEqual(quoted, expected);
});

test("a file, or an encoded field, of that name is not the model's", async () => {
  const form = await parsed(
    Buffer.concat([
      partOf('name="model"; filename="x"', "a"),
      partOf('name="model"', "Yg==", "Content-Transfer-Encoding: base64\r\n"),
      partOf('filename="name"; name="model"', "c"),
      partOf('name="model"', ""),
      END,
    ]),
  );
  assert.equal(form?.model, null);
  assert.deepEqual(form?.modelSpans, []);
});

test("what is no whole form is left to the upstream", async () => {
  const whole = Buffer.concat([partOf('name="model"', "m"), END]);
  assert.equal(await parsed(whole, "multipart/form-data"), null);
  assert.equal(await parsed(whole, "multipart/form-data; boundary="), null);
  assert.equal(await parsed(whole.subarray(0, -8)), null);
  assert.equal(await parsed("no form at all"), null);
  assert.equal(await parsed(Buffer.alloc(0)), null);
  const parts = Array.from({ length: 100_000 }, () => "--XX\r\n\r\n\r\n").join("");
  assert.equal(await parsed(`${parts}--XX--`), null);
});

test("any bytes end in a form or in none", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.constantFrom("--XX", "--XX--", "\r\n", "\r\n\r\n", "--", 'name="model"', ": ", "m"),
          fc.constantFrom("Content-Disposition: form-data; ", "\r", "\n", "content-type: a/b"),
          fc.uint8Array({ maxLength: 8 }).map((data) => Buffer.from(data).toString("latin1")),
        ),
        { maxLength: 40 },
      ),
      async (pieces) => {
        const body = Buffer.from(pieces.join(""), "latin1");
        const form = await parsed(body);
        for (const { end, start } of form?.modelSpans ?? []) {
          assert.ok(start >= 0 && start < end && end <= body.length);
        }
      },
    ),
    { numRuns: 500 },
  ));

test("a form is sent on with the upstream's model in it, by its user's arm, and replayed", async (t) => {
  const [stable, candidate] = await Promise.all([scriptedUpstream("s"), scriptedUpstream("c")]);
  const v1 = versionOf("v1", upstreamOf({ url: stable.url, model: "a-longer-name", pool: "a" }));
  const v2 = versionOf("v2", upstreamOf({ url: candidate.url, model: "m2", pool: "b" }));
  const route = routeOf({ stable: v1, split: splitOf(SLOTS, v2) });
  const live = await liveGateway(tableOf(1, route, routeOf({ model: "second" })));
  t.after(async () => {
    await live.close();
    await Promise.all([stable.close(), candidate.close()]);
  });
  await healthy(live.base);
  const form = new FormData();
  form.set("file", new Blob(["RIFF model \u0000 --boundary"]), "name=model.wav");
  form.set("model", "gpt-5");
  form.set("prompt", "the model");
  const request = new Request(`${live.base}/v1/audio/transcriptions`, {
    method: "POST",
    body: form,
  });
  const body = Buffer.from(await request.clone().arrayBuffer()).toString("latin1");
  candidate.script = "500";
  const answer = await fetch(request);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("x-slipway-replayed"), "candidate");
  const sent = (model: string): string => body.replace("\r\n\r\ngpt-5\r\n", `\r\n\r\n${model}\r\n`);
  assert.equal(candidate.seen[0]?.body, sent("m2"));
  assert.equal(stable.seen[0]?.body, sent("a-longer-name"));
  assert.equal(stable.seen[0]?.headers["content-type"], request.headers.get("content-type"));
  form.set("model", "none");
  const unknown = await fetch(`${live.base}/v1/images/edits`, { method: "POST", body: form });
  assert.equal(unknown.status, 404);
  assert.match(await unknown.text(), /model_not_found/);
});
