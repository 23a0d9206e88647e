// Sending, on this machine's network.

export { type Courier, type CourierOptions, createCourier } from "./courier.ts";
