// Charts whose columns lead on: several are dragged over, or chosen with Shift and the arrows, and a
// chart is one stop of the Tab key. Without this file each column is a link to what it holds.
(() => {
  const columnsOf = (chart) => [...chart.querySelectorAll("svg a")];
  const hour = 3600000;

  /** Where the stretch from one column to another is shown. */
  const stretch = (first, last) => {
    if (first === last) return first.getAttribute("href");
    const [from, to] = [first, last].map((column) => new URL(column.getAttribute("href"), location.href));
    const until = to.searchParams.get("until");
    const long = Date.parse(`${until}Z`) - Date.parse(`${from.searchParams.get("since")}Z`);
    from.searchParams.set("until", until);
    from.searchParams.set("by", long > 96 * hour ? "day" : "hour");
    return from.pathname + from.search;
  };

  /** Marks the columns between two. */
  const mark = (columns, one, other) => {
    const [low, high] = [Math.min(one, other), Math.max(one, other)];
    columns.forEach((column, at) => column.toggleAttribute("data-in", at >= low && at <= high && low !== high));
    return [columns[low], columns[high]];
  };

  const rove = (within) => within.querySelectorAll(".day-chart").forEach((chart) => {
    columnsOf(chart).forEach((column, at, all) => column.setAttribute("tabindex", at === all.length - 1 ? "0" : "-1"));
  });
  rove(document);
  document.body.addEventListener("htmx:afterSwap", () => rove(document));

  let drag = null;
  const columnAt = (event) => {
    const { left, width } = drag.box;
    const at = Math.floor(((event.clientX - left) / width) * drag.columns.length);
    return Math.min(Math.max(at, 0), drag.columns.length - 1);
  };
  document.addEventListener("pointerdown", (event) => {
    const chart = event.target.closest?.(".day-chart svg:has(a)");
    if (!chart || event.button !== 0 || event.pointerType === "touch") return;
    const columns = columnsOf(chart);
    drag = { columns, box: chart.getBoundingClientRect() };
    drag.begun = columnAt(event);
  });
  document.addEventListener("pointermove", (event) => {
    if (drag) mark(drag.columns, drag.begun, columnAt(event));
  });
  document.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const { columns, begun } = drag;
    const ended = columnAt(event);
    drag = null;
    if (begun === ended) return;
    location.assign(stretch(...mark(columns, begun, ended)));
  });
  // The browser would drag the link itself, and follow it where the pointer is let go.
  document.addEventListener("dragstart", (event) => {
    if (event.target.closest?.(".day-chart")) event.preventDefault();
  });
  document.addEventListener("pointercancel", () => {
    drag?.columns.forEach((column) => column.removeAttribute("data-in"));
    drag = null;
  });

  document.addEventListener("keydown", (event) => {
    const column = event.target.closest?.(".day-chart svg a");
    if (!column) return;
    const columns = columnsOf(column.closest("svg"));
    const here = columns.indexOf(column);
    const anchor = columns.findIndex((one) => one.hasAttribute("data-anchor"));
    if (event.key === "Enter" && anchor >= 0 && anchor !== here) {
      event.preventDefault();
      location.assign(stretch(...mark(columns, anchor, here)));
      return;
    }
    const to = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: columns.length - 1 }[event.key];
    if (to === undefined || !columns[to]) return;
    event.preventDefault();
    if (event.shiftKey && anchor < 0) column.setAttribute("data-anchor", "");
    if (!event.shiftKey) columns.forEach((one) => one.removeAttribute("data-anchor"));
    const begun = columns.findIndex((one) => one.hasAttribute("data-anchor"));
    mark(columns, begun < 0 ? to : begun, to);
    columns.forEach((one, at) => one.setAttribute("tabindex", at === to ? "0" : "-1"));
    columns[to].focus();
  });
})();
