// Messages as they are sent: pure functions of notices.

export type { Mail } from "./formats/mail.ts";
