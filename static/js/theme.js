// Runs before the first paint, so that no page flashes in the wrong theme.
(() => {
  const root = document.documentElement;
  const device = matchMedia("(prefers-color-scheme: dark)");

  function choice() {
    try { return localStorage.getItem("theme") || "auto"; } catch { return "auto"; }
  }

  function apply() {
    const chosen = choice();
    const dark = chosen === "dark" || (chosen === "auto" && device.matches);
    root.dataset.bsTheme = dark ? "dark" : "light";
    root.dispatchEvent(new CustomEvent("theme"));
  }

  root.classList.add("js");
  device.addEventListener("change", apply);
  window.gerbangTheme = {
    choice,
    choose(chosen) {
      try { localStorage.setItem("theme", chosen); } catch { /* private mode: for this page only */ }
      apply();
    },
  };
  apply();
})();
