// Why the gateway refused a call, in the language of the page; what is not known there, or was said
// by a provider, in its own words.
window.refusalSaid = async (body) => {
  const error = body?.error ?? {};
  const code = [error.code, body?.code, error.details?.[0]?.reason].find((it) => typeof it === "string") ?? "";
  const own = error.message ?? "";
  if (!/^[a-z_]+$/i.test(code)) return own;
  const answer = await fetch(`/console/refusal/${code.toLowerCase()}`).catch(() => null);
  const said = answer?.status === 200 ? await answer.text() : "";
  if (!said) return own;
  return /^upstream_(failed|rejected)$/i.test(code) && own ? `${said}\n${own}` : said;
};
