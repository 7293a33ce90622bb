// [data-dialog="id"]: a button or link that opens the dialog of that id. [data-close] inside closes it.
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog?.showModal) {
    event.preventDefault();
    dialog.showModal();
  }
  const inside = event.target.closest?.("dialog");
  if (inside && (event.target.closest("[data-close]") || event.target === inside)) inside.close();
});
