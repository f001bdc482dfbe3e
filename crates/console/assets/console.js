// Behaviour of the console's pages, hung on data- attributes. No page needs a script of its own.
(() => {
  const body = document.body;
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Toasts. Texts are set as text: nothing that a page tells becomes markup.
  const toasts = document.getElementById("toasts");
  const expire = (note) => {
    let left = note.dataset.kind === "error" ? 8000 : 4000;
    const tick = setInterval(() => {
      if (note.matches(":hover")) return;
      left -= 250;
      if (left > 0) return;
      clearInterval(tick);
      note.classList.add("gone");
      setTimeout(() => note.remove(), 300);
    }, 250);
  };
  const toast = (kind, text) => {
    const template = document.getElementById(`toast-${kind}`) ?? document.getElementById("toast-error");
    if (!template || !toasts) return;
    const note = template.content.firstElementChild.cloneNode(true);
    note.querySelector("span").textContent = text;
    toasts.append(note);
    expire(note);
  };
  all("[data-expires]").forEach(expire);
  body.addEventListener("toast", (event) => toast(event.detail.kind, event.detail.text));
  body.addEventListener("htmx:sendError", () => toast("error", body.dataset.failed));

  // What only folds something away asks for nothing.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-local]")) event.stopPropagation();
  }, true);

  // Copy buttons that confirm.
  const copy = async (button) => {
    const from = button.dataset.copyFrom;
    const text = from ? document.getElementById(from).textContent : button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Over http there is no clipboard but this one.
      const area = document.createElement("textarea");
      area.value = text;
      area.className = "offscreen";
      (button.closest("dialog") ?? body).append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    const use = button.querySelector("use");
    const words = button.querySelector("span");
    button.dataset.icon ??= use?.getAttribute("href") ?? "";
    button.dataset.words ??= words?.textContent ?? "";
    use?.setAttribute("href", button.dataset.icon.replace(/#.*/, "#check"));
    if (words) words.textContent = body.dataset.copied;
    else toast("success", body.dataset.copied);
    button.classList.add("copied");
    clearTimeout(button.copiedTimer);
    button.copiedTimer = setTimeout(() => {
      use?.setAttribute("href", button.dataset.icon);
      if (words) words.textContent = button.dataset.words;
      button.classList.remove("copied");
    }, 1800);
  };

  // Dialogs: an address opened over the page.
  const holder = document.getElementById("dialog");
  const openDialog = (href) => htmx.ajax("GET", href, { target: holder, swap: "innerHTML" });
  const show = () => {
    const dialog = holder?.querySelector("dialog[data-shown]");
    if (!dialog || dialog.open) return;
    const wrong = dialog.querySelector("[aria-invalid]");
    // What a form begins with would have the focus last.
    if (wrong) all("[autofocus]", dialog).forEach((it) => it.removeAttribute("autofocus"));
    dialog.showModal();
    wrong?.focus();
    // The browser takes what comes first: of choices that is not always the one that is chosen, and a
    // link or a button beside the heading is not where anybody begins.
    const first = document.activeElement;
    if (first?.matches("form a, header a")) dialog.querySelector("form :is(input:not([type=hidden]), select, textarea)")?.focus();
    if (first?.matches("input[type=radio]:not(:checked)")) dialog.querySelector(`input[name="${first.name}"]:checked`)?.focus();
    if (first?.matches(".copy")) {
      dialog.tabIndex = -1;
      dialog.focus();
    }
    dialog.addEventListener("cancel", (event) => {
      // A value that is shown once does not vanish on a stray Escape.
      if (dialog.querySelector("[data-keep]")) event.preventDefault();
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog && !dialog.querySelector("[data-keep], form.form")) dialog.close();
    });
    dialog.addEventListener("close", () => {
      if (dialog.querySelector("[data-keep]")) location.reload();
      else holder.replaceChildren();
    });
  };
  body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === holder) show();
    settle(event.detail.target);
  });

  // Forms: no second submission while one is under way.
  const hold = (form) => {
    if (!form.matches?.("[data-busy], .gate-card form")) return;
    const id = form.id || "none";
    all(`button[type=submit], [form="${id}"]`, form.closest("dialog, main")).forEach((button) => { button.disabled = true; });
  };
  const release = () => all("button[type=submit]:disabled").forEach((button) => { button.disabled = false; });
  document.addEventListener("htmx:beforeRequest", (event) => hold(event.detail.elt));
  // One that is sent as a page takes its button's value along first.
  document.addEventListener("submit", (event) => {
    if (event.target.closest("[hx-disable]")) setTimeout(hold, 0, event.target);
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) release(); });
  document.addEventListener("htmx:afterRequest", (event) => {
    // What a page leaves to be loaded behind it says so when that fails.
    if (event.target.matches?.("[data-pending]") && !event.detail.successful) event.target.dataset.failed = "";
    if (event.detail.xhr?.getResponseHeader("HX-Redirect")) return;
    release();
  });

  // Several rows at once.
  const several = () => {
    const bar = document.querySelector("[data-several]");
    if (!bar) return;
    const boxes = all('input[name="ids"]').filter((box) => box.form === bar);
    const ticked = boxes.filter((box) => box.checked).length;
    bar.classList.toggle("on", ticked > 0);
    bar.querySelector("[data-several-count]").textContent = ticked;
    const every = document.querySelector("[data-tick-all]");
    every.checked = ticked > 0 && ticked === boxes.length;
    every.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-tick-all]")) {
      all('input[name="ids"]').forEach((box) => { box.checked = event.target.checked; });
    }
    if (event.target.matches('[data-tick-all], input[name="ids"]')) several();
  });

  // Times: near ones move on, and all of them say the reader's own time on hover.
  const language = body.dataset.relative;
  const settle = (within = document) => {
    if (!language) return;
    const exact = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "long" });
    all("time[data-relative]", within).forEach((time) => {
      const at = new Date(time.dateTime);
      time.title = exact.format(at);
      const seconds = Math.trunc((at - Date.now()) / 1000);
      if (seconds > -60 || seconds < -3600) return;
      time.textContent = body.dataset.minutes.replace("#", Math.trunc(-seconds / 60));
    });
  };
  settle();
  setInterval(() => settle(), 30000);

  // The palette.
  const palette = document.getElementById("palette");
  palette?.addEventListener("click", (event) => {
    if (event.target === palette || event.target.closest("[role=menuitem]")) palette.close();
  });

  // The sidebar: narrow or wide on a desk, a drawer where there is less room.
  const toggleSide = () => {
    if (matchMedia("(max-width: 1400px)").matches) {
      root.classList.toggle("drawer");
      return;
    }
    const narrow = root.classList.toggle("narrow");
    try { localStorage.setItem("side", narrow ? "narrow" : "wide"); } catch { /* not kept then */ }
  };

  document.addEventListener("click", (event) => {
    const dialogLink = event.target.closest("a[data-dialog]");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
    if (dialogLink && plain && holder) {
      event.preventDefault();
      openDialog(dialogLink.getAttribute("href"));
      return;
    }
    const close = event.target.closest("dialog [data-close]");
    if (close) {
      event.preventDefault();
      close.closest("dialog").close();
      return;
    }
    const copied = event.target.closest("[data-copy], [data-copy-from]");
    if (copied) copy(copied);
    if (event.target.closest("[data-toggle-side]")) toggleSide();
    const opens = event.target.closest("[data-open]");
    if (opens) document.getElementById(opens.dataset.open)?.showModal();
  });

  // Shortcuts: Ctrl-K, and single keys of elements that name them where nobody is typing.
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && palette) {
      event.preventDefault();
      if (palette.open) palette.close();
      else palette.showModal();
      return;
    }
    if (event.key === "Escape") root.classList.remove("drawer");
    const typing = event.target.closest?.("input, textarea, select, [contenteditable], dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = all("[data-key]").find((element) => element.dataset.key === event.key);
    if (!target) return;
    event.preventDefault();
    if (target.matches("input")) target.select();
    else target.click();
  });

  // Of tabs that do not fit, the one that is open is seen.
  document.querySelector(".subnav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

  // The secret of a one-time link, which no server is told before the form is sent.
  all("[data-from-hash]").forEach((input) => {
    if (location.hash.length < 2) return;
    input.value = location.hash.slice(1);
    input.closest("[data-unless-hash]").hidden = true;
    history.replaceState(null, "", location.pathname);
  });
})();
