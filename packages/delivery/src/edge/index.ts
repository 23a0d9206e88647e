// Sending, on this machine's network.

export { type Courier, type CourierOptions, createCourier } from "./courier.ts";
export { grantedPlaces, ownPlaces, type Places } from "./place.ts";
export { type Post, post } from "./post.ts";
export { faultOfUrl, isPublicAddress, publicLookup } from "./public-address.ts";
export { type Environment, grantedSecrets, ownSecrets, type Secrets } from "./secret.ts";
export { signedHeaders } from "./signature.ts";
export { sendMail } from "./smtp.ts";
