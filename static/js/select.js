// Rows are ticked by [data-tick] boxes: Shift takes all between two clicks, x ticks the row at hand, [data-tick-all] the page.
// [data-ticked] says how many; what needs some is disabled while there are none.
(() => {
  const boxes = () => [...document.querySelectorAll("[data-tick]")];
  let last = null;
  const tell = () => {
    const all = boxes();
    const count = all.filter((box) => box.checked).length;
    document.querySelectorAll("[data-ticked]").forEach((one) => { one.textContent = count ? `${count} ticked` : one.dataset.ticked; });
    document.querySelectorAll("[data-needs-ticks]").forEach((one) => { one.disabled = !count; });
    document.querySelectorAll("[data-tick-all]").forEach((one) => {
      one.checked = count > 0 && count === all.length;
      one.indeterminate = count > 0 && count < all.length;
    });
  };
  const tick = (box, to, isRange) => {
    const all = boxes();
    const from = isRange && last && all.includes(last) ? all.indexOf(last) : all.indexOf(box);
    const at = all.indexOf(box);
    all.slice(Math.min(from, at), Math.max(from, at) + 1).forEach((one) => { one.checked = to; });
    last = box;
    tell();
  };
  document.addEventListener("click", (event) => {
    const box = event.target.closest?.("[data-tick]");
    if (box) tick(box, box.checked, event.shiftKey);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-tick-all]")) {
      boxes().forEach((box) => { box.checked = event.target.checked; });
      tell();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "x" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest?.("input:not([type=checkbox]), textarea, select") || document.querySelector("dialog[open]")) return;
    try { if (localStorage.getItem("keys") === "off") return; } catch { /* they are on */ }
    const box = document.activeElement?.closest?.("[data-item]")?.querySelector("[data-tick]");
    if (!box) return;
    event.preventDefault();
    tick(box, event.shiftKey ? true : !box.checked, event.shiftKey);
  });
  document.addEventListener("htmx:afterSettle", tell);
  tell();
})();
