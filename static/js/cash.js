// The cashier's helpers: notes and coins add up to the cash field, the balance shows while typing, receipts print.
(() => {
  const number = (text) => Number(text.replace(/\D/g, "")) || 0;
  const dotted = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ".");
  const form = document.querySelector("form[data-expected]");
  const counted = form?.elements.counted;

  function addUp() {
    let sum = 0;
    for (const input of form.querySelectorAll("[data-note]")) sum += number(input.value) * Number(input.dataset.note);
    counted.value = dotted(sum);
    counted.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function compare() {
    const output = form.querySelector("[data-variance]");
    const variance = number(counted.value) - Number(form.dataset.expected);
    const kind = variance < 0 ? "short" : variance > 0 ? "over" : "exact";
    output.hidden = counted.value === "";
    output.textContent = output.dataset[kind].replace("{amount}", `Rp ${dotted(Math.abs(variance))}`);
    output.className = `variance is-${kind}`;
  }

  form?.addEventListener("input", (event) => {
    if ("note" in event.target.dataset) addUp();
    else if (event.target === counted) compare();
  });
  if (counted?.value) compare();
  document.querySelector("[data-print]")?.addEventListener("click", () => print());
})();
