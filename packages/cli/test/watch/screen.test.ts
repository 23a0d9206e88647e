// Drawing over what was drawn before, on a terminal that a test reads.
import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { renderWatch, Screen, type Terminal } from "slipway";
import { START_MS, views } from "./views.ts";

const ESC = "\u001b";

function fakeTerminal(rows: number): Terminal & { readonly taken: () => string } {
  let written = "";
  return {
    out: (text) => {
      written += text;
    },
    err: () => {},
    live: true,
    colour: true,
    columns: () => 80,
    rows: () => rows,
    onResize: () => () => {},
    onStop: () => () => {},
    taken: () => {
      const taken = written;
      written = "";
      return taken;
    },
  };
}

test("a drawing goes over the one before, and leaves nothing of it", () => {
  const terminal = fakeTerminal(10);
  const screen = new Screen(terminal);
  screen.draw(["one", "two", "three"]);
  terminal.taken();
  screen.draw(["uno"]);
  assert.equal(terminal.taken(), `${ESC}[3A\runo${ESC}[K\n${ESC}[J`);
});

test("what is higher than the terminal is cut while it is live, and whole at the end", () => {
  const terminal = fakeTerminal(3);
  const screen = new Screen(terminal);
  terminal.taken();
  screen.draw(["1", "2", "3", "4"]);
  assert.equal(stripVTControlCharacters(terminal.taken()), "\r1\n2\n");
  screen.end(["1", "2", "3", "4"]);
  assert.equal(stripVTControlCharacters(terminal.taken()), "\r1\n2\n3\n4\n");
});

test("the cursor is hidden while it draws, and given back at the end", () => {
  const terminal = fakeTerminal(10);
  const screen = new Screen(terminal);
  assert.equal(terminal.taken(), `${ESC}[?25l`);
  screen.end([]);
  assert.ok(terminal.taken().endsWith(`${ESC}[?25h`));
});

test("colours change nothing but colours", () => {
  for (const view of Object.values(views)) {
    const frame = { width: 100, nowMs: START_MS };
    const plain = renderWatch(view, { ...frame, colour: false });
    const coloured = renderWatch(view, { ...frame, colour: true });
    assert.deepEqual(
      coloured.map((line) => stripVTControlCharacters(line).trimEnd()),
      plain,
    );
  }
});

test("a reason that holds control characters cannot move the cursor", () => {
  const [view] = Object.values(views);
  assert.ok(view);
  const model = `evil${ESC}[2J\u0007\nname`;
  const lines = renderWatch({ ...view, model }, { width: 100, colour: false, nowMs: START_MS });
  assert.match(lines[0] ?? "", /evil \[2J name/);
});
