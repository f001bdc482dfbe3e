/** What all SDKs are asked to do, as in `clients/sdk.py`. */

export const TOOL = "weather";
export const TOOL_DESCRIPTION = "The weather in a city – 天气";
export const TOOL_SCHEMA = {
  type: "object",
  properties: { city: { type: "string", description: "Where" } },
  required: ["city"],
};
export const MAX_TOKENS = 2000;
/** The least that Anthropic's API takes. */
export const THINKING_BUDGET = 1024;
export const TIMEOUT = 20_000;

/** What the tool says. */
export const weather = (city) => `${city}: 21 degrees`;

/** A stream that ended without its end, where the SDK itself does not look. */
export class Incomplete extends Error {}

/** An error's answer head, by name. */
export const header = (error, name) => error.headers?.get?.(name) ?? null;
