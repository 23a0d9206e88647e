// Addresses that strangers may have Slipway post to: public ones alone. A name is looked up once, judged, and connected to at
// that very address, so that it cannot point elsewhere a moment later.

import { lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

const PRIVATE_V4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];
/** Of version 6 one part is public, but for what is in it for something else, or holds an address of version 4. */
const PUBLIC_V6: readonly [string, number] = ["2000::", 3];
const PRIVATE_V6: readonly (readonly [string, number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

const v4 = new BlockList();
for (const [net, bits] of PRIVATE_V4) v4.addSubnet(net, bits, "ipv4");
const v6 = new BlockList();
const publicV6 = new BlockList();
publicV6.addSubnet(...PUBLIC_V6, "ipv6");
for (const [net, bits] of PRIVATE_V6) v6.addSubnet(net, bits, "ipv6");

export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !v4.check(address, "ipv4");
  return version === 6 && publicV6.check(address, "ipv6") && !v6.check(address, "ipv6");
}

/** Why a stranger's URL is not posted to whatever it leads to; null where it may be tried. */
export function faultOfUrl(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.protocol !== "https:") return "it is no https URL";
  if (url.username !== "" || url.password !== "") return "it holds a user or a password";
  if (url.port !== "" && url.port !== "8443") return "its port is neither 443 nor 8443";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0) return "it has a number in place of a name";
  return host.includes(".") ? null : "its name is not a public one";
}

/** Of the error with which `publicLookup` fails. */
export const NOT_PUBLIC = "ENOTPUBLIC";

/** For `post`: fails where any address of the name is not public. */
export const publicLookup: LookupFunction = (hostname, options, answer) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return answer(error, "", 0);
    const [first] = addresses;
    if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) {
      return answer(Object.assign(new Error("not public"), { code: NOT_PUBLIC }), "", 0);
    }
    return options.all === true
      ? answer(null, addresses)
      : answer(null, first.address, first.family);
  });
};

/** The public address that a name has now; null where any of them is not public. Rejects where it has none. */
export async function publicAddress(name: string): Promise<string | null> {
  const { promise, resolve, reject } = Promise.withResolvers<string | null>();
  publicLookup(name, {}, (error, address) => {
    if (error === null && typeof address === "string") resolve(address);
    else if (error?.code === NOT_PUBLIC) resolve(null);
    else reject(error ?? new Error("no address"));
  });
  return await promise;
}
