// A notice as a mail. Its Message-ID follows from the notice, so that a mail that had to be sent twice can be told.

import type { Notice } from "@slipway/core";
import { cut, factLines } from "./message-text.ts";

const SUBJECT_MAX = 200;

export type Mail = {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** Without angle brackets. */
  readonly messageId: string;
  /** Mails of one thread lie together. */
  readonly references: string | null;
  readonly headers: { readonly [name: string]: string };
};

export type Addressed = {
  readonly to: readonly string[];
  readonly pageUrl: string | null;
  readonly from: string;
};

export function noticeMail(notice: Notice, { to, pageUrl, from }: Addressed): Mail {
  const domain = from.slice(from.lastIndexOf("@") + 1);
  return {
    to,
    subject: cut(`[Slipway] ${notice.title}`, SUBJECT_MAX),
    text: `${[notice.title, notice.text].filter((line) => line !== "").join("\n\n")}\n\n${factLines(notice, pageUrl).join("\n")}\n`,
    messageId: `${notice.id}@${domain}`,
    references: `${notice.thread}@${domain}`,
    headers: { "Auto-Submitted": "auto-generated", "X-Slipway-Event": notice.occasion },
  };
}
