// [data-set-theme="system|light|dark"]: a button that sets the theme and remembers it.
(() => {
  const root = document.documentElement;
  const show = () => document.querySelectorAll("[data-set-theme]").forEach((button) =>
    button.setAttribute("aria-pressed", String(button.dataset.setTheme === (root.dataset.theme || "system"))));
  document.addEventListener("click", (event) => {
    const theme = event.target.closest?.("[data-set-theme]")?.dataset.setTheme;
    if (!theme) return;
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    try { localStorage.setItem("theme", theme); } catch { /* it holds for this page */ }
    show();
  });
  show();
})();
