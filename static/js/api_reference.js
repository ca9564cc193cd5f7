/* Draws the reference of the REST interface from its schema, light or dark as the reader has it. */
const place = document.getElementById("reference");
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);

follow();
dark.addEventListener("change", follow);
window.SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
  syntaxHighlight: { theme: "obsidian" }, // the one whose numbers stand out from their ground
  // Requests from this page carry the session's cookie: nothing to type, nothing to store.
  persistAuthorization: false,
  validatorUrl: null,
});
