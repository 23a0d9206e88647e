// ../fuzz.test.ts once more, over node:http and undici.

import { useTransport } from "../live-gateway.ts";

useTransport("node");
await import("../fuzz.test.ts");
