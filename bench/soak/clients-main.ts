// The clients of a soak, in a process of its own: clients-main.ts ORDER. Each takes one turn after another until the parent
// says `stop`; what happened is told to the parent twice a second, and once at the end.
import { Client, type ClientsOrder } from "./client.ts";
import { newTally, type Tally } from "./tally.ts";

export type ClientsNews = { readonly tally: Tally; readonly isOver: boolean };

const TELL_MS = 500;

const order = JSON.parse(process.argv[2] ?? "{}") as ClientsOrder & { readonly clients: number };
const tally = newTally();
let isOn = true;

function tell(isOver: boolean): void {
  process.send?.({ tally, isOver } satisfies ClientsNews);
}

async function live(number: number): Promise<void> {
  const client = new Client(order, number, tally);
  while (isOn) await client.turn();
  client.close();
}

process.on("message", () => {
  isOn = false;
});
process.on("disconnect", () => process.exit());
const timer = setInterval(() => tell(false), TELL_MS);
await Promise.all(Array.from({ length: order.clients }, (_, number) => live(number)));
clearInterval(timer);
tell(true);
