// [data-board]: a card dropped on a [data-stage] column sends the card's own form[data-move], as its menu does.
// A move that is refused, or does not arrive, puts the card back.
(() => {
  let dragged = null;
  const column = (event) => event.target.closest?.("[data-board] [data-stage]");
  const choice = (card, stage) => card.querySelector(`[data-move] [value="${stage}"], [data-move] [data-to="${stage}"]`);
  const clear = () => document.querySelectorAll("[data-over], [data-refuses]").forEach((one) => { delete one.dataset.over; delete one.dataset.refuses; });
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-board] [draggable=true][data-reference]");
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.reference);
    dragged.dataset.dragged = "";
    dragged.closest("[data-board]").querySelectorAll("[data-stage]").forEach((one) => {
      if (one !== dragged.closest("[data-stage]") && !choice(dragged, one.dataset.stage)) one.dataset.refuses = "";
    });
  });
  document.addEventListener("dragover", (event) => {
    const over = column(event);
    if (!dragged || !over) return;
    event.preventDefault();
    if (over.dataset.over === undefined) {
      document.querySelectorAll("[data-over]").forEach((one) => { delete one.dataset.over; });
      over.dataset.over = "";
    }
  });
  document.addEventListener("dragend", () => {
    if (dragged) delete dragged.dataset.dragged;
    dragged = null;
    clear();
  });
  document.addEventListener("drop", (event) => {
    const over = column(event);
    const card = dragged;
    const from = card?.closest("[data-stage]");
    if (!over || !card || over === from) return;
    event.preventDefault();
    const form = card.querySelector("form[data-move]");
    let button = choice(card, over.dataset.stage);
    if (button?.matches("a")) {
      button.click();
      return;
    }
    if (!button) {
      // The server knows why this way is closed, and says it better.
      button = document.createElement("button");
      button.name = "to";
      button.value = over.dataset.stage;
      button.hidden = true;
      form.append(button);
    }
    const back = [card.parentElement, card.nextElementSibling];
    const list = over.querySelector("[data-list]") || over;
    list.prepend(card);
    card.setAttribute("aria-busy", "true");
    form.addEventListener("htmx:afterRequest", (after) => {
      const status = after.detail.xhr?.status;
      if ((status >= 200 && status < 300) || !card.isConnected) return;
      back[0].insertBefore(card, back[1]?.isConnected ? back[1] : null);
      card.removeAttribute("aria-busy");
    }, { once: true });
    button.click();
  });
})();
