// Forms: ask before what can't be undone, send once, and dots in rupiah.
(() => {
  const asked = new WeakSet();

  function ask(text, then) {
    const dialog = document.getElementById("confirm");
    document.getElementById("confirm-text").textContent = text;
    dialog.returnValue = "no";
    dialog.onclose = () => { if (dialog.returnValue === "yes") then(); };
    dialog.showModal();
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const question = form.dataset.confirm;
    if (question && !asked.has(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(question, () => { asked.add(form); form.requestSubmit(event.submitter ?? undefined); });
      return;
    }
    asked.delete(form);
    if ("once" in form.dataset) {
      setTimeout(() => { for (const button of form.querySelectorAll("button")) button.disabled = true; });
    }
  }, true);

  document.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    ask(event.detail.question, () => event.detail.issueRequest(true));
  });

  // Filters that need no button; what is empty or as always stays out of the address.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-immediate]");
    if (form?.reportValidity()) form.requestSubmit();
  });
  document.addEventListener("formdata", (event) => {
    if (event.target.method !== "get") return;
    for (const [name, value] of [...event.formData]) {
      if (value === "" || value === event.target.elements[name]?.dataset?.default) event.formData.delete(name);
    }
  });

  // A page that comes back from the browser's cache may be sent again.
  addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("form[data-once] button")) button.disabled = false;
  });

  // The decimals of a pasted `5.000,00` are no rupiah. We write no comma ourselves, so one near the end begins them.
  const dotted = (text) => text.trim().replace(/,(\d{0,2}|-)$/, "").replace(/\D/g, "").replace(/^0+(?=\d)/, "").replace(/\B(?=(\d{3})+$)/g, ".");
  const moneyInputs = (root) => root.querySelectorAll?.("[data-money]") ?? [];
  document.addEventListener("input", (event) => {
    const input = event.target;
    if (!input.matches("[data-money]")) return;
    const fromEnd = input.value.length - input.selectionEnd;
    input.value = dotted(input.value);
    const at = Math.max(0, input.value.length - fromEnd);
    input.setSelectionRange(at, at);
  });
  const dotAll = (root) => { for (const input of moneyInputs(root)) input.value = dotted(input.value); };
  document.addEventListener("htmx:load", (event) => dotAll(event.target));
  dotAll(document);
})();
