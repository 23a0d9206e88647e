// The status page as files: pure functions of what is public.

export { element, type Markup, together } from "./html/markup.ts";
export { STALE_AFTER_MS } from "./html/page-shell.ts";
export { statusFiles } from "./status-files.ts";
export { LANGUAGES } from "./strings/languages.ts";
export type { Subscriber } from "./subscribe/subscriber.ts";
