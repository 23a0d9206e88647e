// Reads a command's options, and says in a line what is wrong with them, how it is called, and nothing of where it happened.
import { type ParseArgsConfig, parseArgs } from "node:util";

type Read<T extends ParseArgsConfig> = ReturnType<typeof parseArgs<T>>["values"];

/** Ends the process with 2 where they cannot be read. */
export function optionsOf<T extends ParseArgsConfig>(config: T, usage: string): Read<T> {
  try {
    return parseArgs(config).values;
  } catch (error) {
    // Its first sentence names the option; what follows is about this file's own code.
    const said = error instanceof Error ? error.message : String(error);
    return usageError(said.split(". ")[0] ?? said, usage);
  }
}

export function usageError(message: string, usage: string): never {
  process.stderr.write(`${message}\n${usage}\n`);
  process.exit(2);
}
