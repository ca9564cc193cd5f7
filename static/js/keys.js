/* Shortcuts: an element says its own keys with data-key ("/", "g p"); a field is focused, anything
   else is clicked. Off inside fields, and can be switched off for this device (WCAG 2.1.4). */
(() => {
  "use strict";
  const STORE = "keys-off";
  const SEQUENCE_MS = 1200;
  let pending = "";
  let pendingSince = 0;

  const switchedOff = () => {
    try { return localStorage.getItem(STORE) === "1"; } catch { return false; }
  };
  const remember = (off) => {
    try { localStorage.setItem(STORE, off ? "1" : "0"); } catch { /* private window: on until left */ }
  };
  const typing = (target) =>
    target.closest("input, textarea, select, [contenteditable], [data-own-keys]") !== null;

  const withKeys = (fits) =>
    [...document.querySelectorAll("[data-key]")].find((element) => fits(element.dataset.key));

  const act = (element) => {
    if (element.matches("input, textarea, select")) {
      element.focus();
      element.select?.();
    } else {
      element.click();
    }
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (switchedOff() || typing(event.target) || document.querySelector(":popover-open")) return;
    const fresh = Date.now() - pendingSince < SEQUENCE_MS;
    const found = (fresh && pending && withKeys((keys) => keys === `${pending} ${event.key}`))
      || withKeys((keys) => keys === event.key);
    pending = "";
    if (found) {
      event.preventDefault();
      act(found);
    } else if (withKeys((keys) => keys.startsWith(`${event.key} `))) {
      pending = event.key;
      pendingSince = Date.now();
    }
  });

  /* a click beside an open menu closes it */
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = event.target.closest?.("details.menu[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });

  for (const opener of document.querySelectorAll("button[data-key][hidden]")) opener.hidden = false;
  const onOff = document.getElementById("keys-on");
  if (onOff) {
    onOff.checked = !switchedOff();
    onOff.addEventListener("change", () => remember(!onOff.checked));
  }
})();
