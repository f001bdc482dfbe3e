/** @google/genai, generateContent. */

import { GoogleGenAI } from "@google/genai";

import {
  Incomplete,
  MAX_TOKENS,
  TIMEOUT,
  TOOL,
  TOOL_DESCRIPTION,
  TOOL_SCHEMA,
  weather,
} from "./task.mjs";

const TOOLS = [
  {
    functionDeclarations: [
      { name: TOOL, description: TOOL_DESCRIPTION, parametersJsonSchema: TOOL_SCHEMA },
    ],
  },
];

export const connect = (baseUrl, secret) =>
  new GoogleGenAI({ apiKey: secret, vertexai: false, httpOptions: { baseUrl, timeout: TIMEOUT } });

export async function ask(client, model, text, stream) {
  return (await turn(client, stream, model, [{ role: "user", parts: [{ text }] }])).answer;
}

export async function useTools(client, model, text, stream) {
  const contents = [{ role: "user", parts: [{ text }] }];
  const first = await turn(client, stream, model, contents, { tools: TOOLS });
  contents.push({ role: "model", parts: first.parts });
  const calls = first.parts.flatMap((part) => part.functionCall ?? []);
  const results = calls.map(({ id, name, args }) => ({
    functionResponse: { id, name, response: { result: weather(args.city) } },
  }));
  contents.push({ role: "user", parts: results });
  const last = await turn(client, stream, model, contents, { tools: TOOLS });
  return { ...last.answer, tool_calls: first.answer.tool_calls };
}

export async function models(client) {
  const listed = await Array.fromAsync(await client.models.list());
  return listed.map((model) => model.name.replace("models/", ""));
}

export async function count(client, model, text) {
  return (await client.models.countTokens({ model, contents: text })).totalTokens;
}

async function turn(client, stream, model, contents, more = {}) {
  const config = {
    systemInstruction: "Be brief.",
    maxOutputTokens: MAX_TOKENS,
    thinkingConfig: { includeThoughts: true },
    ...more,
  };
  const call = { model, contents, config };
  if (!stream) return answer([await client.models.generateContent(call)]);
  const chunks = [];
  for await (const chunk of await client.models.generateContentStream(call)) chunks.push(chunk);
  return answer(chunks);
}

function answer(chunks) {
  const candidates = chunks.flatMap((chunk) => chunk.candidates ?? []);
  if (!candidates.at(-1)?.finishReason) throw new Incomplete("the answer has no end");
  const parts = candidates.flatMap((candidate) => candidate.content?.parts ?? []);
  const usage = chunks.findLast((chunk) => chunk.usageMetadata).usageMetadata;
  const texts = parts.filter((part) => part.text && !part.thought).map((part) => part.text);
  const thoughts = parts.filter((part) => part.text && part.thought).map((part) => part.text);
  return {
    parts,
    answer: {
      text: texts.join(""),
      input_tokens: usage.promptTokenCount,
      output_tokens: (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
      thoughts: thoughts.join(""),
      pieces: texts.length,
      tool_calls: parts
        .flatMap((part) => part.functionCall ?? [])
        .map((functionCall) => [functionCall.name, functionCall.args]),
    },
  };
}

/** The SDK's errors have the body's JSON as their message, and keep no head. */
export function refused(error) {
  let body = {};
  try {
    body = JSON.parse(error.message).error ?? {};
  } catch {
    // An error of the connection.
  }
  const reason = (body.details ?? []).find((detail) => detail.reason)?.reason;
  return {
    kind: error.constructor.name,
    status: error.status ?? null,
    code: reason?.toLowerCase() ?? null,
    message: body.message ?? error.message,
    retry_after: null,
  };
}
