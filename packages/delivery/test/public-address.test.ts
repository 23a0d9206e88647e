// Where strangers may have Slipway post to: nothing but public addresses, however they are written.
import assert from "node:assert/strict";
import { test } from "node:test";
import { faultOfUrl, isPublicAddress, post, publicLookup } from "@slipway/delivery/edge";

test("addresses of this machine, of its networks, and of what holds such, are not public", () => {
  const own = [
    ...["127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"],
    ...["169.254.169.254", "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1"],
    ...["::1", "::", "fe80::1", "fd00::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1"],
    ...["::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:db8::1", "::7f00:1"],
    ...["fec0::1", "5f00::1", "4000::1", "3fff::1", "no address", "", "127.1"],
  ];
  assert.deepEqual(own.filter(isPublicAddress), []);
  const others = [
    "1.1.1.1",
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700:4700::1111",
    "2a00::1",
  ];
  assert.deepEqual(others.filter(isPublicAddress), others);
});

test("a stranger's URL is https, has a public name, and neither password nor odd port", () => {
  const wrong = [
    ...["http://example.com/", "ftp://example.com/", "https://user:x@example.com/", "nonsense"],
    ...["https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/"],
    ...["https://localhost/", "https://intranet/", "https://example.com:22/"],
  ];
  assert.deepEqual(
    wrong.filter((url) => faultOfUrl(url) === null),
    [],
  );
  assert.equal(faultOfUrl("https://hooks.example.com/slipway?x=1"), null);
  assert.equal(faultOfUrl("https://hooks.example.com:8443/"), null);
});

test("a name that leads to this machine is not connected to", async () => {
  const posted = await post({
    url: new URL("https://localhost/hook"),
    headers: {},
    body: "{}",
    lookup: publicLookup,
  });
  assert.deepEqual(posted, {
    kind: "lost",
    why: "its name leads to an address that is not public",
  });
});
