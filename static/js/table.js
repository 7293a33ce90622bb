// table[data-sortable]: a table that is whole on the page sorts by its [data-sort] heads (value: number or text; a cell's data-value goes
// before its text). [data-filter="table-id"] narrows its rows; table[data-frozen="n"] keeps its first n columns in sight.
(() => {
  const table = (id) => document.getElementById(id);
  const head = (one) => [...(one.tHead?.rows[0]?.cells || [])];
  const value = (row, at, kind) => {
    // A row that merges cells (what is missing, instead of numbers) has no number to sort by.
    const isMerged = [...row.cells].some((one) => one.colSpan > 1);
    const cell = row.cells[at];
    const text = cell?.dataset.value ?? cell?.textContent.trim() ?? "";
    if (kind !== "number") return text.toLowerCase();
    if (isMerged) return null;
    const found = parseFloat(text.replace(/[^\d.\-]/g, ""));
    return Number.isNaN(found) ? null : found;
  };
  const sort = (one, at, way) => {
    const kind = head(one)[at].dataset.sort;
    const body = one.tBodies[0];
    const rows = [...body.rows];
    rows.forEach((row, place) => { row.dataset.place ??= place; });
    rows.sort((a, b) => {
      if (!way) return a.dataset.place - b.dataset.place;
      const [x, y] = [value(a, at, kind), value(b, at, kind)];
      if (x === y) return a.dataset.place - b.dataset.place;
      if (x === null || x === "") return 1;
      if (y === null || y === "") return -1;
      return (x < y ? -1 : 1) * (way === "ascending" ? 1 : -1);
    });
    body.append(...rows);
    head(one).forEach((cell, place) => (place === at && way ? cell.setAttribute("aria-sort", way) : cell.removeAttribute("aria-sort")));
    if (way) one.dataset.sorted = `${at} ${way}`;
    else delete one.dataset.sorted;
  };
  const filter = (field) => {
    const one = table(field.dataset.filter);
    if (!one) return;
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    [...one.tBodies[0].rows].forEach((row) => {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    });
    const said = document.querySelector(`[data-filter-count="${field.dataset.filter}"]`);
    if (said) said.textContent = words.length ? `${shown} of ${one.tBodies[0].rows.length}` : "";
  };
  // The first columns of a table[data-frozen] stay in sight: each stops where the ones before it end.
  // All is read before anything is written: the page is laid out once.
  const freeze = (one) => {
    const widths = head(one).slice(0, Number(one.dataset.frozen)).map((cell) => cell.getBoundingClientRect().width);
    let at = 0;
    widths.forEach((width, place) => {
      [...one.rows].forEach((row) => row.cells[place]?.style.setProperty("--at", `${at}px`));
      at += width;
    });
  };
  const dress = (one) => {
    head(one).forEach((cell) => {
      if (!cell.dataset.sort || cell.querySelector("button, a")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sorter";
      button.append(...cell.childNodes);
      cell.append(button);
    });
  };
  const start = () => {
    document.querySelectorAll("table[data-sortable]").forEach(dress);
    document.querySelectorAll("[data-filter]").forEach((field) => { if (field.value) filter(field); });
    document.querySelectorAll("table[data-frozen]").forEach(freeze);
  };
  let kept = [];
  // A head that is a link sorts by its column alone; with Shift (a click, or Enter on it) by it too.
  document.addEventListener("click", (event) => {
    const link = event.shiftKey && event.target.closest?.("a[data-sort-by][data-add]");
    if (!link) return;
    event.preventDefault();
    location.assign(link.dataset.add);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("table[data-sortable] thead .sorter");
    if (!button) return;
    const cell = button.closest("th");
    const one = cell.closest("table");
    const first = cell.dataset.sort === "number" ? "descending" : "ascending";
    const second = first === "descending" ? "ascending" : "descending";
    const now = cell.getAttribute("aria-sort");
    sort(one, cell.cellIndex, now === first ? second : now === second ? null : first);
  });
  document.addEventListener("input", (event) => { if (event.target.matches?.("[data-filter]")) filter(event.target); });
  document.addEventListener("htmx:beforeSwap", () => {
    kept = [...document.querySelectorAll("table[data-sorted]")].filter((one) => one.id).map((one) => [one.id, one.dataset.sorted]);
  });
  // Before the next paint; the rest once htmx has settled the attributes.
  document.addEventListener("htmx:afterSwap", () => document.querySelectorAll("table[data-frozen]").forEach(freeze));
  addEventListener("resize", () => document.querySelectorAll("table[data-frozen]").forEach(freeze));
  document.addEventListener("htmx:afterSettle", () => {
    start();
    kept.forEach(([id, sorted]) => {
      const [at, way] = sorted.split(" ");
      // htmx carries the attributes of what has an id over; the heads say whether it is sorted.
      if (table(id) && !table(id).querySelector("th[aria-sort]")) sort(table(id), Number(at), way);
    });
    kept = [];
  });
  start();
})();
