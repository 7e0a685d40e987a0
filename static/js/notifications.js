// The bell: listens for what happens, counts it, says it once, and misses nothing while the line is down.
(() => {
  const WAITS = [1000, 2000, 5000, 10000, 30000];
  const bell = document.querySelector("[data-bell]");
  if (!bell || !("WebSocket" in window)) return;
  const count = bell.querySelector("[data-bell-count]");
  const number = bell.querySelector("[data-bell-number]");
  let last = Number(bell.dataset.bell);
  let failures = 0;
  let line = null;
  let retry = null;

  function arrived(event) {
    const told = JSON.parse(event.data);
    last = told.id;
    const unread = (parseInt(number.textContent, 10) || 0) + 1;
    number.textContent = unread < 100 ? String(unread) : "99+";
    count.hidden = false;
    const message = [told.message, told.data.nomor_invoice, told.data.pelanggan_nama].filter(Boolean).join(" · ");
    document.dispatchEvent(new CustomEvent("toast", { detail: { message, level: "info" } }));
    document.body.dispatchEvent(new CustomEvent("notified"));
  }

  function open() {
    clearTimeout(retry);
    if (line) return;
    const address = new URL(`/ws/notifications?since=${last}`, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    line = new WebSocket(address);
    line.addEventListener("open", () => { failures = 0; });
    line.addEventListener("message", arrived);
    line.addEventListener("close", lost);
  }

  function lost(event) {
    line = null;
    if (event.code === 1008 || document.hidden) return; // signed out; or nobody looks, and looking opens it
    retry = setTimeout(open, WAITS[Math.min(failures, WAITS.length - 1)]);
    failures += 1;
  }

  function close() {
    clearTimeout(retry);
    if (line?.readyState === WebSocket.OPEN) line.close(); // one that is about to open goes with the page
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden) open(); });
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => { if (event.persisted) open(); });
  open();
})();
