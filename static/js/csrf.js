// Every request of htmx carries the CSRF token from its cookie, so that no page needs to hold one for it.
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.cookie.match(/(?:^|; )pharos_csrf=([^;]+)/)?.[1];
  if (token) event.detail.headers["X-CSRFToken"] = token;
});
