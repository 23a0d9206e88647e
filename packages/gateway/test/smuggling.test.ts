// Requests that two servers in a row might read differently, byte by byte: what each is answered, and that the upstream
// never sees a request that nobody sent it.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { routeOf, tableOf, upstreamOf, versionOf } from "./fixtures.ts";
import { healthy, liveGateway } from "./live-gateway.ts";
import { raw } from "./raw-client.ts";
import { scriptedUpstream } from "./scripted-upstream.ts";

const BODY = '{"model":"gpt-5","messages":[]}';
const LENGTH = BODY.length;
const SIZE = LENGTH.toString(16);
const POST = "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n";
const SIZED = `Content-Length: ${LENGTH}\r\n\r\n${BODY}`;
const CHUNKS = `${SIZE}\r\n${BODY}\r\n0\r\n\r\n`;
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`;
/** What an attacker hopes that only the second server reads as a request. */
const HIDDEN = "GET /v1/hidden HTTP/1.1\r\nHost: x\r\n\r\n";

type Case = {
  readonly bytes: string;
  /** Status of every answer, in order; `closed` where the connection is ended without one. */
  readonly gets: readonly (number | "closed")[];
  /** What another transport may answer instead. */
  readonly or?: Case["gets"];
  /** Requests that reach the upstream; none where absent. */
  readonly reach?: number;
};

const REFUSED: Pick<Case, "gets"> = { gets: [400] };
const SERVED: Pick<Case, "gets" | "reach"> = { gets: [200], reach: 1 };

function coded(header: string): string {
  return `${POST}${header}\r\n\r\n${CHUNKS}${HIDDEN}`;
}

function counted(length: string): string {
  return `${POST}Content-Length: ${length}\r\n\r\n${BODY}${HIDDEN}`;
}

function chunk(line: string, end = "\r\n"): string {
  return `${CHUNKED}${line}${BODY}${end}0\r\n\r\n${HIDDEN}`;
}

const CASES: { readonly [name: string]: Case } = {
  "a body with a length": { bytes: POST + SIZED, ...SERVED },
  "a chunked body": { bytes: CHUNKED + CHUNKS, ...SERVED },
  "two requests, one after the other": {
    bytes: POST + SIZED + POST + SIZED,
    gets: [200, 200],
    reach: 2,
  },
  "a length and a coding": {
    bytes: coded("Content-Length: 4\r\nTransfer-Encoding: chunked"),
    ...REFUSED,
  },
  "a coding and a length": {
    bytes: coded("Transfer-Encoding: chunked\r\nContent-Length: 4"),
    ...REFUSED,
  },
  "an unknown coding": { bytes: coded("Transfer-Encoding: xchunked"), ...REFUSED },
  "a coding before chunked": { bytes: coded("Transfer-Encoding: gzip, chunked"), ...REFUSED },
  "a coding after chunked": { bytes: coded("Transfer-Encoding: chunked, gzip"), ...REFUSED },
  "chunked in two headers": {
    bytes: coded("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
    ...REFUSED,
  },
  "chunked, then identity": {
    bytes: coded("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"),
    ...REFUSED,
  },
  identity: { bytes: coded("Transfer-Encoding: identity"), ...REFUSED },
  "an empty coding": { bytes: `${POST}Transfer-Encoding:\r\n${SIZED}`, ...REFUSED },
  "a coding with a parameter": { bytes: coded("Transfer-Encoding: chunked;q=1"), ...REFUSED },
  "a coding in quotes": { bytes: coded('Transfer-Encoding: "chunked"'), ...REFUSED },
  "a coding after a vertical tab": { bytes: coded("Transfer-Encoding: \x0bchunked"), ...REFUSED },
  "a coding on a folded line": { bytes: coded("Transfer-Encoding:\r\n chunked"), ...REFUSED },
  "a coding whose name begins with a space": {
    bytes: coded(" Transfer-Encoding: chunked"),
    ...REFUSED,
  },
  "a coding with a space before its colon": {
    bytes: coded("Transfer-Encoding : chunked"),
    ...REFUSED,
  },
  "a coding in capitals": {
    bytes: `${POST}TRANSFER-ENCODING: CHUNKED\r\n\r\n${CHUNKS}`,
    ...SERVED,
  },
  "a length with a sign": { bytes: counted(`+${LENGTH}`), ...REFUSED },
  "a negative length": { bytes: counted("-1"), ...REFUSED },
  "a length in hex": { bytes: counted(`0x${SIZE}`), ...REFUSED },
  "a length with a space in it": { bytes: counted("3 1"), ...REFUSED },
  "a length that is a list": { bytes: counted(`${LENGTH}, ${LENGTH}`), ...REFUSED },
  "a length beyond 64 bits": { bytes: counted("18446744073709551647"), ...REFUSED },
  "an empty length": { bytes: counted(""), ...REFUSED },
  "two lengths": { bytes: counted(`${LENGTH}\r\nContent-Length: ${LENGTH + 5}`), ...REFUSED },
  "the same length twice": { bytes: counted(`${LENGTH}\r\nContent-Length: ${LENGTH}`), ...REFUSED },
  "a length that Connection names": {
    bytes: `${POST}Connection: content-length\r\n${SIZED}`,
    ...SERVED,
  },
  "lines that end with LF alone": { bytes: (POST + SIZED).replaceAll("\r\n", "\n"), ...REFUSED },
  "one line that ends with LF alone": { bytes: `${POST}X-A: b\n${SIZED}`, ...REFUSED },
  "CR alone in a value": { bytes: coded("X-A: b\rTransfer-Encoding: chunked"), ...REFUSED },
  "a folded line": { bytes: `${POST}X-A: b\r\n c\r\n${SIZED}`, ...REFUSED },
  "a space before a colon": { bytes: `${POST}X-A : b\r\n${SIZED}`, ...REFUSED },
  "a header without a name": { bytes: `${POST}: b\r\n${SIZED}`, ...REFUSED },
  "a header without a colon": { bytes: `${POST}X-A\r\n${SIZED}`, ...REFUSED },
  "NUL in a value": { bytes: `${POST}X-A: b\0c\r\n${SIZED}`, ...REFUSED },
  "NUL in a name": { bytes: `${POST}X\0A: b\r\n${SIZED}`, ...REFUSED },
  "NUL in the target": { bytes: "GET /v1/x\0y HTTP/1.1\r\nHost: x\r\n\r\n", ...REFUSED },
  "a chunk with an extension": {
    bytes: `${CHUNKED}${SIZE};a=b\r\n${BODY}\r\n0\r\n\r\n`,
    ...SERVED,
  },
  "a chunk with LF in its extension": { bytes: chunk(`${SIZE};a\nb\r\n`), ...REFUSED },
  "a chunk with an endless extension": {
    bytes: chunk(`${SIZE};${"a".repeat(100_000)}\r\n`),
    gets: [413],
    or: [400],
  },
  "a chunk beyond 64 bits": { bytes: chunk("FFFFFFFFFFFFFFFFF\r\n"), ...REFUSED },
  "a chunk in hex notation": { bytes: chunk(`0x${SIZE}\r\n`), ...REFUSED },
  "a negative chunk": { bytes: chunk("-1\r\n"), ...REFUSED },
  "a chunk with a space after its size": { bytes: chunk(`${SIZE} \r\n`), ...REFUSED },
  "a chunk size that ends with LF alone": { bytes: chunk(`${SIZE}\n`), ...REFUSED },
  "a chunk that does not end": { bytes: chunk(`${SIZE}\r\n`, "xx"), ...REFUSED },
  "a length among the trailers": {
    bytes: `${CHUNKED}${SIZE}\r\n${BODY}\r\n0\r\nContent-Length: 5\r\n\r\n`,
    ...REFUSED,
  },
  "HTTP/1.0 with a coding": {
    bytes: `POST /v1/chat/completions HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}${HIDDEN}`,
    ...REFUSED,
  },
  "a target with a host": {
    bytes: "GET http://other.test/v1/models HTTP/1.1\r\nHost: x\r\n\r\n",
    gets: [404],
  },
  "a target that is a host": { bytes: "GET other.test:80 HTTP/1.1\r\nHost: x\r\n\r\n", ...REFUSED },
  "a target that is a star": { bytes: "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", gets: [404] },
  "a target with a fragment": {
    bytes: `POST /v1/x#/../y HTTP/1.1\r\nHost: x\r\n${SIZED}`,
    gets: [404],
  },
  CONNECT: {
    bytes: `CONNECT other.test:80 HTTP/1.1\r\nHost: x\r\n\r\n${HIDDEN}`,
    gets: ["closed"],
    or: [404],
  },
  "an upgrade to WebSocket": {
    bytes:
      "GET /v1/models HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    gets: [200],
  },
  "an upgrade to HTTP/2": {
    bytes: `${POST}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n${SIZED}`,
    ...SERVED,
  },
  "the preface of HTTP/2": { bytes: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ...REFUSED },
  "HTTP/0.9": { bytes: "GET /v1/models\r\n\r\n", ...REFUSED },
  "HTTP/1.2": { bytes: "GET /v1/models HTTP/1.2\r\nHost: x\r\n\r\n", ...REFUSED },
  "no host": { bytes: "GET /v1/models HTTP/1.1\r\n\r\n", ...REFUSED },
  "two hosts": { bytes: "GET /v1/models HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", ...REFUSED },
  "an unknown method": { bytes: "BREW /v1/models HTTP/1.1\r\nHost: x\r\n\r\n", ...REFUSED },
  "an unknown expectation": { bytes: `${POST}Expect: 200-maybe\r\n${SIZED}`, gets: [417] },
  "the beginning of TLS": { bytes: "\x16\x03\x01\x02\x00\x01\x00\x01", ...REFUSED },
};

const upstream = await scriptedUpstream("hello");
const stable = versionOf("v1", upstreamOf({ url: upstream.url }));
const live = await liveGateway(tableOf(1, routeOf({ stable })));
after(async () => {
  await live.close();
  await upstream.close();
});
await healthy(live.base);

for (const [name, { bytes, gets, or = gets, reach = 0 }] of Object.entries(CASES)) {
  test(`${name}: ${gets.join(", ")}, and ${reach} at the upstream`, async () => {
    const before = upstream.seen.length;
    const answer = await raw(live.gateway.port, bytes);
    const got = answer.statuses.length === 0 && answer.isClosed ? ["closed"] : answer.statuses;
    const isOther = got.join() === or.join();
    assert.deepEqual(got, isOther ? or : gets, answer.text.slice(0, 300));
    const seen = upstream.seen.slice(before);
    assert.equal(seen.length, reach);
    for (const { url, headers } of seen) {
      assert.equal(url, "/v1/chat/completions");
      assert.equal(headers["transfer-encoding"], undefined);
    }
    // After a request that nobody can be sure where it ends, nothing more is read.
    if (gets.includes(400)) assert.ok(answer.isClosed);
  });
}
