// Fields of a place: "where I am" fills them from the device; and how far a photo has been sent.
(() => {
  function locate(button) {
    const form = button.closest("form");
    const said = form.querySelector("[data-locate-said]");
    said.textContent = button.dataset.locating;
    const found = ({ coords }) => {
      for (const [name, degrees] of [["latitude", coords.latitude], ["longitude", coords.longitude]]) {
        const input = form.querySelector(`[name=${name}]`);
        input.value = degrees.toFixed(6);
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
      said.textContent = button.dataset.found.replace("{metres}", Math.round(coords.accuracy));
    };
    const failed = () => { said.textContent = button.dataset.failed; };
    if (!navigator.geolocation) return failed();
    return navigator.geolocation.getCurrentPosition(found, failed, { enableHighAccuracy: true, timeout: 30000, maximumAge: 10000 });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-locate]");
    if (button) locate(button);
  });

  document.addEventListener("htmx:xhr:progress", (event) => {
    const bar = event.target.querySelector?.("[data-upload]");
    const photo = event.target.querySelector?.("[type=file]")?.files.length;
    if (!bar || !photo || !event.detail.lengthComputable) return;
    bar.hidden = false;
    bar.value = (event.detail.loaded / event.detail.total) * 100;
  });
})();
