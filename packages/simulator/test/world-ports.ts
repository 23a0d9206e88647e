// What a world needs from the outside.
import { createHash } from "node:crypto";

export const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
