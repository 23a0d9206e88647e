// Reads the few fields of a multipart form that say where it goes, and where in the body they stand, so that the form
// itself can travel on as the bytes it came in. Busboy's parser finds the parts; files pass it by unread.

import { MIMEType } from "node:util";
import { Dicer } from "@fastify/busboy";
import type { Form, ReadForm } from "../ports.ts";

/** A form with more parts is not looked into. */
const PARTS_MAX = 256;
const HEADER_PAIRS_MAX = 32;
const FIELD_BYTES_MAX = 1_024;
const PARAMETER = /;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]*))/g;

class TooManyParts extends Error {}

export const readForm: ReadForm = (contentType, body, done) => {
  const boundary = boundaryOf(contentType);
  if (boundary === null) {
    done(null);
    return;
  }
  const reading = new FormReading(body);
  let isOver = false;
  const end = (form: Form | null): void => {
    if (isOver) return;
    isOver = true;
    done(form);
  };
  const dicer = new Dicer({ boundary, maxHeaderPairs: HEADER_PAIRS_MAX });
  dicer.on("part", (part) => {
    reading.begin();
    let read = (_: Buffer): void => {};
    part.on("header", (header) => {
      read = reading.reader(header as PartHeader);
    });
    part.on("data", (chunk: Buffer) => read(chunk));
    // What ends too early is the upstream's to complain about.
    part.on("error", () => end(null));
  });
  dicer.on("error", () => end(null));
  dicer.on("finish", () => end(reading.form()));
  try {
    dicer.end(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
  } catch (error) {
    if (!(error instanceof TooManyParts)) throw error;
    end(null);
  }
};

type PartHeader = { readonly [name: string]: readonly string[] | undefined };
type Place = { start: number; end: number; text: string };

class FormReading {
  readonly #body: Uint8Array;
  readonly #fields = new Map<string, Place[]>();
  #parts = 0;
  #isPlaced = true;

  constructor(body: Uint8Array) {
    this.#body = body;
  }

  begin(): void {
    this.#parts++;
    if (this.#parts > PARTS_MAX) throw new TooManyParts();
  }

  /** What takes the bytes of a part that begins with `header`. */
  reader(header: PartHeader): (chunk: Buffer) => void {
    const name = fieldName(header);
    if (name !== "model" && name !== "stream" && name !== "user") return () => {};
    const place: Place = { start: -1, end: -1, text: "" };
    this.#fields.set(name, [...(this.#fields.get(name) ?? []), place]);
    return (chunk) => this.#extend(place, chunk);
  }

  /** Chunks are windows on the body, one after the other; anything else cannot be replaced in place. */
  #extend(place: Place, chunk: Buffer): void {
    const start = chunk.byteOffset - this.#body.byteOffset;
    const isWindow = chunk.buffer === this.#body.buffer;
    const follows = place.end === -1 || place.end === start;
    if (!isWindow || !follows || place.text.length > FIELD_BYTES_MAX) this.#isPlaced = false;
    if (place.start === -1) place.start = start;
    place.end = start + chunk.length;
    place.text += chunk.toString("utf8");
  }

  form(): Form | null {
    if (!this.#isPlaced) return null;
    const models = (this.#fields.get("model") ?? []).filter(({ text }) => text !== "");
    return {
      model: models.at(-1)?.text ?? null,
      modelSpans: models.map(({ end, start }) => ({ start, end })),
      stream: this.#last("stream") === "true",
      user: this.#last("user"),
    };
  }

  #last(name: string): string | null {
    return this.#fields.get(name)?.at(-1)?.text ?? null;
  }
}

function boundaryOf(contentType: string): string | null {
  try {
    return new MIMEType(contentType).params.get("boundary") || null;
  } catch {
    return null; // Not a media type: the upstream will say so.
  }
}

/** The name of a plain field; null for files, and for what is encoded. */
function fieldName(header: PartHeader): string | null {
  const [disposition = ""] = header["content-disposition"] ?? [];
  if (!/^form-data\b/i.test(disposition)) return null;
  if (header["content-transfer-encoding"] !== undefined) return null;
  let name: string | null = null;
  for (const [, key = "", quoted, plain] of disposition.matchAll(PARAMETER)) {
    if (/^filename\*?$/i.test(key)) return null;
    if (key.toLowerCase() === "name") name = quoted ?? plain ?? null;
  }
  return name;
}
