// Keeps the field form on the phone: its page as it was last seen, with the styles and scripts that belong to it.
const CACHE = "field";
const PAGE = "/field";
const PATIENCE = 4000; // then the page that is kept is shown

// The page and what it needs are kept together, so that none of it is missing without a network.
async function keep(response) {
  const cache = await caches.open(CACHE);
  const needed = mentioned(await response.clone().text(), /(?:href|src)="(\/(?:static|field)\/[^"]+)"/g);
  await add(cache, needed);
  for (const url of needed.filter((one) => one.includes(".css"))) {
    const style = await cache.match(url);
    const fonts = mentioned(await style.text(), /url\(["']?([^"')]+\.woff2[^"')]*)/g).map((font) => relative(font, url));
    await add(cache, fonts);
    needed.push(...fonts);
  }
  await cache.put(PAGE, response);
  const kept = new Set([PAGE, ...needed]);
  for (const request of await cache.keys()) {
    const { pathname, search } = new URL(request.url);
    if (!kept.has(pathname + search)) await cache.delete(request);
  }
}

const mentioned = (text, pattern) => [...text.matchAll(pattern)].map((match) => match[1]);

function relative(url, from) {
  const { pathname, search } = new URL(url, new URL(from, location.origin));
  return pathname + search;
}

async function add(cache, urls) {
  for (const url of urls) if (!(await cache.match(url))) await cache.add(url);
}

async function page(event) {
  const kept = await caches.match(PAGE);
  const fresh = fetch(event.request).then((response) => {
    if (response.ok) event.waitUntil(keep(response.clone()).catch(() => {})); // cut off in between: the old one stays
    return response;
  });
  if (!kept) return fresh;
  const late = new Promise((resolve) => { setTimeout(resolve, PATIENCE, kept); });
  return Promise.race([fresh.catch(() => kept), late]);
}

async function file(request) {
  return (await caches.match(request)) ?? fetch(request);
}

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(fetch(PAGE, { redirect: "manual" }).then((response) => (response.ok ? keep(response) : undefined)));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (origin !== location.origin || event.request.method !== "GET") return;
  if (event.request.mode === "navigate" && pathname === PAGE) event.respondWith(page(event));
  else if (pathname.startsWith("/static/")) event.respondWith(file(event.request));
});
