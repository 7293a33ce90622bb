// [data-poll]: an element that htmx refreshes by itself (hx-trigger="every 2s, seen"). It rests while the page is hidden,
// refreshes when it is seen again, never swaps away what is being typed or an open menu, and keeps the focus in its place.
(() => {
  const isBusy = (target) => {
    const active = document.activeElement;
    const isTyping = active?.matches?.("input:not([type=checkbox], [type=radio]), textarea, select") && target.contains(active);
    const isChanged = (field) => (field.matches("select")
      ? [...field.options].some((option) => option.defaultSelected) && !field.selectedOptions[0]?.defaultSelected
      : field.matches("[type=checkbox], [type=radio]") ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
    return isTyping || [...target.querySelectorAll("input:not([type=hidden], [type=search], [data-tick], [data-tick-all]), textarea, select")].some(isChanged) || target.querySelector("details[open]:not([data-stays]), dialog[open], [data-dragged]");
  };
  const able = (target) => [...target.querySelectorAll("a[href], button, summary, input, select, textarea")];
  let kept = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && event.target.matches?.("[data-poll]")) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, requestConfig, shouldSwap } = event.detail;
    if (!shouldSwap || !target) return;
    if (requestConfig?.elt?.matches?.("[data-poll]") && isBusy(target)) event.detail.shouldSwap = false;
    const active = document.activeElement;
    kept = null;
    if (!target.contains(active) || active.id) return;
    const reference = active.closest("[data-item]")?.dataset.reference;
    kept = { id: target.id, reference, isTick: active.matches("[data-tick]"), at: able(target).indexOf(active), words: active.textContent };
  });
  document.addEventListener("htmx:afterSettle", () => {
    const { id, reference, isTick, at, words } = kept || {};
    kept = null;
    // The frame gives other behaviours time to dress what came in.
    if (id) requestAnimationFrame(() => {
      if (document.activeElement && document.activeElement !== document.body) return;
      const target = document.getElementById(id);
      const item = reference && target?.querySelector(`[data-item][data-reference="${CSS.escape(reference)}"]`);
      const same = target && able(target)[at];
      if (item) ((isTick && item.querySelector("[data-tick]")) || item.querySelector("[data-open]") || item.querySelector("a[href]"))?.focus();
      else if (same?.textContent === words) same.focus();
    });
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && window.htmx) document.querySelectorAll("[data-poll]").forEach((one) => htmx.trigger(one, "seen"));
  });
})();
