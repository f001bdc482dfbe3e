/** The errors of openai for Node.js in the suites' form. */

import { header } from "./task.mjs";

export const refused = (error) => ({
  kind: error.constructor.name,
  status: error.status ?? null,
  code: error.code ?? null,
  message: error.message,
  retry_after: header(error, "retry-after"),
});
