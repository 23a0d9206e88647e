// A command is loaded by its name, and only then: each that help lists has to answer to the name it is listed by.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Context, mainCommand } from "slipway";

type Said = { readonly out: string; readonly err: string; readonly code: number | null };

async function said(args: readonly string[]): Promise<Said> {
  let [out, err] = ["", ""];
  let code: number | null = null;
  const context: Context = {
    terminal: {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      live: false,
      colour: false,
      columns: () => 100,
      rows: () => 50,
      onResize: () => () => {},
      onStop: () => () => {},
    },
    env: {},
    user: "ann",
    nowMs: () => 0,
    exitWith: (given) => {
      code = given;
    },
  };
  await mainCommand(context, args);
  return { out, err, code };
}

test("every command that help lists answers to its name", async () => {
  const { out, code } = await said(["--help"]);
  assert.equal(code, 0);
  const listed = out.split("Commands:\n")[1]?.split("\nExit")[0] ?? "";
  const names = [...listed.matchAll(/^ {2}([a-z-]+)/gm)].map((match) => match[1] ?? "");
  assert.ok(names.length > 20, listed);
  for (const name of names.filter((one) => one !== "help")) {
    const one = await said([name, "--help"]);
    assert.deepEqual([one.code, one.err], [0, ""], name);
    assert.match(one.out, new RegExp(`^Usage: slipway ${name} `));
  }
});
