// Every JSON shape that crosses a process; parsed at the border, nowhere else.

export { analysisSchema } from "./analysis.ts";
export {
  ANSWER_FILE_MS_MAX,
  type AnswerRecord,
  answerFileBegin,
  answerFileName,
  answerRecordSchema,
} from "./answer-record.ts";
export * from "./api.ts";
export {
  type BacktestRequest,
  type BacktestView,
  backtestRequestSchema,
  backtestViewSchema,
} from "./backtest.ts";
export * from "./baseline.ts";
export * from "./because.ts";
export { benchmarkItemOf } from "./benchmark/item.ts";
export { importedResults } from "./benchmark/results.ts";
export { problemOf } from "./benchmark/shape-problem.ts";
export * from "./drift.ts";
export {
  type DrillAct,
  type DrillEnding,
  type DrillStart,
  type DrillsView,
  drillActSchema,
  drillEndingSchema,
  drillStartSchema,
  drillsViewSchema,
} from "./drill.ts";
export * from "./error.ts";
export * from "./explanation.ts";
export {
  type FeedbackBody,
  feedbackBodySchema,
  heardOf,
} from "./feedback.ts";
export * from "./forecast.ts";
export * from "./frame.ts";
export {
  type FreezeEnd,
  type FreezeStart,
  type FreezeView,
  freezeEndSchema,
  freezeStartSchema,
  freezeViewSchema,
} from "./freeze.ts";
export {
  type IncidentSummary,
  incidentSchema,
  incidentSummarySchema,
} from "./incident.ts";
export * from "./lapse.ts";
export * from "./lesson.ts";
export { importedLoad } from "./load/imported.ts";
export * from "./mirror.ts";
export {
  type NotificationsView,
  type NotificationTest,
  notificationSchema,
  notificationsViewSchema,
  notificationTestSchema,
} from "./notification.ts";
export * from "./plan.ts";
export * from "./policy.ts";
export * from "./preflight.ts";
export {
  type IncidentActRequest,
  type IncidentRemarksView,
  incidentActSchema,
  incidentRemarksViewSchema,
  type MaintenanceEnd,
  type MaintenanceRequest,
  maintenanceEndSchema,
  maintenanceRequestSchema,
  type PostAct,
  pageMaintenancesSchema,
  statusPageSchema,
} from "./status.ts";
export * from "./table.ts";
export { parseTrace } from "./trace/trace.ts";
export * from "./views.ts";
