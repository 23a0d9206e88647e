// What is answered to whom: a path and some headers become a file of the folder, with what only the moment of serving
// knows put in: that it is stale, and a notice of people who cannot reach the controller.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { utcText } from "@slipway/core";
import { escaped } from "../html/markup.ts";
import {
  NOTICE_PLACE,
  NOTICE_TEXT_PLACE,
  SINCE_PLACE,
  STALE_AFTER_MS,
  STALE_PLACE,
  SUBSCRIBE_PLACE,
} from "../html/page-shell.ts";
import { languageFor } from "../strings/languages.ts";
import { FRESHNESS_FILE, freshnessIn } from "./freshness.ts";
import { NOTICE_FILE } from "./notice-file.ts";

export type SiteRequest = {
  /** As in the request line, without the query. */
  readonly path: string;
  readonly acceptLanguage: string;
  readonly ifNoneMatch: string;
  readonly nowMs: number;
  /** Whether readers can subscribe on this server. */
  readonly subscribes: boolean;
};

export type SiteAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".rss": "application/rss+xml; charset=utf-8",
  ".atom": "application/atom+xml; charset=utf-8",
  ".svg": "image/svg+xml; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};
/** Each character has one way to match: a path of a stranger's must not keep the server thinking. */
const SAFE_PATH = /^\/(?:[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*\/?)?$/;
const PATH_LENGTH_MAX = 300;
/** Pages that stand for every language: which one is served is the reader's choice. */
const FOR_ALL = /^(?:|history\/|incidents\/[^/]+\/)index\.html$/;

export const SAFETY = {
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

type Moment = {
  readonly freshAtMs: number | null;
  readonly isStale: boolean;
  readonly notice: string;
};

export async function siteAnswer(dir: string, request: SiteRequest): Promise<SiteAnswer> {
  const { path, nowMs } = request;
  const moment = await momentOf(dir, nowMs);
  if (path === "/health") return healthOf(moment, nowMs);
  if (path.length > PATH_LENGTH_MAX || !SAFE_PATH.test(path)) return plain(404, "not found\n");
  const name = fileOf(path, moment);
  const isForAll = FOR_ALL.test(name);
  const file = isForAll ? `${languageFor(request.acceptLanguage)}/${name}` : name;
  const text = await readIfThere(join(dir, file));
  if (text === null) {
    const isFolder = extname(path) === "" && !path.endsWith("/");
    if (isFolder && (await readIfThere(join(dir, `${path}/index.html`))) !== null) {
      return { ...plain(308, ""), headers: { location: relativeTo(path), ...SAFETY } };
    }
    return moment.freshAtMs === null && path === "/"
      ? plain(503, "the status page has not been published yet\n")
      : plain(404, "not found\n");
  }
  return answerOf(
    file,
    completed(file, text, moment, request.subscribes),
    request,
    moment,
    isForAll,
  );
}

/** To the same name with a slash, wherever the page is mounted. */
function relativeTo(path: string): string {
  return `./${path.slice(path.lastIndexOf("/") + 1)}/`;
}

function fileOf(path: string, { isStale }: Moment): string {
  const name = path.slice(1);
  if (name === "badge.svg" && isStale) return "badge-stale.svg";
  return name === "" || name.endsWith("/") ? `${name}index.html` : name;
}

async function momentOf(dir: string, nowMs: number): Promise<Moment> {
  const stamp = await readIfThere(join(dir, FRESHNESS_FILE));
  const freshAtMs = stamp === null ? null : freshnessIn(stamp);
  const notice = (await readIfThere(join(dir, NOTICE_FILE))) ?? "";
  const isStale = freshAtMs === null || nowMs - freshAtMs > STALE_AFTER_MS;
  return { freshAtMs, isStale, notice: notice.trim() };
}

function completed(
  file: string,
  text: string,
  { freshAtMs, isStale, notice }: Moment,
  subscribes: boolean,
): string {
  if (file.endsWith(".json")) {
    return isStale ? text.replace('"slipway":{"stale":false}', '"slipway":{"stale":true}') : text;
  }
  if (!file.endsWith(".html")) return text;
  const since = freshAtMs === null ? "–" : utcText(freshAtMs);
  const offered = subscribes
    ? text.replace(SUBSCRIBE_PLACE, SUBSCRIBE_PLACE.replace(" hidden", ""))
    : text;
  const stale = isStale
    ? offered.replace(STALE_PLACE, STALE_PLACE.replace(" hidden", "")).replace(SINCE_PLACE, since)
    : offered;
  if (notice === "") return stale;
  return stale
    .replace(NOTICE_PLACE, NOTICE_PLACE.replace(" hidden", ""))
    .replace(NOTICE_TEXT_PLACE, () => escaped(notice));
}

function answerOf(
  file: string,
  body: string,
  { ifNoneMatch }: SiteRequest,
  { isStale }: Moment,
  isForAll: boolean,
): SiteAnswer {
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 27)}"`;
  const headers = {
    "content-type": TYPES[extname(file)] ?? "application/octet-stream",
    "cache-control": file === FRESHNESS_FILE ? "no-store" : "public, max-age=60",
    etag,
    "access-control-allow-origin": "*",
    ...(isForAll ? { vary: "accept-language" } : {}),
    ...(isStale ? { "x-slipway-stale": "true" } : {}),
    ...SAFETY,
  };
  const known = ifNoneMatch.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  const isKnown = known.includes(etag) || known.includes("*");
  return isKnown ? { status: 304, headers, body: "" } : { status: 200, headers, body };
}

function healthOf({ freshAtMs, isStale }: Moment, nowMs: number): SiteAnswer {
  const ageMs = freshAtMs === null ? null : nowMs - freshAtMs;
  const body = `${JSON.stringify({ status: isStale ? "stale" : "ok", ageMs })}\n`;
  const headers = { "content-type": TYPES[".json"] ?? "", "cache-control": "no-store", ...SAFETY };
  return { status: isStale ? 503 : 200, headers, body };
}

function plain(status: number, body: string): SiteAnswer {
  const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
  return { status, headers: { ...headers, ...SAFETY }, body };
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return null;
    throw error;
  }
}
