// Reads a JSON body before any handler does, so that a broken one is answered with the place where it breaks.

import { SlipwayError } from "@slipway/wire";
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { jsonFaultIndex } from "./json-fault.ts";

/** A frame of 2,000 full rows is the largest thing that anybody sends. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;

export const limitBody: MiddlewareHandler = bodyLimit({
  maxSize: BODY_BYTES_MAX,
  onError: () => {
    throw new SlipwayError({
      status: 413,
      code: "too_large",
      message: `the body is larger than ${BODY_BYTES_MAX} bytes`,
      fix: "send less at once",
    });
  },
});

export const requireJson: MiddlewareHandler = async (c, next) => {
  if (c.req.method === "POST" || c.req.method === "PUT") {
    const type = c.req.header("content-type") ?? "";
    // A web page can post text to a controller on this machine, but not JSON: that needs its consent first.
    if (!/^application\/json\b/i.test(type)) throw unsupported(type);
    const text = await c.req.text();
    try {
      // Hono keeps the text, and parses it again for the handler.
      JSON.parse(text);
    } catch {
      throw invalidJson(text);
    }
  }
  await next();
};

function unsupported(type: string): SlipwayError {
  return new SlipwayError({
    status: 415,
    code: "unsupported_media_type",
    message: type === "" ? "the request has no content-type" : `the content-type is ${type}`,
    fix: "send JSON, with content-type: application/json",
  });
}

function invalidJson(text: string): SlipwayError {
  const index = jsonFaultIndex(text);
  const lines = text.slice(0, index).split("\n");
  const place = `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
  const what = index >= text.length ? "it ends too soon" : `unexpected ${shown(text, index)}`;
  return new SlipwayError({
    status: 400,
    code: "invalid_json",
    message: `the body is not JSON: ${place}: ${what}`,
    fix: null,
  });
}

function shown(text: string, index: number): string {
  return JSON.stringify(String.fromCodePoint(text.codePointAt(index) ?? 0xfffd));
}
