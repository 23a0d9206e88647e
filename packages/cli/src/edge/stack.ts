// A whole Slipway on this machine: a controller and a gateway as supervised child processes. `up` runs it, and
// so does whatever else needs the real thing.

import { join, resolve } from "node:path";
import type { ApplyRequest, ApplyResult, SlipwayError } from "@slipway/wire";
import { ControlClient } from "../client/control-client.ts";
import { type LogLevel, type Transport, urlOf } from "../options/serving.ts";
import { type ChildEvent, SupervisedChild } from "./supervised-child.ts";

const SERVED_TIMEOUT_MS = 15_000;
const SERVED_POLL_MS = 100;

/** Whoever may move users does so from this machine; a controller for others runs by itself. */
const CONTROL_HOST = "127.0.0.1";

export type StackPlan = {
  /** Where the gateway listens for clients. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly gatewayPort: number;
  readonly controlPort: number;
  readonly statusPort: number;
  /** The slipway.yaml whose secrets may be used, and that may let readers of the page subscribe; null for none. */
  readonly configFile: string | null;
  readonly dataDir: string;
  readonly workers: number;
  /** Null: the gateway's default. */
  readonly transport: Transport | null;
  /** The gateway's name in lists and journals. */
  readonly name: string;
  /** Null: the control API is open to this machine. */
  readonly token: string | null;
  readonly logLevel: LogLevel;
  readonly onEvent: (event: ChildEvent) => void;
};

export type Stack = {
  /** Where clients send requests, without /v1. */
  readonly gatewayUrl: string;
  readonly controllerUrl: string;
  /** The public page, and the folder that it is served from. */
  readonly statusUrl: string;
  readonly statusDir: string;
  readonly client: ControlClient;
  /** Members that the controller knew before this gateway started: those of an earlier run, whose leases still last. */
  readonly earlier: ReadonlySet<string>;
  /** Where the children's logs are. */
  readonly logDir: string;
  readonly pids: () => {
    readonly controller: number | null;
    readonly gateway: number | null;
    readonly status: number | null;
  };
  /** Resolves when a child has ended too often to be started again. */
  readonly failed: Promise<SlipwayError>;
  /** Drains the gateway, then ends the controller. */
  readonly close: () => Promise<void>;
  /** Ends both at once; what they serve is cut off. */
  readonly kill: () => void;
};

/** Resolves when both listen. Rejects, with nothing left running, when either cannot start. */
export async function startStack(plan: StackPlan): Promise<Stack> {
  const failed = Promise.withResolvers<SlipwayError>();
  const onEvent = (event: ChildEvent): void => {
    plan.onEvent(event);
    if (event.kind === "gave-up") failed.resolve(event.error);
  };
  const dataDir = resolve(plan.dataDir);
  const logDir = join(dataDir, "logs");
  const statusDir = join(dataDir, "status");
  const env = { ...process.env, ...(plan.token === null ? {} : { SLIPWAY_TOKEN: plan.token }) };
  const controller = new SupervisedChild({
    name: "controller",
    port: plan.controlPort,
    args: (port) => [
      "controller",
      ...common(plan, CONTROL_HOST, port, join(dataDir, "controller")),
      ...["--status-dir", statusDir],
      ...secretsArgs(plan),
    ],
    env,
    logFile: join(logDir, "controller.log"),
    // Gateways serve without one: a controller that keeps dying must not take them along.
    isVital: false,
    onEvent,
  });
  await controller.start();
  const controllerUrl = urlOf(CONTROL_HOST, controller.port);
  const gateway = new SupervisedChild({
    name: "gateway",
    port: plan.gatewayPort,
    args: (port) => ["gateway", ...gatewayArgs(plan, port, dataDir, controllerUrl)],
    env,
    logFile: join(logDir, "gateway.log"),
    isVital: true,
    onEvent,
  });
  const status = new SupervisedChild({
    name: "status page",
    port: plan.statusPort,
    args: (port) => ["status", "serve", "--dir", statusDir, ...statusArgs(plan, port, dataDir)],
    // It needs nothing of what the others know.
    env: withoutToken(process.env),
    logFile: join(logDir, "status.log"),
    isVital: false,
    onEvent,
  });
  const close = async (): Promise<void> => {
    await gateway.stop();
    await controller.stop();
    await status.stop();
  };
  const client = new ControlClient({ url: controllerUrl, token: plan.token });
  let earlier: ReadonlySet<string>;
  try {
    earlier = new Set((await client.members()).map(({ incarnation }) => incarnation));
    await gateway.start();
    await status.start();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    gatewayUrl: urlOf(plan.host, gateway.port),
    controllerUrl,
    client,
    earlier,
    logDir,
    statusUrl: urlOf(plan.host, status.port),
    statusDir,
    pids: () => ({ controller: controller.pid, gateway: gateway.pid, status: status.pid }),
    failed: failed.promise,
    close,
    kill: () => {
      gateway.kill();
      controller.kill();
      status.kill();
    },
  };
}

function withoutToken({ SLIPWAY_TOKEN: _, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return env;
}

function common(
  { logLevel }: StackPlan,
  host: string,
  port: number,
  dataDir: string,
): readonly string[] {
  return ["--host", host, "--port", `${port}`, "--data-dir", dataDir, "--log-level", logLevel];
}

function statusArgs(
  { host, configFile }: StackPlan,
  port: number,
  dataDir: string,
): readonly string[] {
  const subscribers = join(dataDir, "subscribers");
  return [
    ...["--host", host, "--port", `${port}`],
    ...(configFile === null ? [] : ["--config", resolve(configFile), "--subscribers", subscribers]),
  ];
}

/** Without one they look for a slipway.yaml here, now and later. */
function secretsArgs({ configFile }: StackPlan): readonly string[] {
  return configFile === null ? [] : ["--secrets-of", resolve(configFile)];
}

function gatewayArgs(
  plan: StackPlan,
  port: number,
  dataDir: string,
  controllerUrl: string,
): readonly string[] {
  return [
    ...common(plan, plan.host, port, join(dataDir, "gateway")),
    ...["--controller", controllerUrl],
    ...["--workers", `${plan.workers}`],
    ...["--name", plan.name],
    ...secretsArgs(plan),
    ...(plan.transport === null ? [] : ["--transport", plan.transport]),
  ];
}

/** Applies a configuration and waits until every worker serves by it; false when that took too long. */
export async function applyAndServe(
  { client, earlier }: Pick<Stack, "client" | "earlier">,
  workers: number,
  request: ApplyRequest,
): Promise<{ readonly result: ApplyResult; readonly served: boolean }> {
  const result = await client.apply(request);
  const deadline = performance.now() + SERVED_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const members = await client.members();
    const serving = members.filter(
      ({ incarnation, state, confirmedTable }) =>
        state === "leased" &&
        !earlier.has(incarnation) &&
        confirmedTable !== null &&
        confirmedTable >= result.table,
    );
    if (serving.length >= workers) return { result, served: true };
    await new Promise((wake) => setTimeout(wake, SERVED_POLL_MS));
  }
  return { result, served: false };
}
