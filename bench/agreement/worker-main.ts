// A process that plays seeds of cases: orders come in, figures go out.
import { type Order, played } from "./played.ts";

process.on("message", (order: Order) => {
  void played(order).then((one) => process.send?.(one));
});
