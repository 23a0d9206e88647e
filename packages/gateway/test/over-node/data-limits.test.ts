// ../data-limits.test.ts once more, over node:http and undici.

import { useTransport } from "../live-gateway.ts";

useTransport("node");
await import("../data-limits.test.ts");
