// Messages as they are sent, and what is made of answers: pure functions.

export type { Mail } from "./formats/mail.ts";
export { cut } from "./formats/message-text.ts";
export { webhookAnswer } from "./formats/webhook.ts";
export type { Posted } from "./posted.ts";
