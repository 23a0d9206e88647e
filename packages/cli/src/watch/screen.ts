// Draws lines over the lines drawn before. No alternate screen: what was last drawn stays in the scrollback.

import type { Terminal } from "../terminal.ts";

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const CLEAR_BELOW = "\u001b[J";
const CLEAR_LINE = "\u001b[K";

export class Screen {
  readonly #terminal: Terminal;
  #drawn = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    terminal.out(HIDE_CURSOR);
  }

  /** Lines beyond the terminal's height are left out: they could not be drawn over again. */
  draw(lines: readonly string[]): void {
    const fitting = lines.slice(0, Math.max(1, this.#terminal.rows() - 1));
    const text = fitting.map((line) => `${line}${CLEAR_LINE}\n`).join("");
    this.#terminal.out(`${this.#home()}${text}${CLEAR_BELOW}`);
    this.#drawn = fitting.length;
  }

  /** After the width changed, old lines may have wrapped: what is on the screen is cleared whole. */
  resized(): void {
    this.#terminal.out("\u001b[2J\u001b[H");
    this.#drawn = 0;
  }

  /** Draws all lines once more, also those beyond the height, and gives the cursor back. */
  end(lines: readonly string[]): void {
    this.#terminal.out(`${this.#home()}${CLEAR_BELOW}${lines.map((line) => `${line}\n`).join("")}`);
    this.#terminal.out(SHOW_CURSOR);
  }

  #home(): string {
    return this.#drawn === 0 ? "\r" : `\u001b[${this.#drawn}A\r`;
  }
}
