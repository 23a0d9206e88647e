// Lines of styled text whose visible width is known, so that they can be cut and lined up before they are
// coloured. The symbols used here are one column wide; other text counts one column a character.

export type Style = "plain" | "bold" | "dim" | "green" | "red" | "yellow" | "cyan";

export type Segment = { readonly text: string; readonly style: Style };
export type Line = readonly Segment[];

const CODES: { readonly [style in Style]: string } = {
  plain: "",
  bold: "\u001b[1m",
  dim: "\u001b[2m",
  green: "\u001b[32m",
  red: "\u001b[31m",
  yellow: "\u001b[33m",
  cyan: "\u001b[36m",
};
const RESET = "\u001b[0m";

export function ink(text: string, style: Style = "plain"): Segment {
  return { text: withoutControls(text), style };
}

/** Reasons and names come from people and servers: none of them may move the cursor. */
function withoutControls(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}

function widthOf(line: Line): number {
  return line.reduce((width, { text }) => width + [...text].length, 0);
}

/** The line in at most `width` columns; what is cut ends in "…". */
export function fitted(line: Line, width: number): Line {
  if (widthOf(line) <= width) return line;
  const fitting: Segment[] = [];
  let left = Math.max(0, width - 1);
  for (const segment of line) {
    const characters = [...segment.text];
    if (characters.length > left) {
      fitting.push({ text: `${characters.slice(0, left).join("")}…`, style: segment.style });
      break;
    }
    fitting.push(segment);
    left -= characters.length;
  }
  return fitting;
}

/** Both ends of a line: `right` is pushed to the margin, `left` is cut where they meet. */
export function justified(left: Line, right: Line, width: number): Line {
  const room = width - widthOf(right);
  if (room < 12) return fitted(left, width);
  const start = fitted(left, room - 2);
  return [...start, ink(" ".repeat(Math.max(0, room - widthOf(start)))), ...right];
}

/** `text` in exactly `width` columns, cut or filled. */
export function padded(text: string, width: number, side: "left" | "right" = "left"): string {
  const characters = [...text];
  if (characters.length > width) return `${characters.slice(0, Math.max(0, width - 1)).join("")}…`;
  const fill = " ".repeat(width - characters.length);
  return side === "left" ? `${text}${fill}` : `${fill}${text}`;
}

export function painted(line: Line, colour: boolean): string {
  const text = line
    .map((segment) =>
      colour && segment.style !== "plain"
        ? `${CODES[segment.style]}${segment.text}${RESET}`
        : segment.text,
    )
    .join("");
  return text.trimEnd();
}

/** `fraction` of `width` columns filled, in eighths of a column. */
export function bar(fraction: number, width: number): { filled: string; empty: string } {
  const eighths = Math.round(Math.min(1, Math.max(0, fraction)) * width * 8);
  const whole = Math.floor(eighths / 8);
  const part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8] ?? "";
  const filled = `${"█".repeat(whole)}${part}`;
  return { filled, empty: "·".repeat(width - [...filled].length) };
}
