// slipway key new: makes a key for a client of the gateway, and the lines of slipway.yaml that let it in.

import { NAME_PATTERN } from "@slipway/wire/config";
import { Command } from "commander";
import { type CommonOptions, plainCommand, run } from "../command.ts";
import { newKey } from "../edge/new-key.ts";
import { answer, usageError } from "../output.ts";
import type { Context } from "../terminal.ts";

export function keyCommand(context: Context): Command {
  return new Command("key").description("make keys for clients").addCommand(newCommand(context));
}

function newCommand(context: Context): Command {
  return plainCommand("new", "print a new key once, and the lines for slipway.yaml")
    .argument("<client>", "name of the client")
    .action((client: string, options: CommonOptions) =>
      run(context, options, () => {
        if (!new RegExp(NAME_PATTERN).test(client)) {
          throw usageError(
            `${JSON.stringify(client)} is not a client's name`,
            "use letters, digits and . _ - only, starting with a letter or a digit",
          );
        }
        const { key, hash } = newKey();
        answer(context, options.json === true, { client, key, keyHash: hash }, () =>
          keyText(client, key, hash),
        );
      }),
    );
}

function keyText(client: string, key: string, hash: string): string {
  return `key of ${client}, shown only now:\n\n  ${key}\n
its place in slipway.yaml (then: slipway apply):\n
clients:
  ${/^[A-Za-z]/.test(client) ? client : JSON.stringify(client)}:
    key-hash: ${/^\d+(e\d+)?$/.test(hash) ? `"${hash}"` : hash}\n`;
}
