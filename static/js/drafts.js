/* Forms that lose nothing: what is typed is kept on the server as one types, and "saved" is only
   said after its answer. A form says where with data-drafts, and with data-look what shows what
   would follow. Leaving warns only while something is not kept yet. */
(() => {
  "use strict";
  const PAUSE_MS = 600; /* after the last key … */
  const LONGEST_MS = 1500; /* … but while one goes on typing, not later than this */
  const RETRY_MS = [1000, 2000, 5000, 10000];

  const cookie = (name) =>
    document.cookie.split("; ").find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);

  /* Signing in in another window changes the token; the form goes with the one that is valid. */
  const freshToken = (form) => {
    const field = form.elements.csrfmiddlewaretoken;
    const now = cookie(form.dataset.csrfCookie);
    if (now) field.value = now;
    return field.value;
  };

  const post = (form, address, options = {}) =>
    fetch(address, {
      method: "POST",
      /* Sent whether or not somebody sits there: no activity (accounts/session_time.py). */
      headers: { "X-CSRFToken": freshToken(form), "MMN-Background": "1" },
      body: new URLSearchParams(new FormData(form)),
      ...options,
    });

  const keepTyping = (form) => {
    const state = document.querySelector("[data-draft-state]");
    const words = state.dataset;
    let typed = 0; /* counts changes … */
    let kept = 0; /* … and up to which the server has them */
    let since = 0;
    let timer = 0;
    let inFlight = false;
    let failures = 0;
    let leaving = false;

    const say = (text, kind = "") => {
      if (state.textContent !== text) state.textContent = text;
      state.dataset.kind = kind;
    };
    const schedule = (pause) => {
      clearTimeout(timer);
      timer = setTimeout(keep, pause);
    };
    const fail = (text) => {
      say(text, "failed");
      schedule(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
      failures += 1;
    };

    const keep = async () => {
      if (inFlight || leaving) return;
      inFlight = true;
      const sent = typed;
      try {
        const answer = await post(form, form.dataset.drafts);
        if (leaving) return;
        if (answer.status === 401) { fail(words.wordsSignedOut); return; }
        if (!answer.ok) { fail(words.wordsFailed); return; }
        const { saved_at: savedAt } = await answer.json();
        kept = sent;
        failures = 0;
        say(savedAt ? `${words.wordsSaved} ${savedAt}` : words.wordsDone, "saved");
        if (typed > sent) schedule(PAUSE_MS);
        else look();
      } catch {
        if (!leaving) fail(words.wordsFailed);
      } finally {
        inFlight = false;
      }
    };

    const changed = () => {
      if (typed === kept) since = Date.now();
      typed += 1;
      say(words.wordsSaving);
      const waited = Date.now() - since;
      schedule(Math.max(0, Math.min(PAUSE_MS, LONGEST_MS - waited)));
    };

    /* What would follow, once the typing rests; an answer to something older is dropped. */
    const look = async () => {
      if (!form.dataset.look || leaving) return;
      const asked = typed;
      try {
        const answer = await post(form, form.dataset.look);
        const text = await answer.text();
        if (!answer.ok || asked !== typed) return;
        place(new DOMParser().parseFromString(text, "text/html"));
      } catch { /* the page goes on without it */ }
    };
    const place = (found) => {
      for (const answer of form.querySelectorAll("input[type=hidden][name=confirmed]")) answer.remove();
      for (const part of found.querySelectorAll("[data-look-part]")) {
        const name = part.dataset.lookPart;
        const slot = name === "look"
          ? form.querySelector("[data-look-place]")
          : document.querySelector(`[data-ask-slot="${name}"]`);
        if (!slot || slot.innerHTML === part.innerHTML || slot.contains(document.activeElement)) continue;
        slot.replaceChildren(...part.childNodes);
      }
      offerChanges();
    };
    const offerChanges = () => {
      for (const button of document.querySelectorAll("button[data-change]")) button.hidden = false;
    };

    const mine = (target) => target.form === form && target.name && target.type !== "submit";
    document.addEventListener("input", (event) => {
      if (event.target === form || mine(event.target)) changed();
    });
    document.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-change]");
      if (!button) return;
      const field = form.elements[button.dataset.change];
      field.value = button.dataset.value;
      field.focus();
      changed();
    });
    form.addEventListener("submit", () => { setTimeout(() => { leaving = form.dataset.sent === "1"; }); });
    window.addEventListener("pageshow", (event) => { if (event.persisted) leaving = false; });
    window.addEventListener("beforeunload", (event) => {
      if (typed > kept && !leaving) event.preventDefault();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden" && typed > kept && !leaving) {
        post(form, form.dataset.drafts, { keepalive: true }).catch(() => {});
      }
    });
    for (const aid of document.querySelectorAll("[data-shows]")) aid.hidden = false;
    offerChanges();
    look();
  };

  /* One form is sent once; the key in it would see to that anyway. */
  const sendOnce = (form) => {
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      if (form.dataset.sent === "1") { event.preventDefault(); return; }
      freshToken(form);
      form.dataset.sent = "1";
    });
    window.addEventListener("pageshow", () => { delete form.dataset.sent; });
  };

  for (const form of document.querySelectorAll("form[data-csrf-cookie]")) sendOnce(form);
  for (const form of document.querySelectorAll("form[data-drafts]")) keepTyping(form);

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "s") return;
    const save = document.querySelector("[data-save]");
    if (!save) return;
    event.preventDefault();
    if (!document.querySelector("dialog[open]")) save.form.requestSubmit(save);
  });

  const first = document.querySelector("[data-first]")
    ?? document.querySelector("[aria-invalid=true]") ?? document.querySelector(".ask input");
  first?.focus();
})();
