// The memory that a simulated server's process uses: what it began with, garbage until it is collected, and what it leaks.

const BASE_BYTES = 2 * 2 ** 30;
const GARBAGE_BYTES_PER_REQUEST = 300_000;
/** So many requests after which the garbage is collected. */
const COLLECTED_EVERY = 200;

export class ProcessMemory {
  #requests = 0;
  #leaked = 0;

  /** One more request, which leaves so much behind for ever. */
  request(leakedBytes: number): void {
    this.#requests++;
    this.#leaked += leakedBytes;
  }

  get bytes(): number {
    const garbage = (this.#requests % COLLECTED_EVERY) * GARBAGE_BYTES_PER_REQUEST;
    return BASE_BYTES + garbage + this.#leaked;
  }

  /** In Prometheus' text form. */
  metrics(): string {
    const name = "process_resident_memory_bytes";
    return `# HELP ${name} Resident memory size in bytes.\n# TYPE ${name} gauge\n${name} ${this.bytes}\n`;
  }
}
