/** openai for Node.js, Chat Completions. */

import OpenAI from "openai";

import { MAX_TOKENS, TIMEOUT, TOOL, TOOL_DESCRIPTION, TOOL_SCHEMA, weather } from "./task.mjs";

export { refused } from "./openai_errors.mjs";

const TOOLS = [
  {
    type: "function",
    function: { name: TOOL, description: TOOL_DESCRIPTION, parameters: TOOL_SCHEMA },
  },
];

export const connect = (baseUrl, secret) =>
  new OpenAI({ apiKey: secret, baseURL: `${baseUrl}/v1`, maxRetries: 0, timeout: TIMEOUT });

export async function ask(client, model, text, stream) {
  const messages = [{ role: "user", content: text }];
  return (await turn(client, stream, { model, messages })).answer;
}

export async function useTools(client, model, text, stream) {
  const messages = [{ role: "user", content: text }];
  const first = await turn(client, stream, { model, messages, tools: TOOLS });
  const { role, content, tool_calls } = first.message;
  messages.push({ role, content, tool_calls });
  for (const call of first.message.tool_calls ?? []) {
    const { city } = JSON.parse(call.function.arguments);
    messages.push({ role: "tool", tool_call_id: call.id, content: weather(city) });
  }
  const last = await turn(client, stream, { model, messages, tools: TOOLS });
  return { ...last.answer, tool_calls: first.answer.tool_calls };
}

export async function models(client) {
  return (await Array.fromAsync(client.models.list())).map((model) => model.id);
}

async function turn(client, stream, more) {
  const call = { max_completion_tokens: MAX_TOKENS, ...more };
  let pieces = 1;
  let completion;
  if (stream) {
    const options = { stream_options: { include_usage: true } };
    const running = client.chat.completions.stream({ ...call, ...options });
    pieces = 0;
    running.on("content", () => (pieces += 1));
    completion = await running.finalChatCompletion();
  } else {
    completion = await client.chat.completions.create(call);
  }
  const message = completion.choices[0].message;
  return { message, answer: answer(message, completion.usage, pieces) };
}

const answer = (message, usage, pieces) => ({
  text: message.content ?? "",
  input_tokens: usage.prompt_tokens,
  output_tokens: usage.completion_tokens,
  pieces,
  tool_calls: (message.tool_calls ?? []).map((call) => [
    call.function.name,
    JSON.parse(call.function.arguments),
  ]),
});
