// form[data-draft="key"]: what is typed is kept in this browser as it is typed, and offered again after a reload or a lost
// session; with data-draft-url it is also posted there. [data-draft-version] tells an older draft from the row's present state.
// [data-draft-state] inside the form says what happened.
(() => {
  const timers = new WeakMap();
  const place = (form) => `draft:${document.body.dataset.person || ""}:${form.dataset.draft}`;
  const read = (form) => { try { return JSON.parse(localStorage.getItem(place(form))); } catch { return null; } };
  const write = (form, draft) => { try { localStorage.setItem(place(form), JSON.stringify(draft)); return true; } catch { return false; } };
  const forget = (form) => { try { localStorage.removeItem(place(form)); } catch { /* nothing was kept */ } };
  const fields = (form) => [...form.elements].filter((one) => one.name && !one.disabled && !["hidden", "password", "file", "submit", "button"].includes(one.type));
  const values = (form) => fields(form).map((one) => [one.name, one.value, one.type === "checkbox" || one.type === "radio" ? one.checked : null]);
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
  const send = async (form) => {
    const token = document.cookie.match(/(?:^|; )pharos_csrf=([^;]+)/)?.[1] || "";
    try {
      const answer = await fetch(form.dataset.draftUrl, { method: "POST", body: new FormData(form), headers: { "X-CSRFToken": token } });
      say(form, answer.ok ? "Draft saved" : "Draft kept in this browser");
    } catch { say(form, "Draft kept in this browser"); }
  };
  const start = (form) => {
    if (form.dataset.draftReady !== undefined) return;
    form.dataset.draftReady = "";
    const draft = read(form);
    if (!draft) return;
    const isRefused = form.querySelector("[data-error]");
    if (draft.sent && !isRefused) { forget(form); return; }
    if (isRefused || JSON.stringify(draft.values) === JSON.stringify(values(form))) return;
    const before = values(form);
    const restore = () => {
      fill(form, draft.values);
      say(form, "Your draft is back. ", link("Discard it", () => { fill(form, before); forget(form); say(form, "Draft discarded"); }));
      form.dispatchEvent(new CustomEvent("input", { bubbles: true }));
    };
    if ((draft.version || "") === (form.dataset.draftVersion || "")) restore();
    else say(form, "You began a draft before this was changed. ", link("Bring it back", restore), link("Forget it", () => { forget(form); say(form); }));
  };
  const startAll = () => document.querySelectorAll("form[data-draft]").forEach(start);
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (!form || !event.target.name) return;
    const isKept = write(form, { values: values(form), version: form.dataset.draftVersion || "" });
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
    write(form, { values: values(form), version: form.dataset.draftVersion || "", sent: true });
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;  // a button inside that only looks something up saves nothing
    if (!form?.matches?.("form[data-draft]") || event.detail.requestConfig?.verb === "get") return;
    if (event.detail.successful) forget(form);
    else write(form, { values: values(form), version: form.dataset.draftVersion || "" });
  });
  document.addEventListener("htmx:afterSettle", startAll);
  startAll();
})();
