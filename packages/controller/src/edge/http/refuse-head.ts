// A HEAD request is served by the handler of GET, its body thrown away unread: on a stream that never ends, the
// handler would wait for ever for somebody to read.

import { SlipwayError } from "@slipway/wire";
import type { MiddlewareHandler } from "hono";

export const refuseHead: MiddlewareHandler = async (c, next) => {
  if (c.req.method === "HEAD") {
    c.header("allow", "GET");
    throw new SlipwayError({
      status: 405,
      code: "method_not_allowed",
      message: `${c.req.path} is a stream: there is nothing to tell without following it`,
      fix: "use GET",
    });
  }
  await next();
};
