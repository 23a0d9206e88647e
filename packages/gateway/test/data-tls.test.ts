// TLS on the gateway's own port: served by the named files, read again on a hang-up, and never without them.

import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { after, test } from "node:test";
import { connect } from "node:tls";
import { readTls } from "../src/edge/transport/tls-files.ts";
import { authority } from "./certificates.ts";
import { routeOf, tableOf } from "./fixtures.ts";
import { type LiveGateway, liveGateway, until } from "./live-gateway.ts";
import { raw } from "./raw-client.ts";

const issuer = authority();
after(issuer.remove);

function statusOf(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { port, host: "127.0.0.1", path: "/v1/models", ca: issuer.ca, agent: false };
    get(options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on("error", reject);
  });
}

/** The common name of the certificate that the port shows. */
function shown(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", ca: issuer.ca }, () => {
      const { CN } = socket.getPeerCertificate().subject;
      socket.destroy();
      resolve(String(CN));
    });
    socket.on("error", reject);
  });
}

for (const workers of [1, 2]) {
  test(`with ${workers} workers a new certificate is shown after SIGHUP, and a broken one is not`, async () => {
    const [first, second] = [
      issuer.pair("first", ["127.0.0.1"]),
      issuer.pair("second", ["127.0.0.1"]),
    ];
    const mine = issuer.pair(`mine-${workers}`, ["127.0.0.1"]);
    const tls = { certFile: mine.certFile, keyFile: mine.keyFile };
    const put = (from: typeof first): void => {
      copyFileSync(from.certFile, tls.certFile);
      copyFileSync(from.keyFile, tls.keyFile);
    };
    put(first);
    const live: LiveGateway = await liveGateway(tableOf(1, routeOf()), workers, { tls });
    const { port } = live.gateway;
    await until(async () => (await statusOf(port)) === 200);
    assert.equal(await shown(port), "first");
    assert.deepEqual((await raw(port, "GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n")).statuses, []);
    put(second);
    process.kill(process.pid, "SIGHUP");
    await until(async () => (await shown(port)) === "second");
    writeFileSync(tls.certFile, "no certificate");
    process.kill(process.pid, "SIGHUP");
    for (let i = 0; i < 10; i++) assert.match(await shown(port), /first|second/);
    await live.close();
  });
}

test("files that are no pair cannot be read", () => {
  const [a, b] = [issuer.pair("a", ["127.0.0.1"]), issuer.pair("b", ["127.0.0.1"])];
  assert.throws(() => readTls({ certFile: a.certFile, keyFile: b.keyFile }), { code: "tls_files" });
});
