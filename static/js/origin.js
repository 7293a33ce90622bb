// a[href*="/numbers/"]: a number's link opens where it comes from over the page; "i" does so for the row that one is on.
// A link in [data-supposed] takes its weights along. Without this script the links lead to pages of their own.
(() => {
  const dialog = document.getElementById("origin");
  if (!dialog) return;
  const body = dialog.querySelector("[data-put]");
  const show = async (url) => {
    await htmx.ajax("GET", url, { target: body });
    if (!dialog.open && body.childElementCount) dialog.showModal();
    body.scrollTop = 0;
    dialog.querySelector("[data-close]").focus();
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href*="/numbers/"]');
    if (!link || link.closest("nav") || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const supposed = link.closest("[data-supposed]")?.dataset.supposed;
    show(supposed ? `${link.pathname}?${supposed}` : link.href);
  });
  document.addEventListener("origin", (event) => { show(`/use-cases/${event.detail}/numbers/`); });
})();
