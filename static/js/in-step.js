// [data-in-step]: whatever in it carries the same data-reference lights up together. A click on a row or a bubble
// chooses it in both; Enter or a second click on a bubble opens it. Arrow keys walk the bubbles of a [data-roving].
(() => {
  const frame = (element) => element?.closest?.("[data-in-step]");
  const same = (element) => {
    const one = element?.closest?.("[data-reference]");
    return one && frame(one) ? [...frame(one).querySelectorAll(`[data-reference="${CSS.escape(one.dataset.reference)}"]`)] : [];
  };
  const light = (element) => {
    document.querySelectorAll("[data-in-step] [data-active]").forEach((one) => { delete one.dataset.active; });
    same(element).forEach((one) => { one.dataset.active = ""; });
  };
  const choose = (element) => {
    const chosen = same(element);
    if (!chosen.length) return;
    const isChosen = chosen[0].hasAttribute("aria-current");
    frame(chosen[0]).querySelectorAll("[data-reference][aria-current]").forEach((one) => one.removeAttribute("aria-current"));
    if (isChosen) return;
    chosen.forEach((one) => {
      one.setAttribute("aria-current", "true");
      if (one.matches("tr, li") && !one.contains(element)) one.scrollIntoView({ block: "nearest" });
    });
  };
  let kept = null;
  document.addEventListener("htmx:beforeSwap", () => {
    kept = document.querySelector("[data-in-step] [data-reference][aria-current]")?.dataset.reference || null;
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (!kept || document.querySelector("[data-in-step] [data-reference][aria-current]")) return;
    document.querySelectorAll(`[data-in-step] [data-reference="${CSS.escape(kept)}"]`).forEach((one) => one.setAttribute("aria-current", "true"));
  });
  document.addEventListener("pointerover", (event) => { if (frame(event.target)) light(event.target); });
  document.addEventListener("pointerout", (event) => { if (frame(event.target) && !frame(event.relatedTarget)) light(null); });
  document.addEventListener("focusin", (event) => light(event.target));
  document.addEventListener("click", (event) => {
    if (!frame(event.target) || event.ctrlKey || event.metaKey || event.shiftKey || event.detail === 0) return;
    const bubble = event.target.closest("a.bubble");
    if (bubble) {
      if (bubble.hasAttribute("aria-current")) return;
      event.preventDefault();
      choose(bubble);
    } else if (!event.target.closest("a, button, input, select, label, summary")) {
      choose(event.target);
    }
  });
  document.addEventListener("keydown", (event) => {
    const bubble = event.target.closest?.("[data-roving] a.bubble");
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!bubble || !step) return;
    const all = [...bubble.closest("[data-roving]").querySelectorAll("a.bubble")].sort((a, b) => a.dataset.order - b.dataset.order);
    const next = all[(all.indexOf(bubble) + step + all.length) % all.length];
    bubble.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
    event.preventDefault();
  });
})();
