// Real models under slipway preflight: a new version with another tokenizer and window, and the same one quantised. With
// --live they are under a rollout instead, whose gateway scores what they write.
// npm run bench:models -- --models FOLDER --data FOLDER [--live] [--prompts N] [--tokens N] [--seconds N] [--json]
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { thisMachine } from "./machine.ts";
import { startEngine } from "./models/engine.ts";
import { liveRollout } from "./models/live.ts";
import { sampleOf } from "./scorers/graded.ts";

const { values } = parseArgs({
  options: {
    models: { type: "string", default: "" },
    data: { type: "string", default: "" },
    prompts: { type: "string", default: "161" },
    tokens: { type: "string", default: "64" },
    live: { type: "boolean", default: false },
    seconds: { type: "string", default: "120" },
    json: { type: "boolean", default: false },
  },
});

const HERE = import.meta.dirname;
const FILES = {
  v1: "tscode-v1-f16.gguf",
  v2: "tscode-v2-f16.gguf",
  "v2-q4": "tscode-v2-q4_0.gguf",
};
const PROMPTS = "humaneval_typescript.jsonl";
const UPGRADES = [
  { from: "v1", to: "v2" },
  { from: "v2", to: "v2-q4" },
] as const;

async function main(): Promise<void> {
  const files = Object.fromEntries(
    Object.entries(FILES).map(([name, file]) => [name, present(values.models, file)]),
  );
  const prompts = readFileSync(present(values.data, PROMPTS), "utf8");
  install();
  const engine = await startEngine(files);
  const folder = mkdtempSync(join(tmpdir(), "slipway-models-"));
  try {
    writeFileSync(join(folder, "slipway.yaml"), configOf(engine.url));
    writeFileSync(join(folder, "prompts.jsonl"), itemsOf(prompts));
    const { cpu, cores, node } = thisMachine();
    if (!values.json) process.stdout.write(`${cpu}, ${cores} cores, Node ${node}\n\n`);
    if (values.live) {
      const live = { engine, folder, tasks: prompts, tokens: Number(values.tokens) };
      process.stdout.write(await liveRollout({ ...live, seconds: Number(values.seconds) }));
    } else
      for (const { from, to } of UPGRADES)
        process.stdout.write(`${await flown(folder, from, to)}\n`);
  } finally {
    rmSync(folder, { recursive: true });
    await engine.close();
  }
  // The engine's own threads would keep this process.
  process.exit(0);
}

function present(folder: string, file: string): string {
  const path = join(folder, file);
  if (folder !== "" && existsSync(path)) return path;
  throw new Error(
    `there is no ${file} in ${folder === "" ? "the folders that --models and --data name" : folder}`,
  );
}

/** The engine alone: what it has for graphics cards is seven times as large. */
function install(): void {
  const cwd = join(HERE, "models");
  if (existsSync(join(cwd, "node_modules"))) return;
  process.stderr.write("installing node-llama-cpp beside bench/models\n");
  // The lock's versions: `npm ci` refuses a lock without the packages that are omitted.
  const args = ["install", "--no-save", "--omit=optional", "--ignore-scripts"];
  const { status } = spawnSync("npm", args, { cwd, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new Error("npm install failed in bench/models");
}

function configOf(url: string): string {
  const versions = Object.keys(FILES).map(
    (name) => `      ${name}: { upstreams: [{ url: "${url}" }] }`,
  );
  return [
    "models:",
    "  coder:",
    "    stable: v1",
    "    versions:",
    ...versions,
    "    preflight:",
    "      benchmark:",
    "        data: [prompts.jsonl]",
    `        output-tokens-max: ${values.tokens}`,
    "        concurrency: 1",
    "",
  ].join("\n");
}

/** The models pass no test: what they write is held to the grammar alone. */
function itemsOf(tasks: string): string {
  const lines = tasks.split("\n").filter((line) => line.trim() !== "");
  return sampleOf(lines, Number(values.prompts))
    .map((line) => {
      const { task_id, prompt }: { task_id: string; prompt: string } = JSON.parse(line);
      const parse = { language: "typescript", before: prompt };
      return JSON.stringify({ id: task_id, prompt, expect: { parse } });
    })
    .join("\n");
}

function flown(cwd: string, from: string, to: string): Promise<string> {
  const main = join(HERE, "../packages/cli/src/main.ts");
  const args = [
    "preflight",
    "coder",
    "--from",
    from,
    "--to",
    to,
    ...(values.json ? ["--json"] : []),
  ];
  const child = spawn(process.execPath, ["--conditions=@slipway/source", main, ...args], {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let out = "";
  child.stdout.on("data", (bytes: Buffer) => {
    out += bytes.toString("utf8");
  });
  return new Promise((resolve) => child.on("close", () => resolve(out)));
}

await main();
