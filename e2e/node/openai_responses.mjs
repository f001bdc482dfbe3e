/** openai for Node.js, Responses. */

import OpenAI from "openai";

import {
  Incomplete,
  MAX_TOKENS,
  TIMEOUT,
  TOOL,
  TOOL_DESCRIPTION,
  TOOL_SCHEMA,
  weather,
} from "./task.mjs";

export { refused } from "./openai_errors.mjs";

const TOOLS = [
  {
    type: "function",
    name: TOOL,
    description: TOOL_DESCRIPTION,
    parameters: { ...TOOL_SCHEMA, additionalProperties: false },
    strict: true,
  },
];

export const connect = (baseUrl, secret) =>
  new OpenAI({ apiKey: secret, baseURL: `${baseUrl}/v1`, maxRetries: 0, timeout: TIMEOUT });

export async function ask(client, model, text, stream) {
  const input = [{ role: "user", content: text }];
  return (await turn(client, stream, { model, input })).answer;
}

export async function useTools(client, model, text, stream) {
  const input = [{ role: "user", content: text }];
  const first = await turn(client, stream, { model, input, tools: TOOLS });
  input.push(...first.output);
  for (const call of first.output.filter((item) => item.type === "function_call")) {
    const output = weather(JSON.parse(call.arguments).city);
    input.push({ type: "function_call_output", call_id: call.call_id, output });
  }
  const last = await turn(client, stream, { model, input, tools: TOOLS });
  return { ...last.answer, tool_calls: first.answer.tool_calls };
}

export async function models(client) {
  return (await Array.fromAsync(client.models.list())).map((model) => model.id);
}

async function turn(client, stream, more) {
  const call = {
    max_output_tokens: MAX_TOKENS,
    reasoning: { effort: "low", summary: "auto" },
    store: false,
    include: ["reasoning.encrypted_content"],
    ...more,
  };
  if (!stream) {
    const response = await client.responses.create(call);
    return { output: response.output, answer: answer(response, 1) };
  }
  const deltas = [];
  let last = null;
  for await (const event of await client.responses.create({ ...call, stream: true })) {
    if (event.type === "response.output_text.delta") deltas.push(event.delta);
    last = event;
  }
  if (last?.type !== "response.completed") {
    throw new Incomplete(`the stream ended with ${last?.type}`);
  }
  const whole = answer(last.response, deltas.length);
  if (deltas.join("") !== whole.text) {
    throw new Error(`the pieces ${JSON.stringify(deltas)} are not the whole ${whole.text}`);
  }
  return { output: last.response.output, answer: whole };
}

function answer(response, pieces) {
  const parts = (kind) => response.output.filter((item) => item.type === kind);
  const texts = parts("message").flatMap((item) => item.content);
  const thoughts = parts("reasoning").flatMap((item) => item.summary);
  return {
    text: texts.map((part) => part.text).join(""),
    input_tokens: response.usage.input_tokens,
    output_tokens: response.usage.output_tokens,
    thoughts: thoughts.map((part) => part.text).join(""),
    pieces,
    tool_calls: parts("function_call").map((call) => [call.name, JSON.parse(call.arguments)]),
  };
}
