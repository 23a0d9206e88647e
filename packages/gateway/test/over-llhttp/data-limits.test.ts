// ../data-limits.test.ts once more, over llhttp.

import { useTransport } from "../live-gateway.ts";

useTransport("llhttp");
await import("../data-limits.test.ts");
