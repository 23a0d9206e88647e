// Reads an answer as a careful client does and says what was wrong with it: HTTP 200 alone is not success.
import type { ErrorKind } from "./seen-answer.ts";

export type AnswerCheck = {
  readonly chunk: (text: string) => void;
  /** The verdict once the answer has properly ended. */
  readonly end: () => ErrorKind | null;
};

export function checkAnswer(status: number, contentType: string): AnswerCheck {
  if (status >= 400) return { chunk: () => {}, end: () => "status" };
  return contentType.startsWith("text/event-stream") ? checkStream() : checkWhole();
}

function checkWhole(): AnswerCheck {
  const texts: string[] = [];
  return {
    chunk: (text) => texts.push(text),
    end: () => (hasChoices(texts.join("")) ? null : "garbage"),
  };
}

function hasChoices(text: string): boolean {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null && "choices" in json;
  } catch {
    return false;
  }
}

function checkStream(): AnswerCheck {
  let rest = "";
  let terminated = false;
  let failed = false;
  return {
    chunk: (text) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line.startsWith("data: [DONE]")) terminated = true;
        if (line.startsWith('data: {"error"')) failed = true;
      }
    },
    end: () => {
      if (failed) return "error-event";
      return terminated ? null : "truncated";
    },
  };
}
