// Is a file the one that was issued? Answered here, without sending it, where the browser can compute digests.
(() => {
  const form = document.querySelector("form[data-verify]");
  const able = window.crypto?.subtle && window.isSecureContext;
  for (const [selector, shown] of [["[data-verify-private]", able], ["[data-verify-sent]", !able]]) {
    const note = document.querySelector(selector);
    note.classList.remove("needs-js", "no-js");
    note.hidden = !shown;
  }
  if (!able) return;

  function show(answer) {
    for (const note of document.querySelectorAll("[data-answer]")) note.hidden = note.dataset.answer !== answer;
  }

  async function digest(file) {
    const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async function compare() {
    const file = form.elements.file.files[0];
    if (!file) return;
    show("busy");
    try {
      show(await digest(file) === form.dataset.verify ? "original" : "altered");
    } catch {
      form.submit(); // too large for this browser's memory: let the server compare
    }
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); compare(); });
  form.elements.file.addEventListener("change", compare);
})();
