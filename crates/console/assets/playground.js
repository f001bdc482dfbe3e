// The playground: a call straight from the page to the gateway. The key lives in its input alone.
(() => {
  const root = document.querySelector("[data-playground]");
  if (!root) return;
  const form = root.querySelector("[data-playground-form]");
  const part = (name) => root.querySelector(`[data-play-${name}]`);
  const value = (name) => document.getElementById(`play-${name}`).value.trim();
  const answer = part("answer");
  let running = null;

  // How each dialect is asked, and where in its events text and usage are.
  const asked = () => {
    const model = value("model");
    const most = Number(value("most")) || 512;
    const system = value("system");
    const message = value("message");
    switch (form.elements.dialect.value) {
      case "responses":
        return { path: "/v1/responses", body: { model, ...(system && { instructions: system }), input: message, max_output_tokens: most, stream: true, store: false } };
      case "messages":
        return { path: "/v1/messages", header: "x-api-key", extra: { "anthropic-version": "2023-06-01" }, body: { model, max_tokens: most, ...(system && { system }), messages: [{ role: "user", content: message }], stream: true } };
      case "gemini":
        return { path: `/v1beta/models/${encodeURIComponent(model)}:streamGenerateContent?alt=sse`, header: "x-goog-api-key", body: { ...(system && { systemInstruction: { parts: [{ text: system }] } }), contents: [{ role: "user", parts: [{ text: message }] }], generationConfig: { maxOutputTokens: most } } };
      default:
        return { path: "/v1/chat/completions", body: { model, max_completion_tokens: most, messages: [...(system ? [{ role: "system", content: system }] : []), { role: "user", content: message }], stream: true, stream_options: { include_usage: true } } };
    }
  };
  const headers = (call, key) => ({ "Content-Type": "application/json", ...(call.header ? { [call.header]: key } : { Authorization: `Bearer ${key}` }), ...call.extra });
  const curl = () => {
    const call = asked();
    const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
    const lines = Object.entries(headers(call, "$TOLLKEEPER_KEY")).map(([name, text]) => `  -H "${name}: ${text}" \\\n`);
    const url = `${root.dataset.base}${call.path}`;
    document.getElementById("play-curl").textContent = `curl -N ${url.includes("?") ? `"${url}"` : url} \\\n${lines.join("")}  -d ${quoted(JSON.stringify(call.body, null, 2))}`;
  };

  const read = (event, usage) => {
    const used = event.usage ?? event.message?.usage ?? event.response?.usage;
    if (used) {
      usage.input = used.prompt_tokens ?? used.input_tokens ?? usage.input;
      usage.output = used.completion_tokens ?? used.output_tokens ?? usage.output;
    }
    if (event.usageMetadata) {
      usage.input = event.usageMetadata.promptTokenCount ?? usage.input;
      usage.output = event.usageMetadata.candidatesTokenCount ?? usage.output;
    }
    if (event.error) throw Object.assign(new Error(event.error.message ?? JSON.stringify(event.error)), { body: event });
    if (event.type === "response.output_text.delta") return event.delta;
    if (event.type === "content_block_delta") return event.delta.text ?? "";
    if (event.choices) return event.choices[0]?.delta?.content ?? "";
    if (event.candidates) return (event.candidates[0]?.content?.parts ?? []).map((it) => it.text ?? "").join("");
    return "";
  };
  const status = (tone, text) => {
    const badge = document.createElement("span");
    badge.className = "status";
    badge.dataset.tone = tone;
    badge.textContent = text;
    part("status").replaceChildren(badge);
  };
  const seconds = (from) => `${((performance.now() - from) / 1000).toFixed(2)} s`;

  // The call's charge, as the books have it.
  const cost = async (id) => {
    const place = part("cost");
    place.textContent = root.dataset.reading;
    const answered = await fetch(`/api/v1/calls/${encodeURIComponent(id)}`);
    const link = document.createElement("a");
    link.href = root.dataset.log + encodeURIComponent(id);
    link.dataset.dialog = "";
    link.className = "row-link";
    if (!answered.ok) {
      place.textContent = "—";
      return;
    }
    const text = await answered.text();
    // The digits as they stand: a number of JavaScript's would round them.
    const charged = /"charged":\s*([0-9.]+)/.exec(text)?.[1] ?? "0";
    link.textContent = `$${charged} · ${root.dataset.inLog}`;
    place.replaceChildren(link);
  };

  const send = async () => {
    const key = value("key");
    part("error").textContent = key ? "" : root.dataset.noKey;
    if (!key) {
      document.getElementById("play-key").focus();
      return;
    }
    running = new AbortController();
    part("send").disabled = true;
    part("stop").hidden = false;
    part("facts").hidden = false;
    answer.textContent = "";
    answer.removeAttribute("data-bad");
    part("tokens").textContent = part("first").textContent = part("whole").textContent = part("cost").textContent = "—";
    status("new", "…");
    const call = asked();
    const began = performance.now();
    const usage = { input: null, output: null };
    let id = null;
    let refused = 0;
    try {
      const answered = await fetch(call.path, { method: "POST", credentials: "omit", headers: headers(call, key), body: JSON.stringify(call.body), signal: running.signal });
      id = answered.headers.get("x-request-id");
      status(answered.ok ? "good" : answered.status < 500 ? "warn" : "bad", String(answered.status));
      if (!answered.ok) {
        refused = answered.status;
        const text = await answered.text();
        let said = text;
        try { said = (await refusalSaid(JSON.parse(text))) || text; } catch { /* not JSON: as it is */ }
        throw new Error(said);
      }
      const reader = answered.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      let first = true;
      for (;;) {
        const { value: chunk, done } = await reader.read();
        if (done) break;
        rest += chunk;
        const lines = rest.split(/\r?\n/);
        rest = lines.pop();
        for (const line of lines) {
          const data = line.startsWith("data:") ? line.slice(5).trim() : "";
          if (!data || data === "[DONE]") continue;
          const text = read(JSON.parse(data), usage);
          if (text && first) {
            first = false;
            part("first").textContent = seconds(began);
          }
          answer.append(text);
        }
      }
    } catch (error) {
      const stopped = error.name === "AbortError";
      const note = stopped ? root.dataset.stopped : error instanceof TypeError ? root.dataset.noAnswer : error.body ? (await refusalSaid(error.body)) || error.message : error.message;
      if (stopped) status("off", note);
      else {
        answer.dataset.bad = "";
        answer.append(note);
      }
    } finally {
      part("whole").textContent = seconds(began);
      if (usage.input !== null) part("tokens").textContent = `${usage.input} → ${usage.output ?? "—"}`;
      part("send").disabled = false;
      part("stop").hidden = true;
      running = null;
    }
    // What is refused costs nothing, and was mostly never forwarded: then the books hold no call. What
    // failed on the way may have cost something.
    if (refused && refused < 500) part("cost").textContent = "$0";
    else if (id) await cost(id);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!running) send();
  });
  form.addEventListener("input", curl);
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  part("stop").addEventListener("click", () => running?.abort());
  curl();
})();
