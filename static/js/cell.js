// A value is changed in its cell: a double click, or Enter on its link, opens the editor; Escape in it leaves by its [data-leave].
(() => {
  let back = null;
  document.addEventListener("dblclick", (event) => {
    const link = event.target.closest?.("td, th")?.querySelector(".cell-edit");
    if (!link || event.target.closest("form, a.title")) return;
    getSelection()?.removeAllRanges();
    link.click();
  });
  document.addEventListener("keydown", (event) => {
    const form = event.key === "Escape" && event.target.closest?.(".cell-form");
    if (!form) return;
    event.preventDefault();
    form.querySelector("[data-leave]").click();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const form = event.detail.target?.matches?.(".cell-form") && event.detail.target;
    back = form ? form.getAttribute("action") : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (back) document.querySelector(`.cell-edit[hx-get="${back}"]`)?.focus();
    back = null;
  });
})();
