// Single keys. [data-key="g r"] is pressed by its keys; [data-search] takes "/"; in a [data-list], j and k walk its
// [data-item]s, h and l its neighbours, m opens its [data-move-menu], i its numbers; Enter is the link's own.
(() => {
  let waiting = "";
  let timer = 0;
  const isOn = () => { try { return localStorage.getItem("keys") !== "off"; } catch { return true; } };
  const isTyping = (element) => element?.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  const isShown = (element) => element.getClientRects().length > 0;
  const lists = () => [...document.querySelectorAll("[data-list]")].filter(isShown);
  const items = (list) => [...list.querySelectorAll("[data-item]")].filter(isShown);
  const current = () => document.activeElement?.closest?.("[data-item]");
  const focus = (item) => {
    const link = item?.querySelector("[data-open]") || item?.querySelector("a[href]");
    link?.focus();
    item?.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  const walk = (step) => {
    const item = current();
    const list = item?.closest("[data-list]") || lists().find((one) => items(one).length);
    if (!list) return false;
    const all = items(list);
    focus(item ? all[Math.min(Math.max(all.indexOf(item) + step, 0), all.length - 1)] : all[0]);
    return true;
  };
  const cross = (step) => {
    const item = current();
    if (!item) return false;
    const filled = lists().filter((list) => items(list).length);
    const row = items(item.closest("[data-list]")).indexOf(item);
    const next = filled[filled.indexOf(item.closest("[data-list]")) + step];
    if (!next) return false;
    focus(items(next)[Math.min(row, items(next).length - 1)]);
    return true;
  };
  const act = {
    "?": () => { const help = document.getElementById("keys"); help?.showModal(); return Boolean(help); },
    "/": () => { const field = [...document.querySelectorAll("[data-search]")].find(isShown); field?.focus(); field?.select(); return Boolean(field); },
    j: () => walk(1),
    k: () => walk(-1),
    h: () => cross(-1),
    l: () => cross(1),
    i: () => {
      const reference = (current() || document.querySelector("[data-about]"))?.dataset.reference;
      if (reference) document.dispatchEvent(new CustomEvent("origin", { detail: reference }));
      return Boolean(reference);
    },
    m: () => {
      const menu = (current() || document.querySelector("[data-page-item]"))?.querySelector("[data-move-menu]");
      if (!menu) return false;
      menu.open = true;
      menu.querySelector(".sheet :is(button, a, select)")?.focus();
      return true;
    },
  };
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.target.form?.requestSubmit();
      return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]") || !isOn()) return;
    const menu = event.target.closest?.("[data-move-menu][open]");
    if (menu && (event.key === "ArrowDown" || event.key === "ArrowUp" || event.key === "j" || event.key === "k")) {
      const choices = [...menu.querySelectorAll(".sheet :is(button, a)")];
      const step = event.key === "ArrowDown" || event.key === "j" ? 1 : -1;
      choices[(choices.indexOf(document.activeElement) + step + choices.length) % choices.length]?.focus();
      event.preventDefault();
      return;
    }
    const keys = waiting ? `${waiting} ${event.key}` : event.key;
    const target = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === keys);
    clearTimeout(timer);
    waiting = "";
    if (target) {
      event.preventDefault();
      target.click();
    } else if (event.key === "g" && keys === "g") {
      waiting = "g";
      timer = setTimeout(() => { waiting = ""; }, 1200);
    } else if (act[keys]?.()) {
      event.preventDefault();
    }
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("[data-keys-on]")) return;
    try { localStorage.setItem("keys", event.target.checked ? "on" : "off"); } catch { /* it holds for this page */ }
  });
  document.querySelectorAll("[data-keys-on]").forEach((box) => { box.checked = isOn(); });
})();
