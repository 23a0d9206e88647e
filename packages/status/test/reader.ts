// A reader of the status page on this machine: its own server with subscriptions, a mail server and a receiver of webhooks
// that belong to the reader, and a clock that the test owns.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PageIncident, StatusPage } from "@slipway/core";
import { ownSecrets } from "@slipway/delivery/edge";
import { HookReceiver, MailReceiver } from "@slipway/simulator/edge";
import {
  createPublisher,
  createSubscriptions,
  type Publisher,
  type RunningStatus,
  type Subscriptions,
  serveStatus,
} from "@slipway/status/edge";
import { AT_MS, OPEN, PAGE } from "./page-fixture.ts";

export const HOUR_MS = 3_600_000;
const EMPTY: StatusPage = {
  ...PAGE,
  url: "https://status.example.com",
  incidents: [],
  maintenances: [],
};

export class Reader {
  readonly dir: string = mkdtempSync(join(tmpdir(), "slipway-readers-"));
  readonly mails = new MailReceiver();
  readonly hooks = new HookReceiver();
  readonly logged: string[] = [];
  nowMs = AT_MS;
  #publish: Publisher = () => Promise.resolve();
  #subscriptions: Subscriptions | null = null;
  #site: RunningStatus | null = null;

  async open(page: StatusPage = EMPTY): Promise<this> {
    await this.mails.listen();
    await this.hooks.listen();
    this.#publish = createPublisher(join(this.dir, "page"));
    await this.shows(page);
    await this.serve();
    return this;
  }

  async serve(): Promise<void> {
    const nowMs = (): number => this.nowMs;
    const mail = {
      host: "127.0.0.1",
      port: this.mails.port,
      security: "none" as const,
      login: null,
    };
    this.#subscriptions = createSubscriptions({
      dir: join(this.dir, "page"),
      subscribersDir: join(this.dir, "subscribers"),
      mail: { ...mail, from: "status@example.com" },
      webhooks: true,
      secrets: ownSecrets({}),
      nowMs,
      log: (line) => void this.logged.push(line),
      // The receiver is on this machine, where strangers' webhooks must not lead.
      lookup: (_, __, answer) => answer(null, "127.0.0.1", 4),
      // None ends by itself in a test's time.
      hookTimeoutMs: HOUR_MS,
      faultOf: (url) => (url.startsWith(this.hooks.url) ? null : "not this one"),
    });
    // The test looks by itself.
    const subscriptions = { ...this.#subscriptions, run: () => () => Promise.resolve() };
    const listen = { host: "127.0.0.1", port: 0 };
    this.#site = await serveStatus({ dir: join(this.dir, "page"), listen, nowMs, subscriptions });
  }

  async restart(): Promise<void> {
    await this.#site?.close();
    await this.serve();
  }

  async shows(page: StatusPage): Promise<void> {
    await this.#publish(page, this.nowMs);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#site?.port}`;
  }

  async look(): Promise<void> {
    await this.#subscriptions?.look();
  }

  /** As a server does it by itself; resolves when what is under way has ended. */
  run(): () => Promise<void> {
    return this.#subscriptions?.run() ?? assert.fail("not served");
  }

  async fetch(
    path: string,
    form?: Record<string, string> | URLSearchParams,
  ): Promise<{ status: number; text: string; headers: Headers }> {
    const response = await fetch(`${this.url}${path}`, {
      ...(form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) }),
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  }

  async asks(way: string, address: string, more: Record<string, string> = {}): Promise<number> {
    const { status } = await this.fetch("/en/subscribe/", { way, address, ...more });
    await this.look();
    return status;
  }

  /** Path and query of the link in the newest mail. */
  link(): string {
    return this.links().at(-1) ?? assert.fail("no link");
  }

  links(): readonly string[] {
    return this.mails.taken.flatMap(({ data }) => {
      const text = data.replace(/=\r\n/g, "").replaceAll("=3D", "=");
      return /^https:\/\/status\.example\.com(\/\S*token=\S+)/m.exec(text)?.[1] ?? [];
    });
  }

  async subscribed(address: string, more: Record<string, string> = {}): Promise<string> {
    await this.asks("email", address, more);
    const link = this.link();
    const { status } = await this.fetch(link, { act: "confirm" });
    assert.equal(status, 200);
    this.mails.taken.length = 0;
    return link;
  }

  subjects(): readonly string[] {
    return this.mails.taken.map(({ to, data }) => {
      const unfolded = data.replace(/\r\n[ \t]+/g, " ");
      return `${to.join()} ${/^Subject: (.*)$/m.exec(unfolded)?.[1]}`;
    });
  }

  async close(): Promise<void> {
    await this.#site?.close();
    await this.mails.close();
    await this.hooks.close();
    rmSync(this.dir, { recursive: true });
  }
}

export async function withReader(
  work: (reader: Reader) => Promise<void>,
  page?: StatusPage,
): Promise<void> {
  const reader = await new Reader().open(page);
  try {
    await work(reader);
  } finally {
    await reader.close();
  }
}

/** The page with the first so many updates of the open incident. */
export function pageWith(updates: number, changes: Partial<PageIncident> = {}): StatusPage {
  const incident = { ...OPEN, updates: OPEN.updates.slice(-updates), ...changes };
  return { ...EMPTY, incidents: [incident] };
}
