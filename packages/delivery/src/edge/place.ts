// Where notices may go. A configuration comes over the network and names addresses: public ones are anybody's to name; one that
// only this machine or its network reaches is posted to where the process was started with leave for it.

import { isIP, type LookupFunction } from "node:net";
import { type Grant, isGrantedPlace, ungrantedPlaceText } from "@slipway/core";
import { SlipwayError } from "@slipway/wire";
import type { Posted } from "../posted.ts";
import { type Post, post } from "./post.ts";
import { isPublicAddress, NOT_PUBLIC, publicAddress, publicLookup } from "./public-address.ts";

/** Whether a destination, as grants have it, may be sent to wherever it leads. */
export type Places = (to: string) => boolean;

/** Those that the process has leave for. */
export function grantedPlaces(grants: () => readonly Grant[]): Places {
  return (to) => isGrantedPlace(grants(), to);
}

/** Where a file of this machine names them, and nobody else can. */
export const ownPlaces: Places = () => true;

/** Posts where it may. Rejects with SlipwayError `address_not_granted`, before anything is sent. */
export async function postWithin(places: Places, sending: Post): Promise<Posted> {
  const { url } = sending;
  if (places(url.origin)) return await post(sending);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  // A number is connected to without being looked up.
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw notGranted(url.origin);
  let isInside = false;
  const lookup: LookupFunction = (name, options, answer) => {
    publicLookup(name, options, (error, address, family) => {
      isInside ||= error?.code === NOT_PUBLIC;
      answer(error, address, family);
    });
  };
  const posted = await post({ ...sending, lookup });
  if (isInside) throw notGranted(url.origin);
  return posted;
}

/**
 * The host to connect to for `to`, whose name is `host`: itself where it may be sent to wherever it leads, else the public
 * address that it has now, so that it cannot lead elsewhere a moment later. Rejects as `postWithin`, or as the lookup failed.
 */
export async function hostWithin(places: Places, to: string, host: string): Promise<string> {
  if (places(to)) return host;
  const address = await publicAddress(host);
  if (address === null) throw notGranted(to);
  return address;
}

function notGranted(to: string): SlipwayError {
  return new SlipwayError({
    status: 500,
    code: "address_not_granted",
    ...ungrantedPlaceText(to),
  });
}
