// [data-board]: a card dropped on a [data-stage] column posts the move that its menu would, and the board comes back from the
// server. A card names the stages it may go to in [data-moves], those that ask for a reason first in [data-asks].
// A move that does not arrive, or may not be made, puts the card back.
(() => {
  let dragged = null;
  const column = (event) => event.target.closest?.("[data-board] [data-stage]");
  const names = (card, list) => (card.dataset[list] || "").split(" ");
  const address = (card) => `${card.querySelector("[data-open]").getAttribute("href")}move/`;
  const clear = () => document.querySelectorAll("[data-over], [data-refuses]").forEach((one) => { delete one.dataset.over; delete one.dataset.refuses; });
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-board] [draggable=true][data-reference]");
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.reference);
    dragged.dataset.dragged = "";
    dragged.closest("[data-board]").querySelectorAll("[data-stage]").forEach((one) => {
      if (one !== dragged.closest("[data-stage]") && !names(dragged, "moves").includes(one.dataset.stage)) one.dataset.refuses = "";
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
    const to = over.dataset.stage;
    if (names(card, "asks").includes(to)) {
      window.location.assign(`${address(card)}?to=${to}`);
      return;
    }
    const back = [card.parentElement, card.nextElementSibling];
    (over.querySelector("[data-list]") || over).prepend(card);
    card.setAttribute("aria-busy", "true");
    const restore = () => {
      if (!card.isConnected) return;
      back[0].insertBefore(card, back[1]?.isConnected ? back[1] : null);
      card.removeAttribute("aria-busy");
    };
    // Stages that the card may not go to are sent too: the server knows why, and says it better.
    htmx.ajax("POST", address(card), { source: card, target: "#board", swap: "outerHTML", values: { to, version: card.dataset.version } }).then(restore, restore);
  });
  // After a move the focus goes where the reader looks next: to the refusal, or to the card in its new place.
  document.addEventListener("htmx:afterSettle", (event) => {
    const board = document.getElementById("board");
    if (!board || !(event.detail.target === board || event.detail.elt === board)) return;
    const refused = document.getElementById("refused");
    if (refused) refused.focus();
    else board.querySelector("[data-changed] [data-open]")?.focus();
  });
})();
