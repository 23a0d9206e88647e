// One mail, handed to a mail server over SMTP. That the server has taken it is all that can be known here.

import { getSystemErrorName } from "node:util";
import { type Answer, type Mailer, mailDestination } from "@slipway/core";
import { SlipwayError } from "@slipway/wire";
import { createTransport } from "nodemailer";
import type { Mail } from "../formats/mail.ts";
import { hostWithin, type Places } from "./place.ts";
import { lossOf } from "./post.ts";
import type { Secrets } from "./secret.ts";

const CONNECT_TIMEOUT_MS = 10_000;
const SILENCE_MAX_MS = 20_000;
/** Of a whole delivery: a server that says a letter now and then must not hold it for ever. */
const MAIL_TIMEOUT_MS = 60_000;

type Refusal = Extract<Answer, { ok: false }>;

/** Rejects with SlipwayError where it may not use the password, or, without one, not go there. */
export async function sendMail(
  mailer: Mailer,
  mail: Mail,
  secrets: Secrets,
  places: Places,
): Promise<Answer> {
  const { port, security, from } = mailer;
  let connecting: Connecting;
  try {
    connecting = await connectingTo(mailer, secrets, places);
  } catch (error) {
    if (error instanceof SlipwayError) throw error;
    return refusalOf(error);
  }
  const transport = createTransport({
    ...connecting,
    port,
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_MAX_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const late = Promise.withResolvers<Answer>();
  const timer = setTimeout(() => {
    late.resolve(failed("the mail server did not take it within 60 s", true));
  }, MAIL_TIMEOUT_MS);
  try {
    return await Promise.race([handed(transport, mail, from), late.promise]);
  } finally {
    clearTimeout(timer);
    transport.close();
  }
}

type Connecting = {
  readonly host: string;
  readonly auth?: { readonly user: string; readonly pass: string };
  readonly tls?: { readonly servername: string };
};

/** A server that gets a password was granted with it; another is judged by itself, and keeps its name in its certificate. */
async function connectingTo(mailer: Mailer, secrets: Secrets, places: Places): Promise<Connecting> {
  const { host: name, login } = mailer;
  const to = mailDestination(mailer);
  if (login !== null) {
    return { host: name, auth: { user: login.user, pass: await secrets(login.password, to) } };
  }
  const host = await hostWithin(places, to, name);
  return host === name ? { host } : { host, tls: { servername: name } };
}

async function handed(
  transport: ReturnType<typeof createTransport>,
  mail: Mail,
  from: string,
): Promise<Answer> {
  try {
    const { to, subject, text, messageId, references, headers } = mail;
    const { rejectedErrors = [] } = await transport.sendMail({
      ...{ from, subject, text, headers },
      // Else it would depend on the letters of a token how a mail looks.
      textEncoding: "quoted-printable",
      to: [...to],
      messageId: `<${messageId}>`,
      ...(references === null ? {} : { references: `<${references}>` }),
    });
    return answerOf(to.length, rejectedErrors);
  } catch (error) {
    return refusalOf(error);
  }
}

type Rejection = { readonly recipient?: string; readonly responseCode?: number };

/** The server has taken it, for all or for some. Those it refuses for good are named; the others are tried again. */
function answerOf(all: number, rejections: readonly Rejection[]): Answer {
  const taken = `taken for ${all - rejections.length} of ${all} by the mail server`;
  if (rejections.length === 0) return { ok: true, said: taken };
  const left = rejections
    .filter((one) => !isForGood(one.responseCode))
    .flatMap(({ recipient }) => recipient ?? []);
  const refused = rejections.map(
    ({ recipient, responseCode }) => `${recipient ?? "one"} (${responseCode ?? "no code"})`,
  );
  const said = `${taken}; refused for ${refused.join(", ")}`;
  return {
    ok: false,
    said,
    isOfReceiver: false,
    isFinal: left.length === 0,
    left,
    retryAfterMs: null,
  };
}

/** RFC 5321, 4.2.1: a 4yz may be answered otherwise later. */
function isForGood(code: number | undefined): boolean {
  return code !== undefined && code >= 500;
}

/** Its own words may hold anything; its codes do not. */
function refusalOf(error: unknown): Answer {
  const { code, responseCode, errno } = error as {
    readonly code?: unknown;
    readonly responseCode?: unknown;
    readonly errno?: unknown;
  };
  const name = typeof code === "string" && /^[A-Z_]{3,40}$/.test(code) ? code : null;
  if (typeof responseCode === "number") {
    const isOfMail = name === "EENVELOPE" || name === "EMESSAGE";
    const said = `${responseCode} by the mail server${name === null ? "" : ` (${name})`}`;
    return { ...failed(said, !isOfMail), isFinal: isOfMail && isForGood(responseCode) };
  }
  const why = typeof errno === "number" && errno < 0 ? getSystemErrorName(errno) : name;
  return failed(`the mail server could not be used: ${lossOf(why)}`, true);
}

function failed(said: string, isOfReceiver: boolean): Refusal {
  return { ok: false, said, isOfReceiver, isFinal: false, retryAfterMs: null };
}
