// What a reader of another tool's results finds wrong with them.

/** What a reader finds wrong. */
export type Unreadable = { readonly because: string; readonly fix: string };
