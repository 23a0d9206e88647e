// How the API says no: one envelope for every error, with a stable code.

import { type ErrorBody, SlipwayError } from "@slipway/wire";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { z } from "zod";
import type { Log } from "../../ports.ts";

export function errorBody(code: string, message: string, fix: string | null): ErrorBody {
  return { error: { code, message, fix } };
}

/** Maps whatever was thrown to an answer. What nobody foresaw is logged, and not shown. */
export function errorAnswer(error: unknown, c: Context, log: Log): Response {
  if (error instanceof SlipwayError) {
    const { status, code, message, fix } = error;
    return c.json(errorBody(code, message, fix), status as ContentfulStatusCode);
  }
  if (error instanceof HTTPException) {
    const code = error.status === 415 ? "unsupported_media_type" : "invalid_request";
    const fix = error.status === 415 ? "send JSON, with content-type: application/json" : null;
    return c.json(errorBody(code, error.message, fix), error.status as ContentfulStatusCode);
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log.error({ method: c.req.method, path: c.req.path, error: text }, "a request failed");
  const fix = "the controller's log says more";
  return c.json(errorBody("internal", "the controller failed at this request", fix), 500);
}

const ISSUES_SHOWN = 5;

/** Where a request does not have its shape: `models[0].policy.stages[1].percent: …`. */
export function shapeErrors(error: z.core.$ZodError): SlipwayError {
  const issues = error.issues.slice(0, ISSUES_SHOWN).map(({ path, message }) => {
    const place = placeText(path);
    return place === "" ? message : `${place}: ${message}`;
  });
  const fixes = new Set(error.issues.slice(0, ISSUES_SHOWN).map(fixOf));
  const more = error.issues.length - issues.length;
  return new SlipwayError({
    status: 400,
    code: "invalid_request",
    message: issues.join("; ") + (more > 0 ? `; and ${more} more` : ""),
    fix: [...fixes].join("; "),
  });
}

/** What it says itself of how to mend it, where it is more than a wrong shape. */
function fixOf(issue: z.core.$ZodIssue): string {
  const fix = issue.code === "custom" ? issue.params?.["fix"] : undefined;
  return typeof fix === "string" ? fix : "the shapes are in /openapi.json";
}

function placeText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
}
