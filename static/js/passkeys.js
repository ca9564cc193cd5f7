/* Passkeys: a button in a form with data-passkey asks the browser for one and sends the form.
   "create" and "get" find what to ask in the page's JSON, "sign-in" asks the form's address. */
(() => {
  "use strict";
  const json = window.webauthnJSON;

  const options = async (form) => {
    if (form.dataset.passkey === "sign-in") {
      const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(`No passkey was asked for: ${answer.status}`);
      return (await answer.json()).request_options;
    }
    const data = JSON.parse(document.getElementById("js_data").textContent);
    return data.creation_options ?? data.request_options;
  };

  const wanted = (form, asked) => {
    const alone = form.querySelector("[name=passwordless]");
    if (form.dataset.passkey !== "create" || !alone) return asked;
    const selection = asked.publicKey.authenticatorSelection;
    selection.residentKey = alone.checked ? "required" : "discouraged";
    selection.requireResidentKey = alone.checked;
    if (alone.checked) selection.userVerification = "required";
    return asked;
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const button = form.querySelector("[data-passkey-button]");
    const problem = form.querySelector("[data-passkey-problem]");
    if (!json?.supported()) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      problem.hidden = true;
      button.disabled = true;
      try {
        const asked = wanted(form, await options(form));
        const made = await (form.dataset.passkey === "create" ? json.create(asked) : json.get(asked));
        form.elements.credential.value = JSON.stringify(made);
        form.submit();
      } catch {
        problem.hidden = false; // given up, timed out, or of another site: the browser does not say
        button.disabled = false;
      }
    });
  }
})();
