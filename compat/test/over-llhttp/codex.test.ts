// ../codex.test.ts once more, over llhttp.

import { useTransport } from "../../../packages/gateway/test/live-gateway.ts";

useTransport("llhttp");
await import("../codex.test.ts");
