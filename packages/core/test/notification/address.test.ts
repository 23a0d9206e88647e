// What is taken for an address of mail.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isMailAddress } from "@slipway/core";

test("an address is one, of any alphabet", () => {
  for (const text of ["ann@example.com", "ann+status@mail.example.com", "기수@예시.kr"]) {
    assert.ok(isMailAddress(text), text);
  }
});

test("nothing that says or does something beside it, in a header or on a terminal, is an address", () => {
  const wrong = [
    "ann",
    "ann@",
    "ann@example.com,eve@example.com",
    "ann@example.com\r\nBcc: eve@example.com",
    "\u001bcann@example.com",
    "ann@example.com\u0007",
    "ann\u202e@example.com",
    "Ann <ann@example.com>",
  ];
  for (const text of wrong) assert.ok(!isMailAddress(text), JSON.stringify(text));
});
