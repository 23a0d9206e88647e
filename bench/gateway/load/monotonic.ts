// The machine's monotonic clock: the same in every process and thread, which performance.now() is not.

export function nowNs(): number {
  return Number(process.hrtime.bigint());
}

export function nowMs(): number {
  return nowNs() / 1e6;
}
