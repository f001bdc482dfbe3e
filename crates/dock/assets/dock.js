// Hands in the code of the address, which no server has seen, and takes it out of the history.
(() => {
  const form = document.querySelector("form[data-code]");
  const code = location.hash.slice(1);
  if (!form || !code || form.hasAttribute("data-refused")) return;
  history.replaceState(null, "", "/");
  form.elements.code.value = code;
  form.submit();
})();
