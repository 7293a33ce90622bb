// A request of htmx that failed is said in words; nothing on the page is thrown away. A refusal that the server put into words
// itself (it names where they go) is shown there.
(() => {
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.status < 400 || xhr.status >= 500 || !xhr.getResponseHeader("HX-Retarget")) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id === "messages") event.detail.target.scrollIntoView({ block: "nearest" });
  });
  const say = (words) => {
    const place = document.getElementById("trouble");
    if (!place) return;
    const notice = document.createElement("div");
    notice.className = "notice";
    notice.dataset.kind = "error";
    notice.append(words);
    const close = document.createElement("button");
    close.type = "button";
    close.className = "end";
    close.dataset.kind = "link";
    close.textContent = "Close";
    close.addEventListener("click", () => notice.remove());
    notice.append(close);
    place.replaceChildren(notice);
  };
  const isPoll = (event) => event.detail.requestConfig?.elt?.matches?.("[data-poll]");
  const words = { 403: "You may see this but not do that. Nothing was changed.", 404: "That is not there any more.", 409: "Somebody changed this meanwhile. Load the page again to see it.", 412: "Somebody changed this meanwhile. Load the page again to see it.", 429: "Too many tries. Wait a moment." };
  document.addEventListener("htmx:responseError", (event) => { if (!isPoll(event)) say(words[event.detail.xhr.status] || "That went wrong here, and nothing was changed. What you typed is still there: try again."); });
  document.addEventListener("htmx:sendError", (event) => { if (!isPoll(event)) say("The server cannot be reached. What you typed is still there: try again in a moment."); });
})();
