// ../openai.test.ts once more, over llhttp.

import { useTransport } from "../../../packages/gateway/test/live-gateway.ts";

useTransport("llhttp");
await import("../openai.test.ts");
