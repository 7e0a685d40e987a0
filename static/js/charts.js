// Charts: <figure data-chart='{"labels", "series"}'>, drawn once, then only given new numbers (macros/chart.html).
(() => {
  const language = document.documentElement.lang;
  const charts = new Map();

  const number = (value) => value.toLocaleString("id-ID");
  const short = (value) => value.toLocaleString(language, { notation: "compact", maximumFractionDigits: 1 });
  const worded = (figure, value) => (figure.dataset.unit === "rupiah" ? `Rp ${number(value)}` : number(value));

  // Canvas takes no light-dark(): let an element work the colour out.
  function colours() {
    const probe = document.createElement("span");
    document.body.append(probe);
    const named = {};
    for (const name of ["brand", "ink", "ink-soft", "line", "sheet-raised"]) {
      probe.style.color = `var(--${name})`;
      named[name] = getComputedStyle(probe).color;
    }
    probe.remove();
    return named;
  }

  const translucent = (colour, part) => colour.replace(/^rgb\((.*)\)$/, `rgba($1, ${part})`);
  const SLICES = ["#0f766e", "#38a3a5", "#8bc6a4", "#e0a43a", "#c96f4a", "#7a6c9d", "#5b7fa6", "#a8b3b0"];

  function painted(series, kind, colour) {
    if (kind === "doughnut") return { backgroundColor: SLICES, borderColor: colour["sheet-raised"], borderWidth: 2 };
    if (series.style === "compare") {
      const faint = translucent(colour["ink-soft"], 0.65);
      return { type: "line", borderColor: faint, backgroundColor: faint, borderDash: [4, 4], borderWidth: 1.5, pointStyle: "line", pointRadius: 0, tension: 0.3 };
    }
    if (kind === "bar") return { backgroundColor: translucent(colour.brand, 0.8), hoverBackgroundColor: colour.brand, borderRadius: 3, maxBarThickness: 28 };
    return { borderColor: colour.brand, backgroundColor: translucent(colour.brand, 0.1), borderWidth: 2, pointRadius: 0, pointHitRadius: 12, tension: 0.3, fill: true };
  }

  function axes(kind, colour) {
    if (kind === "doughnut") return {};
    const ticks = { color: colour["ink-soft"], font: { size: 11 } };
    return {
      x: { ticks: { ...ticks, maxRotation: 0, autoSkipPadding: 12 }, grid: { display: false }, border: { color: colour.line } },
      y: { beginAtZero: true, ticks: { ...ticks, maxTicksLimit: 5, callback: short, precision: 0 }, grid: { color: colour.line }, border: { display: false } },
    };
  }

  // "Motorcycle  1.428" beside the ring, so that nobody has to point at it.
  function sliceLabels(chart) {
    const labels = Chart.overrides.doughnut.plugins.legend.labels.generateLabels(chart);
    return labels.map((label) => ({ ...label, text: `${label.text}  ${number(chart.data.datasets[0].data[label.index])}` }));
  }

  function options(figure) {
    const colour = colours();
    const kind = figure.dataset.kind;
    const legend = { display: kind === "doughnut" || series(figure).length > 1, position: kind === "doughnut" ? "right" : "top", align: kind === "doughnut" ? "center" : "end" };
    return {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      cutout: "68%",
      interaction: { mode: kind === "doughnut" ? "nearest" : "index", intersect: kind === "doughnut" },
      scales: axes(kind, colour),
      plugins: {
        legend: { ...legend, labels: { ...(kind === "doughnut" && { generateLabels: (chart) => sliceLabels(chart).map((label) => ({ ...label, fontColor: colour["ink-soft"] })) }), color: colour["ink-soft"], boxWidth: 10, boxHeight: 10, usePointStyle: kind !== "doughnut" } },
        tooltip: {
          backgroundColor: colour.ink, titleColor: colour["sheet-raised"], bodyColor: colour["sheet-raised"], padding: 10, displayColors: false,
          callbacks: { label: (item) => `${kind === "doughnut" ? item.label : item.dataset.label}: ${worded(figure, item.raw)}` },
        },
      },
    };
  }

  const data = (figure) => JSON.parse(figure.dataset.chart);
  const series = (figure) => data(figure).series;

  function draw(figure) {
    const colour = colours();
    const chart = new Chart(figure.querySelector("canvas"), {
      type: figure.dataset.kind,
      data: {
        labels: data(figure).labels,
        datasets: series(figure).map((one) => ({ label: one.name, data: one.values, ...painted(one, figure.dataset.kind, colour) })),
      },
      options: options(figure),
    });
    charts.set(figure, chart);
    markEmpty(figure);
  }

  function markEmpty(figure) {
    const none = figure.querySelector(".chart-none");
    if (none) none.hidden = series(figure).some((one) => one.values.some((value) => value));
  }

  // The same chart with other numbers: what the pointer is on stays, nothing jumps.
  function redraw(figure, fresh) {
    figure.dataset.chart = JSON.stringify(fresh);
    const chart = charts.get(figure);
    chart.data.labels = fresh.labels;
    fresh.series.forEach((one, at) => Object.assign(chart.data.datasets[at], { data: one.values }, painted(one, figure.dataset.kind, colours())));
    chart.update("none");
    markEmpty(figure);
    retell(figure, fresh);
  }

  function retell(figure, fresh) {
    const rows = fresh.labels.map((label, at) => {
      const row = document.createElement("tr");
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = label;
      row.append(head, ...fresh.series.map((one) => {
        const cell = document.createElement("td");
        cell.textContent = one.values[at] === null ? "–" : worded(figure, one.values[at]);
        return cell;
      }));
      return row;
    });
    figure.querySelector("tbody").replaceChildren(...rows);
  }

  async function refresh(src, figures) {
    try {
      const response = await fetch(src, { headers: { Accept: "application/json" } });
      if (!response.ok || response.redirected) throw new Error(response.statusText);
      const answer = await response.json();
      for (const figure of figures) redraw(figure, figure.dataset.part ? answer[figure.dataset.part] : answer);
    } catch {
      document.dispatchEvent(new CustomEvent("live:failed"));
    }
  }

  // Charts that share an address are fetched together.
  function refreshAll() {
    const bySource = new Map();
    for (const figure of charts.keys()) {
      if (figure.dataset.src) bySource.set(figure.dataset.src, [...(bySource.get(figure.dataset.src) ?? []), figure]);
    }
    for (const [src, figures] of bySource) refresh(src, figures);
  }

  function repaint() {
    const colour = colours();
    for (const [figure, chart] of charts) {
      chart.options = options(figure);
      chart.data.datasets.forEach((one, at) => Object.assign(one, painted(series(figure)[at], figure.dataset.kind, colour)));
      chart.update("none");
    }
  }

  const drawAll = (root) => {
    for (const figure of root.querySelectorAll("[data-chart]")) if (!charts.has(figure)) draw(figure);
    for (const figure of charts.keys()) if (!figure.isConnected) { charts.get(figure).destroy(); charts.delete(figure); }
  };
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  document.addEventListener("htmx:load", (event) => drawAll(event.target));
  document.documentElement.addEventListener("theme", repaint);
  document.addEventListener("live:slow", refreshAll);
  drawAll(document);
})();
