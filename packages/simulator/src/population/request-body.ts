// A simulated user's request as an OpenAI API body. The prompt's text is a stand-in: its length and what it
// shares with other prompts travel as simulation hints, so that no long texts need sending.
import type { SimulatedRequest } from "./users.ts";

export type RequestBody = {
  readonly path: "/v1/chat/completions" | "/v1/completions";
  readonly body: string;
};

export function requestBody(request: SimulatedRequest, model: string): RequestBody {
  const { surface, user, stream } = request;
  const prompt = `Continue the ${request.language} file of ${user}.`;
  const common = {
    model,
    user,
    stream,
    ...(surface.outputTokensMax === undefined ? {} : { max_tokens: surface.outputTokensMax }),
    metadata: {
      sim_prompt_tokens: String(request.promptTokens),
      sim_output_tokens: String(request.outputTokens),
      sim_prefix: request.prefix,
      sim_language: request.language,
    },
  };
  if (surface.api === "completions") {
    return { path: "/v1/completions", body: JSON.stringify({ ...common, prompt }) };
  }
  const messages = [{ role: "user", content: prompt }];
  return { path: "/v1/chat/completions", body: JSON.stringify({ ...common, messages }) };
}
