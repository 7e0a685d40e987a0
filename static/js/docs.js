// Swagger UI, from this machine.
(() => {
  const place = document.getElementById("swagger");
  window.SwaggerUIBundle({
    url: place.dataset.url,
    domNode: place,
    deepLinking: true,
    validatorUrl: null,
    defaultModelsExpandDepth: 0,
    persistAuthorization: false,
  });
})();
