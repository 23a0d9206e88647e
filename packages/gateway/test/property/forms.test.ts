// Forms: the model, the stream and the user that were put into one are found, the splice changes the model alone, and
// whatever the bytes, exactly one answer comes.

import assert from "node:assert/strict";
import fc from "fast-check";
import { modelName, spliced } from "../../src/body/spliced.ts";
import { readForm } from "../../src/edge/multipart-form.ts";
import type { Form } from "../../src/ports.ts";
import { bytes } from "../fixtures.ts";
import { property } from "./property.ts";

const TURNS_MAX = 20;

/** The form, and how often an answer came: `undefined` where none did. */
async function formIn(type: string, body: Uint8Array): Promise<readonly (Form | null)[]> {
  const answers: (Form | null)[] = [];
  readForm(type, body, (form) => answers.push(form));
  for (let left = TURNS_MAX; left > 0; left--) await new Promise(setImmediate);
  return answers;
}

const typeOf = (boundary: string): string => `multipart/form-data; boundary="${boundary}"`;
const boundary = fc.stringMatching(/^[A-Za-z0-9'()+_,./:=-]{1,40}$/);
/** Whatever a field may hold; a boundary is nowhere in it. */
const content = fc.oneof(
  fc.constantFrom("", "gpt-5", "true", "false", "--", "\r\n", "\r\n--", "-".repeat(80), "é😀"),
  fc.string({ unit: "binary", maxLength: 40 }).map((text) => text.toWellFormed()),
);

type Field = { readonly name: string; readonly isFile: boolean; readonly content: string };
const field: fc.Arbitrary<Field> = fc.record({
  name: fc.constantFrom("model", "stream", "user", "file", "prompt"),
  isFile: fc.boolean(),
  content,
});

function formText(fields: readonly Field[], mark: string): string {
  const parts = fields.map((one) => {
    const file = one.isFile ? '; filename="f"\r\nContent-Type: audio/wav' : "";
    return `--${mark}\r\nContent-Disposition: form-data; name="${one.name}"${file}\r\n\r\n${one.content}\r\n`;
  });
  return `${parts.join("")}--${mark}--\r\n`;
}

property(
  "the fields of a form are those that were put into it, and a splice changes the model alone",
  200,
  fc.asyncProperty(
    boundary,
    fc.array(field, { minLength: 1, maxLength: 6 }),
    async (mark, fields) => {
      fc.pre(fields.every((one) => !`\r\n${one.content}`.includes(`\r\n--${mark}`)));
      const data = bytes(formText(fields, mark));
      const [form, ...more] = await formIn(typeOf(mark), data);
      assert.deepEqual(more, [], "one answer");
      assert.ok(form != null, "a form is read as one");
      const plain = (name: string): readonly string[] =>
        fields.filter((one) => one.name === name && !one.isFile).map((one) => one.content);
      const models = plain("model").filter((text) => text !== "");
      assert.equal(form.model, models.at(-1) ?? null);
      assert.equal(form.stream, plain("stream").at(-1) === "true");
      assert.equal(form.user, plain("user").at(-1) ?? null);
      const renamed = fields.map((one) =>
        one.name === "model" && !one.isFile && one.content !== ""
          ? { ...one, content: "other" }
          : one,
      );
      const out = Buffer.from(spliced(data, form, modelName("other")));
      assert.deepEqual(out, Buffer.from(formText(renamed, mark)));
    },
  ),
);

const MORSELS = [
  "--b",
  "--b--",
  "\r\n",
  "\n",
  "\r\n\r\n",
  'Content-Disposition: form-data; name="model"',
  "Content-Disposition: form-data; name=model",
  "Content-Transfer-Encoding: base64",
  "Content-Disposition: form-data",
  "x",
  ":",
  "-",
  "\0",
];
const noise = fc.oneof(
  fc.array(fc.constantFrom(...MORSELS), { maxLength: 24 }).map((parts) => bytes(parts.join(""))),
  fc.uint8Array({ maxLength: 200 }),
);
const types = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(typeOf("b"), "multipart/form-data; boundary=b") },
  {
    weight: 1,
    arbitrary: fc.string({ maxLength: 30 }).map((text) => `multipart/form-data${text}`),
  },
);

property(
  "whatever the bytes, one answer comes, and what it finds of the model are the bytes that stand there",
  300,
  fc.asyncProperty(types, noise, async (type, data) => {
    const answers = await formIn(type, data);
    assert.equal(answers.length, 1);
    for (const form of answers) {
      for (const { end, start } of form?.modelSpans ?? []) {
        assert.ok(0 <= start && start < end && end <= data.length, `${start} to ${end}`);
      }
      spliced(data, form ?? null, modelName("other"));
    }
  }),
);
