// button[data-copy="id"]: copies the text (or the value) of the element of that id and says so for a moment.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  const source = button && document.getElementById(button.dataset.copy);
  if (!source) return;
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
    const words = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = words; }, 1500);
  } catch {
    // Without the clipboard (plain http on another host) the text is chosen, ready for Ctrl C.
    if (source.select) source.select();
    else getSelection().selectAllChildren(source);
  }
});
