// [data-poll]: an element that htmx refreshes by itself (hx-trigger="every 2s, seen"). It rests while the page is hidden,
// refreshes when it is seen again, never swaps away what is being typed or an open menu, and keeps the focus in its place.
(() => {
  const isBusy = (target) => {
    const active = document.activeElement;
    const isTyping = active?.matches?.("input:not([type=checkbox], [type=radio]), textarea, select") && target.contains(active);
    const isChanged = (field) => (field.matches("select")
      ? [...field.options].some((option) => option.defaultSelected) && !field.selectedOptions[0]?.defaultSelected
      : field.value !== field.defaultValue || field.checked !== field.defaultChecked);
    return isTyping || [...target.querySelectorAll("input:not([type=hidden], [type=search]), textarea, select")].some(isChanged) || target.querySelector("details[open]:not([data-stays]), dialog[open], [data-dragged]");
  };
  let kept = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && event.target.matches?.("[data-poll]")) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, requestConfig, shouldSwap } = event.detail;
    if (!shouldSwap || !target) return;
    if (requestConfig?.elt?.matches?.("[data-poll]") && isBusy(target)) event.detail.shouldSwap = false;
    const item = target.contains(document.activeElement) && document.activeElement.closest("[data-reference]");
    kept = item ? item.dataset.reference : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!kept || (document.activeElement && document.activeElement !== document.body)) return;
    const item = document.querySelector(`[data-item][data-reference="${CSS.escape(kept)}"]`);
    (item?.querySelector("[data-open]") || item?.querySelector("a[href]"))?.focus();
    kept = null;
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && window.htmx) document.querySelectorAll("[data-poll]").forEach((one) => htmx.trigger(one, "seen"));
  });
})();
