// Runs before the first paint, so that no page flashes in the wrong theme.
(() => {
  const root = document.documentElement;
  const device = matchMedia("(prefers-color-scheme: dark)");

  function choice() {
    try { return localStorage.getItem("theme") || "auto"; } catch { return "auto"; }
  }

  function keep(chosen) {
    try { localStorage.setItem("theme", chosen); } catch { /* private mode: for this page only */ }
  }

  // Signing in leaves the account's theme in a cookie, to be taken over once.
  function takeOver() {
    const [, chosen] = document.cookie.match(/(?:^|; )theme=(light|dark|auto)(?:;|$)/) ?? [];
    if (!chosen) return;
    keep(chosen);
    document.cookie = "theme=; path=/; max-age=0; samesite=lax";
  }

  // A page of somebody signed in says where the account's theme is remembered.
  function remember(chosen) {
    const url = document.querySelector("[data-theme-url]")?.dataset.themeUrl;
    if (!url) return;
    const headers = JSON.parse(document.body.getAttribute("hx-headers"));
    fetch(url, { method: "POST", headers, body: new URLSearchParams({ theme: chosen }), keepalive: true }).catch(() => {});
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
      keep(chosen);
      apply();
      remember(chosen);
    },
  };
  takeOver();
  apply();
})();
