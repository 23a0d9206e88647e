// A live rollout between two real models: slipway as people run it, clients that complete the same tasks in two languages,
// and what its guards make of the code that comes back. It goes from the better model to the worse one.

import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { createRandom } from "@slipway/core";
import type { Engine } from "./engine.ts";

const MAIN = join(import.meta.dirname, "../../packages/cli/src/main.ts");
const FROM = "v2";
const TO = "v1";
const USERS = 100;
const CLIENTS = 2;
/** Where a task's function ends, and what stands there. */
const STOP = "\n}";

export type LiveOptions = {
  readonly engine: Engine;
  /** For the configuration, and what slipway keeps. */
  readonly folder: string;
  /** HumanEval in TypeScript, a task a line. */
  readonly tasks: string;
  readonly tokens: number;
  readonly seconds: number;
};

type Task = { readonly language: string; readonly prompt: string };

/** What `slipway rollout explain` says at the end. */
export async function liveRollout(options: LiveOptions): Promise<string> {
  const tasks = tasksIn(options);
  writeFileSync(join(options.folder, "slipway.yaml"), configOf(options.engine.url));
  const up = slipway(options.folder, ["up", "--json", ...PORTS, "--workers", "1"]);
  try {
    const { gateway, controller } = await upAt(up);
    const ask = (...args: readonly string[]): Promise<string> =>
      said(slipway(options.folder, [...args, "--controller", controller]));
    const started = await ask("rollout", "start", "coder", ...START);
    const { id }: { id: string } = JSON.parse(started);
    const endMs = performance.now() + options.seconds * 1_000;
    const random = createRandom(1);
    const clients = Array.from({ length: CLIENTS }, async () => {
      while (performance.now() < endMs) {
        const task = tasks[Math.floor(random.next() * tasks.length)];
        const user = `user-${Math.floor(random.next() * USERS)}`;
        if (task === undefined) throw new Error("no task is as short as the windows");
        await complete(`${gateway}/v1/completions`, task, user, options.tokens);
      }
    });
    await Promise.all(clients);
    // Until the last tick is mature.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const metrics = await (await fetch(`${gateway}/metrics`)).text();
    const counted = metrics.split("\n").filter((line) => /^slipway_(answers|scores)_/.test(line));
    return `${await ask("rollout", "explain", id)}\n${counted.join("\n")}\n`;
  } finally {
    up.kill("SIGTERM");
    await new Promise((resolve) => up.once("close", resolve));
  }
}

const START = ["--to", TO, "--reason", "a cheaper model", "--json"];
const PORTS = ["--port", "0", "--control-port", "0", "--status-port", "0", "--data-dir", "data"];

function configOf(url: string): string {
  return `models:
  coder:
    stable: ${FROM}
    versions:
      ${FROM}: { upstreams: [{ url: "${url}" }] }
      ${TO}: { upstreams: [{ url: "${url}", pool: other }] }
    policy:
      stages: [{ share: 50%, hold: 9h }, { share: 100% }]
      keys: { header: x-user }
      segments: { language: { header: x-language } }
      evidence: { tick: 1s, horizon: 30s }
      answers: { sample: 100%, score: [parse] }
      guards:
        errors: { metric: errors }
        parse-failures: { metric: score, score: parse-failures }
        syntax-errors: { metric: score, score: syntax-errors, difference: 0.5% }
`;
}

/** Each task that both windows hold, as it is and as JavaScript: without its types. */
function tasksIn({ engine, tasks, tokens }: LiveOptions): readonly Task[] {
  const lines = tasks.split("\n").filter((line) => line.trim() !== "");
  return lines.flatMap((line) => {
    const { prompt }: { readonly prompt: string } = JSON.parse(line);
    const isHeld = [FROM, TO].every((model) => engine.holds(model, prompt, tokens));
    if (!isHeld) return [];
    return [
      { language: "typescript", prompt },
      { language: "javascript", prompt: withoutTypes(prompt) },
    ];
  });
}

/** The function is closed for that, and opened again. */
function withoutTypes(prompt: string): string {
  return stripTypeScriptTypes(prompt + STOP).slice(0, -STOP.length);
}

async function complete(
  url: string,
  { language, prompt }: Task,
  user: string,
  tokens: number,
): Promise<void> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "x-user": user, "x-language": language },
    body: JSON.stringify({
      model: "coder",
      prompt,
      suffix: `${STOP}\n`,
      max_tokens: tokens,
      temperature: 0,
      stop: STOP,
      stream: true,
    }),
  });
  await answer.text();
}

function slipway(cwd: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ["--conditions=@slipway/source", MAIN, ...args], {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** What a command printed, once it has ended well. */
async function said(child: ChildProcess): Promise<string> {
  let out = "";
  child.stdout?.on("data", (bytes) => {
    out += String(bytes);
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`slipway ended with ${String(code)}: ${out}`);
  return out;
}

/** `slipway up --json` prints where it is once it serves. */
async function upAt(
  child: ChildProcess,
): Promise<{ readonly gateway: string; readonly controller: string }> {
  let out = "";
  return await new Promise((resolve, reject) => {
    child.once("close", () => reject(new Error(`slipway up ended: ${out}`)));
    child.stdout?.on("data", (bytes) => {
      out += String(bytes);
      if (out.trimEnd().endsWith("\n}")) resolve(JSON.parse(out));
    });
  });
}
