// The stamp beside the page's files: when the controller last said that they are as it wants them.

export const FRESHNESS_FILE = "freshness.json";

export function freshnessText(atMs: number): string {
  return `${JSON.stringify({ atMs })}\n`;
}

/** Null where it cannot be read: then nobody knows, and the page is stale. */
export function freshnessIn(text: string): number | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("atMs" in value)) return null;
    return typeof value.atMs === "number" ? value.atMs : null;
  } catch {
    return null;
  }
}
