// Rows are ticked by [data-tick] boxes: Shift takes all between two clicks, x ticks the row at hand, [data-tick-all] the page. What is ticked in
// a form[data-ticks="key"] is kept while one turns the page, and all of it is sent; [data-ticked] says how many, [data-untick] lets go of them, what
// [data-needs-ticks] is disabled while there are none, or not as many as it says ("2 3": two or three). They are forgotten when what a form[data-ticks-sending] sends comes to a [data-ticks-sent].
(() => {
  const MOST_IN_ADDRESS = 40; // more of them are posted: an address has an end
  const bar = () => document.querySelector("form[data-ticks]");
  const sending = document.querySelector("form[data-ticks-sending]");
  const sent = document.querySelector("[data-ticks-sent]");
  const key = () => bar()?.dataset.ticks || sending?.dataset.ticksSending || sent?.dataset.ticksSent;
  const place = (what) => `${what}:${document.body.dataset.person || ""}:${key()}`;
  const read = (what) => { try { return JSON.parse(sessionStorage.getItem(place(what))) || []; } catch { return []; } };
  const write = (what, value) => {
    try {
      if (value.length) sessionStorage.setItem(place(what), JSON.stringify(value));
      else sessionStorage.removeItem(place(what));
    } catch { /* they hold as long as the page */ }
  };
  if (sent && read("ticks-sent").length) write("ticks", []);
  write("ticks-sent", []);
  sending?.addEventListener("submit", () => write("ticks-sent", ["sent"]));
  if (sending || sent) return;

  const boxes = () => [...document.querySelectorAll("[data-tick]")];
  let ticked = new Set(read("ticks"));
  let last = null;
  const tell = () => {
    const all = boxes();
    const here = all.filter((box) => box.checked).length;
    const away = ticked.size - here;
    const words = `${ticked.size} ticked${away ? `, ${here ? `${away} of them` : "all of them"} on other pages` : ""}`;
    document.querySelectorAll("[data-ticked]").forEach((one) => { one.textContent = ticked.size ? words : one.dataset.ticked; });
    document.querySelectorAll("[data-needs-ticks]").forEach((one) => {
      const [least = 1, most = Infinity] = one.dataset.needsTicks.split(" ").filter(Boolean).map(Number);
      one.disabled = ticked.size < least || ticked.size > most;
    });
    document.querySelectorAll("[data-tick-all]").forEach((one) => {
      one.checked = here > 0 && here === all.length;
      one.indeterminate = here > 0 && here < all.length;
    });
  };
  const show = () => {
    boxes().forEach((box) => { box.checked = ticked.has(box.value); });
    tell();
  };
  const keep = (some, to) => {
    some.forEach((box) => {
      box.checked = to;
      if (to) ticked.add(box.value);
      else ticked.delete(box.value);
    });
    write("ticks", [...ticked]);
    tell();
  };
  const tick = (box, to, isRange) => {
    const all = boxes();
    const at = all.indexOf(box);
    const from = isRange && last && all.includes(last) ? all.indexOf(last) : at;
    last = box;
    keep(all.slice(Math.min(from, at), Math.max(from, at) + 1), to);
  };
  const field = (one, name, value) => {
    const found = one.querySelector(`input[type=hidden][data-added="${name}"]`);
    const input = found || document.createElement("input");
    Object.assign(input, { type: "hidden", name, value, disabled: value === "" });
    input.dataset.added = name;
    if (!found) one.append(input);
  };
  document.addEventListener("click", (event) => {
    const box = event.target.closest?.("[data-tick]");
    if (box) tick(box, box.checked, event.shiftKey);
    if (!event.target.closest?.("[data-untick]")) return;
    ticked = new Set();
    write("ticks", []);
    show();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-tick-all]")) keep(boxes(), event.target.checked);
  });
  document.addEventListener("submit", (event) => {
    const one = event.target;
    if (one !== bar()) return;
    const isPosted = event.submitter?.name !== "all" && ticked.size > MOST_IN_ADDRESS;
    const token = document.cookie.match(/(?:^|; )pharos_csrf=([^;]+)/)?.[1] || "";
    one.method = isPosted ? "post" : "get";
    field(one, "reference", event.submitter?.name === "all" ? "" : [...ticked].join(","));
    field(one, "choosing", isPosted ? "1" : "");
    field(one, "csrfmiddlewaretoken", isPosted ? token : "");
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
  document.addEventListener("htmx:afterSettle", () => {
    if (!ticked.size) ticked = new Set(read("ticks")); // the first rows may have come just now
    show();
  });
  window.addEventListener("pageshow", () => {
    ticked = new Set(read("ticks"));
    show();
  });
  show();
})();
