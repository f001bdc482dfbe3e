/**
 * Runs the SDKs for the suites: reads one order as a line of JSON, carries it out, answers with one
 * line of JSON, until the input ends.
 *
 * An order is {sdk, task, base_url, secret, model, text, stream}, of which a task may not need all;
 * what comes back is {answer} or {refused}.
 */

import { createInterface } from "node:readline";

import * as anthropic_messages from "./anthropic_messages.mjs";
import * as google_genai from "./google_genai.mjs";
import * as openai_chat from "./openai_chat.mjs";
import * as openai_responses from "./openai_responses.mjs";
import { Incomplete } from "./task.mjs";

const SDKS = { anthropic_messages, google_genai, openai_chat, openai_responses };

async function carryOut(order) {
  const { connect, ask, useTools, models, count, refused } = SDKS[order.sdk];
  const task = { ask, use_tools: useTools, models, count }[order.task];
  try {
    const client = connect(order.base_url, order.secret);
    return { answer: await task(client, order.model, order.text, order.stream) };
  } catch (error) {
    if (error instanceof Incomplete) {
      return { refused: { kind: "Incomplete", message: error.message } };
    }
    return { refused: { message: String(error.stack), ...refused(error) } };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await carryOut(JSON.parse(line))));
}
