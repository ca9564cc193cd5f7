/* Warns two minutes before a session ends. The server alone knows when that is: it is asked in the
   background, which is no activity, a minute after the page came and then when it may be time. */
(() => {
  "use strict";
  const dialog = document.getElementById("session-ending");
  if (!dialog || !dialog.showModal) return;

  const FIRST_CHECK_SECONDS = 60;
  const { address, signIn, background, warningSeconds } = dialog.dataset;
  const warning = Number(warningSeconds);
  const left = dialog.querySelector("output");
  const stay = dialog.querySelector("[data-stay]");
  let endsAt = 0;
  let timer = 0;
  let spoken = "";

  const after = (seconds, act) => {
    clearTimeout(timer);
    timer = setTimeout(act, Math.max(1, seconds) * 1000);
  };
  const here = () => location.pathname + location.search;
  const leave = () => location.assign(`${signIn}?next=${encodeURIComponent(here())}`);

  const ask = async (options) => {
    const answer = await fetch(address, { ...options, headers: { ...options?.headers, [background]: "1" } });
    if (!answer.ok) throw new Error(`The session was not told: ${answer.status}`);
    return answer.json();
  };

  const follow = (session) => {
    endsAt = Date.now() + session.seconds_left * 1000;
    if (session.seconds_left <= 0) return leave();
    if (session.seconds_left > warning) {
      if (dialog.open) dialog.close();
      return after(session.seconds_left - warning, check);
    }
    stay.hidden = !session.can_be_extended;
    for (const part of dialog.querySelectorAll("[data-when]")) {
      part.hidden = (part.dataset.when === "idle") !== session.can_be_extended;
    }
    if (!dialog.open) dialog.showModal();
    tick();
  };

  const check = async () => {
    try {
      follow(await ask());
    } catch {
      after(FIRST_CHECK_SECONDS, check); // the network is away; perhaps not for long
    }
  };

  /* Told in steps: a screen reader that reads every second cannot be listened to. */
  const tick = () => {
    const seconds = Math.ceil((endsAt - Date.now()) / 1000);
    if (seconds <= 0) return check();
    const minutes = Math.ceil(seconds / 60);
    const words = seconds > 30 ? left.dataset[minutes === 1 ? "minute" : "minutes"].replace("{n}", minutes) : left.dataset.soon;
    if (words !== spoken) left.textContent = spoken = words;
    after(1, tick);
  };

  stay.addEventListener("click", async () => {
    const token = dialog.querySelector("[name=csrfmiddlewaretoken]").value;
    try {
      follow(await ask({ method: "POST", headers: { "X-CSRFToken": token } }));
    } catch {
      left.textContent = spoken = left.dataset.failed;
    }
  });
  dialog.addEventListener("cancel", () => after(1, check));
  after(FIRST_CHECK_SECONDS, check);
})();
