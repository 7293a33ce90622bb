// form[data-draft]: what is typed is kept in this browser as it is typed, and put back after a reload, a lost session or a lost
// network, until the server's answer says that it took it: it names each in the cookie pharos_taken. A draft belongs to a person
// and to the address that the form is sent to, or data-draft where that tells too little. Nothing hidden is kept. Where the server
// holds a newer version than the draft was begun upon (the hidden field seen, and data-draft-version) it is only offered; brought
// back, it is sent with the version that it was begun upon, so that who sends it sees both. With data-draft-url it is posted there.
(() => {
  const TAKEN = "pharos_taken";
  const UNTYPED = ["hidden", "password", "file", "submit", "button", "reset", "image"];
  const timers = new WeakMap();
  const begun = new WeakMap();
  const where = (form) => form.dataset.draft || new URL(form.getAttribute("action") || "", window.location.href).pathname;
  const place = (form) => `draft:${document.body.dataset.person || ""}:${where(form)}`;
  const read = (form) => { try { return JSON.parse(localStorage.getItem(place(form))); } catch { return null; } };
  const write = (form, draft) => { try { localStorage.setItem(place(form), JSON.stringify(draft)); return true; } catch { return false; } };
  const forget = (form) => { try { localStorage.removeItem(place(form)); } catch { /* nothing was kept */ } };
  const fields = (form) => [...form.elements].filter((one) => one.name && !one.disabled && !UNTYPED.includes(one.type));
  const values = (form) => fields(form).map((one) => [one.name, one.value, one.type === "checkbox" || one.type === "radio" ? one.checked : null]);
  const seen = (form) => [...form.elements].filter((one) => one.type === "hidden" && /(^|-)seen(-|$)/.test(one.name));
  const version = (form) => [form.dataset.draftVersion || "", ...seen(form).map((one) => one.value)].join("|");
  const typed = (form) => ({ values: values(form), version: begun.get(form) ?? version(form) });
  const holds = (form, kept) => {
    const here = new Set(values(form).map((one) => JSON.stringify(one)));
    return kept.every((one) => here.has(JSON.stringify(one)));
  };
  const say = (form, ...parts) => form.querySelector("[data-draft-state]")?.replaceChildren(...parts);
  const link = (words, action) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.kind = "link";
    button.textContent = words;
    button.addEventListener("click", action);
    return button;
  };
  const fill = (form, kept) => {
    const waiting = [...kept];
    fields(form).forEach((one) => {
      const isTick = one.type === "checkbox" || one.type === "radio";
      const at = waiting.findIndex(([name, value]) => name === one.name && (!isTick || value === one.value));
      if (at < 0) return;
      const [[, value, checked]] = waiting.splice(at, 1);
      if (isTick) one.checked = checked;
      else one.value = value;
    });
  };
  const begin = (form, at) => {
    begun.set(form, at);
    const versions = at.split("|").slice(1);
    const held = seen(form);
    if (versions.length === held.length) held.forEach((one, row) => { one.value = versions[row]; });
  };
  const send = async (form) => {
    const token = document.cookie.match(/(?:^|; )pharos_csrf=([^;]+)/)?.[1] || "";
    try {
      const answer = await fetch(form.dataset.draftUrl, { method: "POST", body: new FormData(form), headers: { "X-CSRFToken": token } });
      say(form, answer.ok ? "Draft saved" : "Draft kept in this browser");
    } catch { say(form, "Draft kept in this browser"); }
  };
  const open = (form) => {
    for (let around = form.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
  };
  const putStatePlace = (form) => {
    if (form.querySelector("[data-draft-state]")) return;
    const state = document.createElement("span");
    state.className = "draft-state";
    state.dataset.draftState = "";
    state.setAttribute("role", "status");
    ([...form.querySelectorAll(".buttons")].pop() || form).append(state);
  };
  const start = (form) => {
    if (form.dataset.draftReady !== undefined) return;
    form.dataset.draftReady = "";
    putStatePlace(form);
    const draft = read(form);
    if (!draft || form.querySelector("[data-error]") || holds(form, draft.values)) return;
    const now = version(form);
    const before = values(form);
    const discard = () => { fill(form, before); begin(form, now); begun.delete(form); forget(form); say(form, "Draft discarded"); };
    const restore = () => {
      fill(form, draft.values);
      if (draft.version !== now) begin(form, draft.version);
      say(form, "Your draft is back. ", link("Discard it", discard));
      form.dispatchEvent(new CustomEvent("input", { bubbles: true }));
    };
    open(form);
    if ((draft.version || "") === now) restore();
    else say(form, "You began a draft when this stood otherwise. ", link("Bring it back", restore), link("Forget it", () => { forget(form); say(form); }));
  };
  const startAll = () => document.querySelectorAll("form[data-draft]").forEach(start);
  const dropTaken = () => {
    const taken = document.cookie.match(/(?:^|; )pharos_taken=([^;]+)/)?.[1];
    if (!taken) return;
    const names = taken.split(".");
    try {
      Object.keys(localStorage).filter((key) => key.startsWith("draft:")).forEach((key) => {
        if (names.includes(JSON.parse(localStorage.getItem(key))?.sent)) localStorage.removeItem(key);
      });
    } catch { /* nothing was kept */ }
    document.cookie = `${TAKEN}=; path=/; max-age=0`;
  };
  const mark = (form, sent) => {
    const field = form.querySelector('input[name="draft"][type="hidden"]') || document.createElement("input");
    Object.assign(field, { type: "hidden", name: "draft", value: sent });
    form.append(field);
  };
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (!form || event.target === form || !event.target.name) return;
    const isKept = write(form, typed(form));
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => {
      if (form.dataset.draftUrl) send(form);
      else say(form, isKept ? "Draft kept in this browser" : "This browser keeps no drafts: save soon");
    }, 400));
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches?.("form[data-draft]")) return;
    clearTimeout(timers.get(form));
    const sent = [...crypto.getRandomValues(new Uint32Array(4))].map((one) => one.toString(36)).join("-");
    mark(form, sent);
    write(form, { ...typed(form), sent });
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt: form, verb } = event.detail.requestConfig || {};  // a form that was swapped away is known by this alone
    if (!form?.matches?.("form[data-draft]") || verb === "get") return;  // a button inside that looks something up saves nothing
    if (event.detail.xhr.status > 0 && event.detail.xhr.status < 400) forget(form);
  });
  document.addEventListener("kept", (event) => { if (event.target.matches?.("form[data-draft]")) forget(event.target); });  // said by rate.js
  document.addEventListener("htmx:afterSettle", startAll);
  dropTaken();
  startAll();
})();
