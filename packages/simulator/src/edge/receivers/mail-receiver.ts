// A simulated mail server: it speaks as much SMTP as a sender needs, fails as the test wants, and keeps what it took.

import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

export type Taken = {
  readonly from: string;
  readonly to: readonly string[];
  readonly data: string;
};

export class MailReceiver {
  readonly taken: Taken[] = [];
  /** Of an address: what is answered to RCPT instead of 250. */
  readonly refused: Map<string, string> = new Map();
  /** What is answered once a mail is there; null breaks the connection instead. */
  verdict: string | null = "250 taken";
  /** Says nothing at all. */
  isSilent = false;
  port = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("error", () => {});
      if (!this.isSilent) new Conversation(this, socket).begin();
    });
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

const END = "\r\n.\r\n";

class Conversation {
  readonly #server: MailReceiver;
  readonly #socket: Socket;
  #from = "";
  #to: string[] = [];
  #rest = "";
  #isData = false;

  constructor(server: MailReceiver, socket: Socket) {
    this.#server = server;
    this.#socket = socket;
  }

  begin(): void {
    this.#socket.setEncoding("utf8");
    this.#socket.on("data", (chunk: string) => {
      this.#rest += chunk;
      this.#read();
    });
    this.#say("220 mail.test ESMTP");
  }

  #say(line: string): void {
    this.#socket.write(`${line}\r\n`);
  }

  #read(): void {
    for (;;) {
      const mark = this.#isData ? END : "\r\n";
      const at = this.#rest.indexOf(mark);
      if (at < 0) return;
      const text = this.#rest.slice(0, at);
      this.#rest = this.#rest.slice(at + mark.length);
      if (this.#isData) this.#took(text);
      else this.#command(text);
    }
  }

  #took(sent: string): void {
    // A line that begins with a dot is sent with another before it (RFC 5321, 4.5.2).
    const data = sent.replace(/^\.\./gm, ".");
    this.#isData = false;
    const { verdict, taken } = this.#server;
    if (verdict?.startsWith("2") ?? true) taken.push({ from: this.#from, to: this.#to, data });
    if (verdict === null) this.#socket.destroy();
    else this.#say(verdict);
  }

  #command(line: string): void {
    const [, verb = "", address = ""] = /^(\w+)(?:[^<]*<([^>]*)>)?/.exec(line) ?? [];
    switch (verb.toUpperCase()) {
      case "EHLO":
        this.#say("250-mail.test");
        this.#say("250 8BITMIME");
        return;
      case "MAIL":
        this.#from = address;
        this.#to = [];
        this.#say("250 ok");
        return;
      case "RCPT": {
        const refusal = this.#server.refused.get(address);
        if (refusal === undefined) this.#to.push(address);
        this.#say(refusal ?? "250 ok");
        return;
      }
      case "STARTTLS":
        this.#say("502 not here");
        return;
      case "DATA":
        this.#isData = true;
        this.#say("354 go on");
        return;
      default:
        this.#say(verb.toUpperCase() === "QUIT" ? "221 bye" : "250 ok");
    }
  }
}
