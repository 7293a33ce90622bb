// dialog.palette: Ctrl K (or the Mac's key) opens it anywhere. Arrows walk from the field through what was found, Enter in the
// field opens the first of it; the form's own way leads to the page of the search.
(() => {
  const palette = document.getElementById("palette");
  if (!palette) return;
  const field = palette.querySelector("input[type=search]");
  const form = field.form;
  const links = () => [...palette.querySelectorAll("[data-palette-found] a")];
  let isFresh = false;
  const open = () => {
    if (!palette.open) palette.showModal();
    field.select();
    field.focus();
    if (!palette.querySelector("[data-palette-found]").childElementCount) form.dispatchEvent(new Event("opened"));
  };
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (palette.open) palette.close();
      else open();
    }
  });
  document.addEventListener("click", (event) => { if (event.target.closest?.('[data-dialog="palette"]') && palette.open) open(); });
  field.addEventListener("input", () => { isFresh = false; });
  palette.addEventListener("htmx:afterSwap", () => { isFresh = true; });
  palette.addEventListener("keydown", (event) => {
    const all = links();
    const at = all.indexOf(document.activeElement);
    if (event.key === "Escape") {
      event.preventDefault(); // in a search field the first one would only empty it
      palette.close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const next = at + (event.key === "ArrowDown" ? 1 : -1);
      event.preventDefault();
      if (next < 0) field.focus();
      else all[Math.min(next, all.length - 1)]?.focus();
    } else if (event.key === "Enter" && event.target === field && isFresh && field.value.trim() && all.length) {
      event.preventDefault();
      all[0].click();
    } else if (at >= 0 && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== " ") field.focus();
  });
})();
