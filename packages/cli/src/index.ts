// What other programs of this workspace use of the command: the picture of a rollout, and a whole Slipway as
// child processes. The command itself starts in main.ts.

export { type ControlAddress, ControlClient } from "./client/control-client.ts";
export { EventStream } from "./client/event-stream.ts";
export { configGrants } from "./config/config-grants.ts";
export { isRefused } from "./demo/summary.ts";
export { driftLooksDue } from "./drift/drift-schedule.ts";
export { driftText } from "./drift/drift-text.ts";
export { drillDue } from "./drill/drill-schedule.ts";
export { readConfig } from "./edge/config-file.ts";
export { applyAndServe, type Stack, type StackPlan, startStack } from "./edge/stack.ts";
export type { ChildEvent } from "./edge/supervised-child.ts";
export { mainCommand } from "./main-command.ts";
export { grantOption, grantsNow, placeOption } from "./options/secret-options.ts";
export { junitReport } from "./preflight/junit.ts";
export { markdownReport } from "./preflight/markdown.ts";
export { preflightText } from "./preflight/preflight-text.ts";
export { progressLines } from "./preflight/progress-lines.ts";
export type { Flight } from "./preflight/run-preflight.ts";
export { type LeasePlan, underLease } from "./preflight/under-lease.ts";
export { rehearsalReport } from "./report/rehearsal-report.ts";
export { linearScale, logScale, timeScale } from "./report/scale.ts";
export { dueBySchedule, passes } from "./schedule.ts";
export type { RehearsalView } from "./simulate/rehearsal-view.ts";
export type { Context, Terminal } from "./terminal.ts";
export { trendText, whoText } from "./text/explain-sample.ts";
export { loadText } from "./text/load-text.ts";
export { phaseText } from "./text/rollout-text.ts";
export { renderWatch, type WatchFrame } from "./watch/render-watch.ts";
export { Screen } from "./watch/screen.ts";
