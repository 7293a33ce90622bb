// [data-here] in a .chart-scroll: what is now comes into sight, a third from the left, with what lies ahead of it beside it.
(() => {
  document.querySelectorAll(".chart-scroll").forEach((frame) => {
    const here = frame.querySelector("[data-here]");
    if (!here || frame.scrollWidth <= frame.clientWidth) return;
    frame.scrollLeft += here.getBoundingClientRect().left - frame.getBoundingClientRect().left - frame.clientWidth / 3;
  });
})();
