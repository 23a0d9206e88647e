// The status page on this machine: written to a folder, and served from it.

export { NOTICE_LENGTH_MAX, putNotice } from "./notice-file.ts";
export { createPublisher, type Publisher } from "./publish-files.ts";
export {
  type RunningStatus,
  type StatusServing,
  serveStatus,
} from "./serve-status.ts";
export { AskLimits } from "./subscribers/ask-limits.ts";
export { hasSubscribers, SubscriberDatabase } from "./subscribers/database.ts";
export {
  createSubscriptions,
  type SubscriptionOptions,
  type Subscriptions,
} from "./subscribers/subscriptions.ts";
