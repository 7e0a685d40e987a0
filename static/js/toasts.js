// Short messages: the server's `toast` events, and requests that failed.
(() => {
  const LASTS = 6000;
  const region = () => document.getElementById("toasts");

  function show(message, level = "info") {
    const showing = [...region().children].find((note) => note.dataset.message === message);
    showing?.remove();
    const note = document.createElement("div");
    note.className = `toast-note toast-${level}`;
    note.dataset.message = message;
    const text = document.createElement("span");
    text.textContent = message;
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "×";
    close.setAttribute("aria-label", region().dataset.close);
    close.addEventListener("click", () => note.remove());
    note.append(text, close);
    region().append(note);
    if (level !== "danger") setTimeout(() => note.remove(), LASTS);
  }

  // Parts that refresh by themselves say elsewhere that they are stale.
  const isBackground = (event) => event.target.closest?.("[data-background]");

  document.addEventListener("toast", (event) => show(event.detail.message, event.detail.level));
  document.addEventListener("htmx:responseError", (event) => {
    const answered = event.detail.xhr.getResponseHeader("HX-Trigger");
    if (!answered && !isBackground(event)) show(region().dataset.failed, "danger");
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => {
      if (!isBackground(event)) show(region().dataset.unreachable, "danger");
    });
  }
})();
