// The base URL of an upstream. Wire runs everywhere and has no URL class to lean on, and needs little of one:
// http or https, a host, perhaps a port, a path; nothing secret, no query.

import { kindOf, quoted, type Reading } from "../document/quantity.ts";

const BASE_URL =
  /^(?<scheme>https?):\/\/(?:(?<user>[^/?#@]*)@)?(?<host>[\w.-]+|\[[\da-f:.]+\])(?::(?<port>\d{1,5}))?(?<path>\/[^?#\s]*)?(?<rest>[?#].*)?$/i;
const EXAMPLE = "write a base URL such as https://api.example.com/v1";

function refuse(message: string, fix: string): Reading<never> {
  return { ok: false, message, fix };
}

/** The URL without a slash at its end. */
export function readBaseUrl(value: unknown): Reading<string> {
  if (typeof value !== "string") return refuse(`${kindOf(value)} is not a URL`, EXAMPLE);
  if (value.includes(`\${`)) {
    return refuse(
      "a URL cannot hold an environment variable",
      `write the URL itself; only key takes \${NAME}`,
    );
  }
  const parts = BASE_URL.exec(value)?.groups;
  if (parts === undefined || Number(parts["port"] ?? 1) > 65_535 || parts["port"] === "0") {
    const near = /^[\w.-]+(:\d+)?(\/\S*)?$/.test(value) ? `did you mean http://${value}?` : EXAMPLE;
    return refuse(`${quoted(value)} is not an http or https URL`, near);
  }
  if (parts["user"] !== undefined) {
    return refuse(
      "a URL cannot hold a user or a password; secrets do not belong in this file",
      `put the key in an environment variable of the gateway, and write key: \${NAME}`,
    );
  }
  if (parts["rest"] !== undefined) {
    return refuse(
      `${quoted(value)} has a query or a fragment`,
      "end the URL with its path, such as /v1",
    );
  }
  return { ok: true, value: value.replace(/\/+$/, "") };
}

/** Host and port of a URL that `readBaseUrl` accepted. */
export function hostOf(url: string): string {
  const { host = url, port } = BASE_URL.exec(url)?.groups ?? {};
  return port === undefined ? host : `${host}:${port}`;
}

/** Whether a URL that `readBaseUrl` accepted has a path. */
export function hasPath(url: string): boolean {
  return (BASE_URL.exec(url)?.groups?.["path"] ?? "/").length > 1;
}
