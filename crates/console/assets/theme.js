// Runs before the first paint: the theme of the browser, where none was chosen.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    if (root.classList.contains("auto")) root.classList.toggle("dark", dark.matches);
  };
  apply();
  dark.addEventListener("change", apply);
  root.classList.add("script");
  try {
    if (localStorage.getItem("side") === "narrow") root.classList.add("narrow");
  } catch { /* storage may be forbidden; the sidebar is wide then */ }
})();
