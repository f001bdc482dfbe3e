// The focus, for who goes by keys: where a part of a page comes new, what had it has it again, else what
// took its place, else the heading. A dialog gives it back to what it was opened with.
(() => {
  const { body } = document;
  const all = (selector, within) => [...within.querySelectorAll(selector)];
  // A dialog that closes can be seen a little longer.
  const usable = (it) => it?.isConnected && !it.disabled && !it.closest("dialog:not([open])")
    && (it.checkVisibility?.({ checkVisibilityCSS: true }) ?? true);
  const controls = (within) => all("a[href], button, input:not([type=hidden]), select, textarea, summary", within).filter(usable);
  const isLost = () => document.activeElement === body || !usable(document.activeElement);

  // What it is, in whichever row; and which of them it is.
  const parts = (it, ...names) => names.map((name) => it.getAttribute(name));
  const kind = (it) => [it.tagName, ...parts(it, "name", "role", "aria-haspopup", "class"), it.textContent.trim()].join();
  const one = (it) => [kind(it), ...parts(it, "aria-label", "href", "value")].join();
  const note = (it) => {
    const row = it.closest("tr, li");
    const within = (row ?? it).parentElement?.closest("[id]");
    const place = row ? all("tr, li", within ?? body).indexOf(row) : -1;
    return { id: it.id, within: within?.id, row: row?.id, place, kind: kind(it), one: one(it) };
  };
  const restore = (noted) => {
    if (!noted || !isLost()) return;
    const byId = (id) => (id ? document.getElementById(id) : null);
    const within = byId(noted.within) ?? body;
    const rows = noted.place < 0 ? [] : all("tr, li", within);
    const row = byId(noted.row) ?? rows[Math.min(noted.place, rows.length - 1)];
    // In its row, then in those after it and those before.
    const near = [row, ...rows.slice(noted.place), ...rows.slice(0, noted.place).reverse(), within]
      .flatMap((it) => (it ? controls(it) : []));
    const found = [byId(noted.id)].find(usable) ?? near.find((it) => one(it) === noted.one)
      ?? near.find((it) => kind(it) === noted.kind) ?? (row ? controls(row)[0] : null);
    const heading = [...all("h1, h2", within), ...all("main h1", document)].find(usable);
    if (!found && heading) heading.tabIndex = -1;
    (found ?? heading)?.focus();
  };

  let last = null;
  let opener = null;
  let byKeys = false;
  document.addEventListener("keydown", () => { byKeys = true; }, true);
  document.addEventListener("pointerdown", () => { byKeys = false; last = null; }, true);
  document.addEventListener("focusin", ({ target }) => {
    if (target.closest("dialog") && last && !last.closest("dialog")) opener = note(last);
    last = target;
  });
  document.addEventListener("close", () => restore(opener), true);

  // In place. A button that is disabled for as long as its request takes loses the focus too.
  let lost = null;
  body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target.id !== "dialog" && detail.target.contains(last)) lost = note(last);
  });
  body.addEventListener("htmx:afterSettle", () => {
    restore(lost);
    lost = null;
  });
  new MutationObserver(() => {
    if (isLost() && usable(last)) last.focus();
  }).observe(body, { subtree: true, attributeFilter: ["disabled"] });

  // By way of the same page, loaded again.
  addEventListener("pagehide", () => {
    const noted = last?.closest("dialog") ? opener : last && note(last);
    try {
      if (byKeys && noted) sessionStorage.setItem("focus", JSON.stringify({ ...noted, page: location.pathname }));
    } catch { /* not kept then */ }
  });
  const wrong = document.querySelector("main [aria-invalid]");
  wrong?.focus();
  // Not before the browser has gone to the address's #part, which takes the focus away.
  addEventListener("load", () => {
    try {
      const noted = JSON.parse(sessionStorage.getItem("focus"));
      sessionStorage.removeItem("focus");
      if (noted?.page === location.pathname) restore(noted);
    } catch { /* nothing kept */ }
  });
})();
