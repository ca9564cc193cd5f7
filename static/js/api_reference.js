/* Draws the reference of the REST interface from its schema. */
const place = document.getElementById("reference");

window.SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
  // Requests from this page carry the session's cookie: nothing to type, nothing to store.
  persistAuthorization: false,
  validatorUrl: null,
});
