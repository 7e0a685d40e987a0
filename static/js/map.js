// The map: a background drawn from our own outlines, markers or clusters in view, gates, and the panel beside it.
(() => {
  const box = document.getElementById("map");
  const panel = document.getElementById("panel");
  const filters = document.getElementById("map-filters");
  const hint = document.querySelector(".map-hint");
  const addButton = document.querySelector("[data-map-add]");
  const words = JSON.parse(box.dataset.words);
  const INDONESIA = [[-11, 95], [6.2, 141.1]];
  const PATIENCE = 250;
  const MAX_DRAWN_ZOOM = 20;

  const map = L.map(box, { zoomControl: false, attributionControl: Boolean(box.dataset.tiles), maxZoom: MAX_DRAWN_ZOOM, minZoom: 2,
    maxBounds: [[-90, -180], [90, 180]], maxBoundsViscosity: 1, zoomAnimation: !matchMedia("(prefers-reduced-motion: reduce)").matches });
  const clustered = L.markerClusterGroup({ iconCreateFunction: (group) => countIcon(group.getChildCount()), showCoverageOnHover: false, maxClusterRadius: 60, animate: false, chunkedLoading: true });
  const counted = L.layerGroup();
  const gates = L.layerGroup();
  const drawn = L.layerGroup([clustered, counted]);
  const here = L.layerGroup().addTo(map); // where I am
  let pin = null;
  let adding = false;
  let asked = null; // the request under way
  let timer = null;

  // The background

  async function drawWorld() {
    map.createPane("world").style.zIndex = 150; // under tiles and markers
    const renderer = L.svg({ pane: "world", padding: 0.3 });
    const world = await fetched(box.dataset.world);
    L.geoJSON(world, { pane: "world", renderer, interactive: false, smoothFactor: 1,
      style: (country) => ({ className: country.properties.home ? "land land-home" : "land", weight: 1 }) }).addTo(map);
  }

  function drawTiles() {
    map.attributionControl.setPrefix(false);
    L.tileLayer(box.dataset.tiles, { attribution: box.dataset.attribution, maxZoom: MAX_DRAWN_ZOOM, maxNativeZoom: 19, referrerPolicy: "origin" }).addTo(map);
  }

  // Markers

  const fetched = async (url, options) => {
    const response = await fetch(url, options);
    if (!response.ok || response.redirected) throw new Error(response.status);
    return response.json();
  };

  function countIcon(count) {
    const size = count < 10 ? "few" : count < 1000 ? "many" : "lots";
    return L.divIcon({ className: `cluster cluster-${size}`, html: `<span>${short(count)}</span>`, iconSize: null });
  }

  const short = (count) => (count < 10000 ? String(count) : `${Math.round(count / 1000)}k`);
  const pinIcon = (kind) => L.divIcon({ className: `pin ${kind}`, iconSize: null });

  function marked([id, code, name, latitude, longitude]) {
    const marker = L.marker([latitude, longitude], { icon: pinIcon("pin-marker"), title: `${name} · ${code}` });
    return marker.on("click", () => open(id));
  }

  function grouped([count, latitude, longitude]) {
    const title = words.cluster.replace("{count}", count);
    const marker = L.marker([latitude, longitude], { icon: countIcon(count), title });
    return marker.on("click", () => map.setView([latitude, longitude], Math.min(map.getZoom() + 2, MAX_DRAWN_ZOOM)));
  }

  function draw({ points = [], clusters = [] }) {
    clustered.clearLayers();
    counted.clearLayers();
    clustered.addLayers(points.map(marked));
    for (const cluster of clusters) counted.addLayer(grouped(cluster));
    box.dataset.drawn = clusters.length ? "clusters" : "points";
  }

  function inView() {
    const view = map.getBounds().pad(0.02);
    const clamp = (value, most) => Math.max(-most, Math.min(most, value)).toFixed(5);
    return [clamp(view.getWest(), 180), clamp(view.getSouth(), 90), clamp(view.getEast(), 180), clamp(view.getNorth(), 90)].join();
  }

  function chosen() {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(filters)) if (value) query.set(name, value);
    return query;
  }

  async function look() {
    const query = chosen();
    keepAddress(query);
    query.set("bbox", inView());
    htmx.ajax("GET", `${box.dataset.rows}?${query}`, { target: "#map-rows", swap: "outerHTML" });
    query.set("zoom", Math.round(map.getZoom()));
    asked?.abort();
    asked = new AbortController();
    try {
      draw(await fetched(`${box.dataset.points}?${query}`, { signal: asked.signal }));
    } catch (error) {
      if (error.name !== "AbortError") say(words.failed);
    }
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(look, PATIENCE);
  }

  // The address holds filters and view, so that it can be sent to somebody or reloaded.
  function keepAddress(query) {
    const { lat, lng } = map.getCenter();
    const address = new URLSearchParams(query);
    address.set("at", [lat.toFixed(5), lng.toFixed(5), Math.round(map.getZoom())].join());
    history.replaceState(null, "", `?${address}`);
  }

  function begin() {
    const query = new URLSearchParams(location.search);
    const [latitude, longitude, zoom] = (query.get("at") ?? "").split(",").map(Number);
    const extent = box.dataset.extent ? JSON.parse(box.dataset.extent) : null;
    if (Number.isFinite(zoom) && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) map.setView([latitude, longitude], zoom);
    else if (extent) map.fitBounds([[extent[1], extent[0]], [extent[3], extent[2]]], { maxZoom: 15, padding: [30, 30] });
    else map.fitBounds(INDONESIA);
    if (query.get("marker")) open(query.get("marker"));
  }

  // Gates

  async function drawGates() {
    if (!box.dataset.gates) return;
    const { gates: found } = await fetched(box.dataset.gates);
    gates.clearLayers();
    for (const gate of found) {
      const today = words.gate_today.replace("{count}", gate.count);
      const marker = L.marker([gate.latitude, gate.longitude], { icon: pinIcon("pin-gate"), title: `${gate.name} · ${today}` });
      const text = document.createElement("span");
      const link = document.createElement("a");
      link.href = gate.path;
      link.textContent = gate.name;
      text.append(link, ` · ${gate.location} · ${today}`);
      gates.addLayer(marker.bindPopup(text));
    }
  }

  // The panel

  const fragment = (path) => htmx.ajax("GET", path, { target: "#panel", swap: "innerHTML" });
  const open = (id) => fragment(`${location.pathname}/${encodeURIComponent(id)}/panel`);

  function close() {
    panel.replaceChildren();
    unpin();
  }

  function unpin() {
    pin?.remove();
    pin = null;
  }

  const inputs = () => ["latitude", "longitude"].map((name) => panel.querySelector(`[name=${name}]`));

  // A pin that is dragged writes into the form, and what is written moves the pin.
  function place(latitude, longitude) {
    unpin();
    pin = L.marker([latitude, longitude], { icon: pinIcon("pin-placing"), title: words.drag, draggable: true, autoPan: true, zIndexOffset: 1000 }).addTo(map);
    pin.on("dragend", () => {
      const { lat, lng } = pin.getLatLng();
      const [north, east] = inputs();
      north.value = lat.toFixed(6);
      east.value = lng.toFixed(6);
    });
  }

  function follow() {
    const [latitude, longitude] = inputs().map((input) => Number(input.value.replace(",", ".")));
    if (Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) { place(latitude, longitude); map.panInside([latitude, longitude], { padding: [40, 40] }); }
  }

  function opened() {
    unpin();
    const form = panel.querySelector("[data-placing]");
    if (form) follow();
    if (!panel.childElementCount) return;
    const narrow = matchMedia("(width < 62rem)").matches;
    if (narrow) panel.scrollIntoView({ block: "nearest" });
    (panel.querySelector(".is-invalid") ?? panel).focus({ preventScroll: !narrow });
  }

  panel.addEventListener("htmx:afterSwap", opened);
  panel.addEventListener("click", (event) => { if (event.target.closest("[data-panel-close]")) close(); });
  panel.addEventListener("change", (event) => { if (inputs().includes(event.target)) follow(); });
  document.addEventListener("markers-changed", look);
  document.addEventListener("click", (event) => {
    const shown = event.target.closest("[data-show]")?.dataset.show.split(",").map(Number);
    if (shown) map.setView(shown, Math.max(map.getZoom(), 14));
  });

  // Adding by a tap

  function say(text) {
    hint.textContent = text;
    hint.hidden = !text;
  }

  function add(on) {
    adding = on;
    addButton.setAttribute("aria-pressed", String(on));
    box.classList.toggle("is-adding", on);
    say(on ? words.tap : "");
  }

  addButton.setAttribute("role", "button");
  addButton.addEventListener("click", (event) => { event.preventDefault(); add(!adding); });
  map.on("click", ({ latlng }) => {
    if (!adding) return;
    add(false);
    const { lat, lng } = latlng.wrap();
    fragment(`${box.dataset.new}?latitude=${lat.toFixed(6)}&longitude=${lng.toFixed(6)}`);
  });

  // Where I am

  document.querySelector("[data-map-locate]").addEventListener("click", () => map.locate({ setView: true, maxZoom: 16, enableHighAccuracy: true }));
  map.on("locationfound", ({ latlng, accuracy }) => {
    say("");
    here.clearLayers();
    L.circle(latlng, { radius: accuracy, className: "here-range", interactive: false }).addTo(here);
    L.marker(latlng, { icon: pinIcon("pin-here"), title: words.here, keyboard: false }).addTo(here);
  });
  map.on("locationerror", () => say(words.no_place));

  // Filters

  filters.addEventListener("submit", (event) => { event.preventDefault(); look(); });
  filters.addEventListener("input", soon);

  map.addLayer(drawn).addLayer(gates);
  L.control.zoom({ position: "topleft", zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  L.control.layers(null, { [words.markers]: drawn, ...(box.dataset.gates ? { [words.gates]: gates } : {}) }, { collapsed: false }).addTo(map);
  begin();
  map.on("moveend", soon);
  drawWorld().catch(() => say(words.failed));
  if (box.dataset.tiles) drawTiles();
  drawGates().catch(() => say(words.failed));
  look();
})();
