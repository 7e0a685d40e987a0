// The field form: what is noted goes into IndexedDB first, and from there to the server when there is a network.
// An entry's id is made here, so sending it twice makes one marker; photos follow one by one.
(() => {
  const form = document.getElementById("field-form");
  const queue = document.getElementById("queue");
  const network = document.getElementById("field-network");
  const { account, session, entries: entriesUrl, uploads: uploadsUrl, worker, scope, public: publicUrl } = form.dataset;
  const words = JSON.parse(form.dataset.words);
  const FIELDS = ["name", "strain", "quantity", "latitude", "longitude", "description", "owner_name", "owner_contact"];
  const PHOTO_SIDE = 1600; // as large as the server keeps it
  const THUMB_SIDE = 96;
  const PIECE = 256 * 1024; // what a network that is cut costs at most
  const AGAIN = 20000;
  const PATIENCE = 120000;
  let correcting = null; // the entry that is in the form again
  let sending = false;
  const arrived = new Map(); // entry → which share of its photo

  // What is kept

  const opened = new Promise((resolve, reject) => {
    const request = indexedDB.open("field", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("entries", { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  async function stored(mode, act) {
    const transaction = (await opened).transaction("entries", mode);
    const request = act(transaction.objectStore("entries"));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  const all = () => stored("readonly", (store) => store.getAll());
  const put = (entry) => stored("readwrite", (store) => store.put(entry));
  const remove = (id) => stored("readwrite", (store) => store.delete(id));
  const mine = async () => (await all()).filter((entry) => entry.account === account).sort((one, other) => other.made - one.made);
  const isPending = (entry) => entry.state === "waiting" || (entry.state === "sent" && entry.photoState === "waiting");

  // Photos

  async function drawn(file, side, quality) {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    return { canvas, blob: await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", quality); }) };
  }

  // `upload` names its pieces on the server.
  const toSend = (photo) => ({ photo, upload: newId(), photoState: "waiting" });

  // Made smaller here, because networks in the field are slow; what can't be read is for the server to judge.
  async function prepared(file) {
    try {
      const { blob } = await drawn(file, PHOTO_SIDE, 0.85);
      const { canvas } = await drawn(file, THUMB_SIDE, 0.7);
      return { ...toSend(blob), thumb: canvas.toDataURL("image/jpeg", 0.7) };
    } catch {
      return { ...toSend(file), thumb: "" };
    }
  }

  // Keeping an entry

  function checkPlace() {
    for (const [name, most] of [["latitude", 90], ["longitude", 180]]) {
      const input = form.elements[name];
      const degrees = Number(input.value.replace(",", "."));
      input.setCustomValidity(input.value && !(Math.abs(degrees) <= most) ? `−${most} … ${most}` : "");
    }
    return form.reportValidity();
  }

  // randomUUID exists only over HTTPS.
  function newId() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte, at) =>
      (at === 6 ? (byte & 15) | 64 : at === 8 ? (byte & 63) | 128 : byte).toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  async function keep() {
    if (!checkPlace()) return;
    const fields = Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value.trim()]));
    const file = form.elements.image.files[0];
    const before = correcting ?? { id: newId(), account, made: Date.now(), photoState: "none" };
    const entry = { ...before, ...(file ? await prepared(file) : {}), fields, state: "waiting", faults: {} };
    try {
      await put(entry);
    } catch {
      tell(words.no_store, "danger");
      return;
    }
    correcting = null;
    form.reset();
    form.querySelector("[data-locate-said]").textContent = "";
    tell(words.kept, "success");
    navigator.storage?.persist?.();
    await show();
    send();
  }

  const tell = (message, level) => document.dispatchEvent(new CustomEvent("toast", { detail: { message, level } }));

  function correct(entry) {
    correcting = entry;
    for (const name of FIELDS) form.elements[name].value = entry.fields[name] ?? "";
    form.scrollIntoView();
    form.elements.name.focus();
  }

  // Sending

  const within = () => AbortSignal.timeout(PATIENCE);

  async function post(url, body, token, method = "POST", more = {}) {
    const headers = { "X-CSRFToken": token, Accept: "application/json", ...more };
    return fetch(url, { method, body, headers, redirect: "manual", signal: within() });
  }

  // Whether it is settled: taken or refused. False means: stop, and try again later.
  async function settled(response, entry, taken, refused) {
    if (response.ok) {
      taken(await response.json());
    } else if ([403, 404, 409, 413, 422].includes(response.status)) {
      const answer = await response.json().catch(() => ({}));
      refused(answer.fields ?? { "": answer.message ?? String(response.status) });
    } else {
      return false;
    }
    await put(entry);
    await show();
    return true;
  }

  async function sendEntry(entry, token) {
    const body = new FormData();
    body.set("id", entry.id);
    for (const name of FIELDS) body.set(name, entry.fields[name]);
    return settled(await post(entriesUrl, body, token), entry,
      ({ short_code: code }) => Object.assign(entry, { state: "sent", code }),
      (faults) => Object.assign(entry, { state: "refused", faults }));
  }

  // From where the last try was cut off, piece by piece; then the entry gets it.
  async function sendPhoto(entry, token) {
    if (!entry.upload) await put(Object.assign(entry, toSend(entry.photo))); // kept by an older version of this page
    const url = `${uploadsUrl}/${entry.upload}`;
    let response = await fetch(url, { cache: "no-store", redirect: "manual", signal: within() });
    let offset = response.ok ? (await response.clone().json()).offset : entry.photo.size;
    while (offset < entry.photo.size) {
      tellShare(entry, offset / entry.photo.size);
      const piece = await entry.photo.slice(offset, offset + PIECE).arrayBuffer();
      response = await post(url, piece, token, "PATCH", { "Upload-Offset": offset, "Content-Type": "application/octet-stream" });
      if (!response.ok && response.status !== 409) break;
      ({ offset } = await response.clone().json()); // 409: it has more, or less, than we thought
    }
    if (response.ok) response = await attach(entry, token);
    if (response.status === 409) return false; // a part was forgotten meanwhile
    return settled(response, entry,
      () => Object.assign(entry, { photoState: "sent", photo: null }),
      (faults) => Object.assign(entry, { photoState: "refused", faults, photo: null }));
  }

  function attach(entry, token) {
    const body = new FormData();
    body.set("upload", entry.upload);
    body.set("size", entry.photo.size);
    return post(`${entriesUrl}/${entry.id}/photo`, body, token);
  }

  async function sendAll() {
    const pending = (await mine()).filter(isPending).reverse();
    if (!pending.length) return;
    const answer = await fetch(session, { cache: "no-store", signal: within() });
    if (!answer.ok) return;
    const visitor = await answer.json();
    document.getElementById("field-sign-in").hidden = visitor.account === account;
    if (visitor.account !== account) return;
    for (const entry of pending) {
      if (entry.state === "waiting" && !(await sendEntry(entry, visitor.csrf_token))) return;
    }
    for (const entry of pending) {
      if (entry.state === "sent" && entry.photoState === "waiting" && !(await sendPhoto(entry, visitor.csrf_token))) return;
    }
  }

  // One at a time, over all of the browser's tabs.
  async function send() {
    if (sending || !navigator.onLine) return;
    sending = true;
    queue.setAttribute("aria-busy", "true");
    try {
      await (navigator.locks ? navigator.locks.request("field-send", sendAll) : sendAll());
    } catch {
      // no network after all: the next try is near
    } finally {
      arrived.clear();
      sending = false;
      queue.setAttribute("aria-busy", "false");
    }
    await show();
  }

  // The list

  function state(entry) {
    if (entry.state === "refused") return ["danger", words.refused];
    if (entry.state === "waiting") return ["warning", words.waiting];
    if (entry.photoState === "waiting") return ["info", arrived.has(entry.id) ? sharing(entry) : words.photo];
    return ["success", words.sent];
  }

  const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" });
  const sharing = (entry) => `${words.sending} ${percent.format(arrived.get(entry.id))}`;

  function tellShare(entry, share) {
    arrived.set(entry.id, share);
    const badge = queue.querySelector(`[data-id="${entry.id}"] .status-badge`);
    if (badge) badge.textContent = sharing(entry);
  }

  function made(tag, className, text) {
    const element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    return element;
  }

  function button(text, act) {
    const element = made("button", "btn btn-sm", text);
    element.type = "button";
    element.addEventListener("click", act);
    return element;
  }

  const askToRemove = (entry) => { if (confirm(words.remove_sure)) remove(entry.id).then(show); };

  function item(entry) {
    const row = document.createElement("li");
    row.dataset.id = entry.id;
    row.dataset.state = entry.state;
    row.dataset.photo = entry.photoState;
    if (entry.thumb) {
      const picture = document.createElement("img");
      picture.src = entry.thumb;
      picture.alt = "";
      row.append(picture);
    }
    const [level, word] = state(entry);
    row.append(made("b", "", entry.fields.name), made("span", `status-badge status-${level}`, word), below(entry));
    if (entry.photoState === "refused") row.append(made("p", "queue-fault", `${words.photo_refused}: ${Object.values(entry.faults).join(" ")}`));
    else if (entry.state === "refused") row.append(made("p", "queue-fault", Object.values(entry.faults).join(" ")));
    return row;
  }

  function below(entry) {
    const line = made("p", "", `${new Date(entry.made).toLocaleString(document.documentElement.lang)} `);
    if (entry.state === "sent") {
      const link = made("a", "", `${entry.code} · ${words.page}`);
      link.href = publicUrl.replace("CODE", entry.code);
      line.append(link);
    } else {
      line.append(button(words.edit, () => correct(entry)), " ", button(words.remove, () => askToRemove(entry)));
    }
    return line;
  }

  async function show() {
    const everything = await all();
    const own = await mine();
    queue.replaceChildren(...own.map(item));
    const others = everything.some((entry) => entry.account !== account && isPending(entry));
    document.getElementById("field-other").hidden = !others;
    network.textContent = navigator.onLine ? network.dataset.online : network.dataset.offline;
    network.className = `status-badge status-${navigator.onLine ? "success" : "warning"}`;
  }

  async function tidy() {
    for (const entry of await mine()) if (entry.state === "sent" && !isPending(entry)) await remove(entry.id);
    await show();
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); keep(); });
  form.addEventListener("input", ({ target }) => target.setCustomValidity?.(""));
  document.getElementById("field-send").addEventListener("click", send);
  document.getElementById("field-tidy").addEventListener("click", tidy);
  for (const name of ["online", "offline"]) addEventListener(name, () => { show(); send(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
  setInterval(send, AGAIN);
  navigator.serviceWorker?.register(worker, { scope });
  opened.then(show).then(send, () => tell(words.no_store, "danger"));
})();
