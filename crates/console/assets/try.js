// A first call with a value that was just made, from the browser to the gateway behind this page.
(() => {
  const ask = async (button) => {
    const place = button.closest(".form").querySelector(".try-answer");
    const started = performance.now();
    button.disabled = true;
    let said;
    try {
      const answer = await fetch("/v1/chat/completions", {
        method: "POST",
        credentials: "omit",
        headers: { authorization: `Bearer ${button.dataset.try}`, "content-type": "application/json" },
        body: JSON.stringify({
          model: button.dataset.model,
          max_tokens: 200,
          messages: [{ role: "user", content: "Say hello in one short sentence." }],
        }),
      });
      const body = await answer.json();
      const text = body.choices?.[0]?.message?.content ?? (await refusalSaid(body));
      const tokens = body.usage ? ` · ${body.usage.prompt_tokens} → ${body.usage.completion_tokens} tokens` : "";
      said = `${answer.status} · ${Math.round(performance.now() - started)} ms${tokens}\n\n${text}`;
      place.dataset.tone = answer.ok ? "good" : "bad";
    } catch {
      said = button.dataset.failed;
      place.dataset.tone = "bad";
    }
    place.textContent = said;
    place.hidden = false;
    button.disabled = false;
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-try]");
    if (button) ask(button);
  });
})();
