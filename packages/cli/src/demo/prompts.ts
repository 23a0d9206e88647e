// The prompts of the demo's team: completions in four languages, chats about whole files, and for each version the
// same text. The simulated servers read lengths and languages from `metadata`.

const LANGUAGES = ["typescript", "python", "go", "rust"] as const;
const COMPLETIONS = 48;
const CHATS = 12;
const SYSTEM = "You complete code. Answer with code only, and end each file with its boundary.";

/** As prompts.jsonl. `longestTokens`: of the longest chat, as gpt-5.0 counts. */
export function demoPrompts(longestTokens: number): string {
  const completions = Array.from({ length: COMPLETIONS }, (_, index) => {
    const language = LANGUAGES[index % LANGUAGES.length] ?? LANGUAGES[0];
    const user = `// ${language}, file ${index}\nfunction total(items) {\n  // sum of the prices\n`;
    return {
      id: `complete-${language}-${index}`,
      system: SYSTEM,
      user,
      request: { max_tokens: 64, metadata: { sim_language: language } },
      tags: { surface: "inline", language },
    };
  });
  const chats = Array.from({ length: CHATS }, (_, index) => ({
    id: `explain-file-${index}`,
    system: SYSTEM,
    user: `Explain file ${index}.`,
    request: {
      max_tokens: 1_000,
      metadata: {
        sim_prompt_tokens: String(Math.round((longestTokens * (index + 1)) / CHATS)),
        sim_output_tokens: "40",
      },
    },
    tags: { surface: "chat" },
  }));
  return [...completions, ...chats].map((prompt) => `${JSON.stringify(prompt)}\n`).join("");
}
