// The dashboard's pulse: follows the stream, tells the page when to fetch, and says honestly how fresh it is.
//   live:fast    at most once a second, when something arrived      live:minute  every minute
//   live:slow    the same, at most every five seconds
(() => {
  const SLOW = 5000;
  const SILENCE = 30000; // three pings missed
  const WAITS = [1000, 2000, 4000, 8000, 15000, 30000];
  const badge = document.getElementById("live");
  let source = null;
  let lastHeard = new Date();
  let failures = 0;
  let retry = null;
  let slowTimer = null;
  let lastSlow = 0;

  const tell = (name) => document.dispatchEvent(new CustomEvent(`live:${name}`));

  function show(state) {
    if (badge.dataset.state === state) return;
    const time = lastHeard.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    badge.dataset.state = state;
    badge.textContent = badge.dataset[state].replace("{time}", time);
  }

  function slow() {
    slowTimer = null;
    lastSlow = Date.now();
    tell("slow");
  }

  function arrived() {
    tell("fast");
    slowTimer ??= setTimeout(slow, Math.max(0, lastSlow + SLOW - Date.now()));
  }

  function everything() {
    tell("fast");
    slow();
  }

  function heard(event) {
    lastHeard = new Date();
    failures = 0;
    show("live");
    if (JSON.parse(event.data).day !== badge.dataset.day) location.reload(); // midnight
  }

  function open() {
    clearTimeout(retry);
    source?.close();
    source = new EventSource(badge.dataset.src);
    source.addEventListener("open", everything); // what came while nobody listened
    source.addEventListener("ping", heard);
    source.addEventListener("totals", (event) => { heard(event); arrived(); });
    source.addEventListener("error", lost);
  }

  function lost() {
    const refused = source?.readyState === EventSource.CLOSED;
    source?.close();
    source = null;
    show(new Date() - lastHeard > SILENCE ? "stale" : "reconnecting");
    if (refused) tell("fast"); // signed out? then the answer leads to the sign-in page
    clearTimeout(retry);
    retry = setTimeout(open, WAITS[Math.min(failures, WAITS.length - 1)]);
    failures += 1;
  }

  function pause() {
    clearTimeout(retry);
    source?.close();
    source = null;
  }

  setInterval(() => {
    if (!document.hidden && new Date() - lastHeard > SILENCE) { show("stale"); if (source) lost(); }
  }, 5000);
  setInterval(() => { if (!document.hidden) tell("minute"); }, 60000);

  // A fetch that failed while the stream is fine: the numbers are old all the same.
  const failed = () => { if (badge.dataset.state === "live") show("stale"); };
  document.addEventListener("live:failed", failed);
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => { if (event.target.closest?.("[data-background]")) failed(); });
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? pause() : open()));
  addEventListener("pagehide", pause);
  addEventListener("pageshow", (event) => { if (event.persisted) open(); });
  if (!document.hidden) open();
})();
