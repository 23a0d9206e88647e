// Who may talk to the controller: whoever has the token, or, without one, this machine alone.

import { createHash, timingSafeEqual } from "node:crypto";
import { SlipwayError } from "@slipway/wire";
import type { MiddlewareHandler } from "hono";

const OPEN_PATHS: ReadonlySet<string> = new Set(["/healthz", "/openapi.json"]);

function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, "").toLowerCase();
  return name === "localhost" || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name);
}

/** Throws when the address can be reached from elsewhere and nothing would keep strangers out. */
export function assertListenable(host: string, token: string | undefined): void {
  if (token !== undefined || isLoopback(host)) return;
  throw new SlipwayError({
    status: 500,
    code: "token_required",
    message: `refusing to listen on ${host} without a token: anybody who reaches it could move users`,
    fix: "set SLIPWAY_TOKEN on controller, gateways and CLI, or listen on 127.0.0.1",
  });
}

export function requireAccess(token: string | undefined): MiddlewareHandler {
  const expected = token === undefined ? null : sha256Of(`Bearer ${token}`);
  return async (c, next) => {
    if (expected === null) assertLocalName(c.req.header("host") ?? "");
    else if (!OPEN_PATHS.has(c.req.path)) {
      const given = sha256Of(c.req.header("authorization") ?? "");
      if (!timingSafeEqual(given, expected)) throw unauthorized();
    }
    await next();
  };
}

/** Hashes have one length, so the comparison tells nothing about the token's. */
function sha256Of(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function unauthorized(): SlipwayError {
  return new SlipwayError({
    status: 401,
    code: "unauthorized",
    message: "the bearer token is missing or wrong",
    fix: "set SLIPWAY_TOKEN to the controller's token",
  });
}

/** A web page may make its own name point to this machine; its requests still carry that name. */
function assertLocalName(host: string): void {
  if (isLoopback(host.replace(/:\d+$/, ""))) return;
  throw new SlipwayError({
    status: 403,
    code: "foreign_host",
    message: `without a token the controller answers to this machine's own names, not to ${host}`,
    fix: "use 127.0.0.1 or localhost, or set SLIPWAY_TOKEN",
  });
}
