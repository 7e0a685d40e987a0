// The menu, the theme's buttons, dialogs, copying, and whether there is a connection.
(() => {
  const markTheme = () => {
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === window.gerbangTheme.choice()));
    }
  };

  function toggleMenu(button) {
    const open = button.closest(".side").classList.toggle("is-open");
    button.setAttribute("aria-expanded", String(open));
  }

  // Browsers give navigator.clipboard to https and localhost alone; in between there is the old way.
  async function written(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }

  async function copy(button) {
    await written(button.dataset.copy);
    const label = button.querySelector("span");
    const before = label.textContent;
    label.textContent = button.dataset.copied;
    setTimeout(() => { label.textContent = before; }, 2000);
  }

  function reveal(button) {
    const field = document.getElementById(button.dataset.reveal);
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  }

  const doing = {
    "[data-reveal]": reveal,
    "[data-print-page]": () => print(),
    "[data-theme-choice]": (button) => { window.gerbangTheme.choose(button.dataset.themeChoice); markTheme(); },
    "[data-menu]": toggleMenu,
    "[data-copy]": copy,
    "[data-dialog]": (button) => document.getElementById(button.dataset.dialog).showModal(),
    "[data-dialog-close]": (button) => button.closest("dialog").close(),
  };

  document.addEventListener("click", (event) => {
    for (const [selector, act] of Object.entries(doing)) {
      const button = event.target.closest(selector);
      if (button) act(button);
    }
    for (const popover of document.querySelectorAll("[data-menu-popover][open]")) {
      if (!popover.contains(event.target)) popover.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    const popover = document.querySelector("[data-menu-popover][open]");
    if (event.key !== "Escape" || !popover) return;
    popover.open = false;
    popover.querySelector("summary").focus();
  });

  // The menu is longer than most screens: where we are is in sight.
  function showCurrent() {
    const current = document.querySelector(".side-list [aria-current]");
    const menu = current?.closest("nav");
    if (menu) menu.scrollTop = current.getBoundingClientRect().bottom - menu.getBoundingClientRect().bottom + 48;
  }

  const showConnection = () => { document.getElementById("offline").hidden = navigator.onLine; };
  addEventListener("online", showConnection);
  addEventListener("offline", showConnection);
  showConnection();
  markTheme();
  showCurrent();
})();
