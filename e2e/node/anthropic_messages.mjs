/** @anthropic-ai/sdk, Messages. */

import Anthropic from "@anthropic-ai/sdk";

import {
  Incomplete,
  MAX_TOKENS,
  THINKING_BUDGET,
  TIMEOUT,
  TOOL,
  TOOL_DESCRIPTION,
  TOOL_SCHEMA,
  header,
  weather,
} from "./task.mjs";

const TOOLS = [{ name: TOOL, description: TOOL_DESCRIPTION, input_schema: TOOL_SCHEMA }];

export const connect = (baseUrl, secret) =>
  new Anthropic({ apiKey: secret, baseURL: baseUrl, maxRetries: 0, timeout: TIMEOUT });

export async function ask(client, model, text, stream) {
  const messages = [{ role: "user", content: text }];
  return (await turn(client, stream, { model, messages })).answer;
}

export async function useTools(client, model, text, stream) {
  const messages = [{ role: "user", content: text }];
  const first = await turn(client, stream, { model, messages, tools: TOOLS });
  messages.push({ role: "assistant", content: first.content });
  const calls = first.content.filter((block) => block.type === "tool_use");
  const results = calls.map((call) => ({
    type: "tool_result",
    tool_use_id: call.id,
    content: weather(call.input.city),
  }));
  messages.push({ role: "user", content: results });
  const last = await turn(client, stream, { model, messages, tools: TOOLS });
  return { ...last.answer, tool_calls: first.answer.tool_calls };
}

export async function models(client) {
  return (await Array.fromAsync(client.models.list())).map((model) => model.id);
}

export async function count(client, model, text) {
  const messages = [{ role: "user", content: text }];
  return (await client.messages.countTokens({ model, messages })).input_tokens;
}

async function turn(client, stream, more) {
  const call = {
    system: "Be brief.",
    max_tokens: MAX_TOKENS,
    thinking: { type: "enabled", budget_tokens: THINKING_BUDGET },
    ...more,
  };
  let pieces = 1;
  let message;
  if (stream) {
    const running = client.messages.stream(call);
    pieces = 0;
    running.on("text", () => (pieces += 1));
    message = await running.finalMessage();
  } else {
    message = await client.messages.create(call);
  }
  if (!message.stop_reason) throw new Incomplete("the answer has no end");
  return { content: message.content, answer: answer(message, pieces) };
}

function answer({ content, usage }, pieces) {
  const blocks = (kind) => content.filter((block) => block.type === kind);
  const cached = (usage.cache_creation_input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0);
  return {
    text: blocks("text").map((block) => block.text).join(""),
    input_tokens: usage.input_tokens + cached,
    output_tokens: usage.output_tokens,
    thoughts: blocks("thinking").map((block) => block.thinking).join(""),
    pieces,
    tool_calls: blocks("tool_use").map((block) => [block.name, block.input]),
  };
}

export const refused = (error) => ({
  kind: error.constructor.name,
  status: error.status ?? null,
  code: error.error?.error?.code ?? null,
  message: error.error?.error?.message ?? error.message,
  retry_after: header(error, "retry-after"),
});
