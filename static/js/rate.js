// [data-rate="name"]: a row with [data-point] inputs for low, likely and high is rated by keys, or by mouse on its [data-track], and
// saved as one leaves it; its [data-row-state] says what came of it. Without a script the form saves all rows at once.
(() => {
  const POINTS = ["low", "likely", "high"];
  const [LEFT, RIGHT, MIDDLE, MOST] = [10, 210, 12, 5];
  const kept = new WeakMap();
  const rows = () => [...document.querySelectorAll("[data-rate]")];
  const inputs = (row) => POINTS.map((point) => row.querySelector(`[data-point="${point}"]`));
  const fields = (row) => [...row.querySelectorAll("input, textarea")];
  const texts = (row) => fields(row).filter((one) => one.type !== "checkbox");
  const typed = (row) => JSON.stringify([...texts(row).map((one) => one.value.trim()), fields(row).some((one) => one.checked)]);
  const numbers = (row) => inputs(row).map((one) => (one.value.trim() === "" ? null : Number(one.value)));
  const written = (value) => String(Math.round(value * 10) / 10);
  const at = (value) => LEFT + (value / MOST) * (RIGHT - LEFT);
  const say = (row, words, isWrong) => {
    const place = row.querySelector("[data-row-state]");
    const span = document.createElement("span");
    if (isWrong) span.className = "error";
    span.textContent = words;
    place.replaceChildren(...(words ? [span] : []));
  };
  const shape = (name, given, words) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.entries(given).forEach(([key, value]) => made.setAttribute(key, value));
    if (words) made.textContent = words;
    return made;
  };
  const draw = (row) => {
    const track = row.querySelector("[data-track]");
    if (!track) return;
    const values = numbers(row);
    const known = values.filter((value) => value !== null && value >= 0 && value <= MOST);
    const active = document.activeElement?.dataset?.point;
    const drawn = [shape("path", { class: "line", d: `M${LEFT} ${MIDDLE}H${RIGHT}` })];
    for (let tick = 0; tick <= MOST; tick += 1) drawn.push(shape("path", { class: "line", d: `M${at(tick)} ${MIDDLE - 3}V${MIDDLE + 3}` }), shape("text", { x: at(tick), y: 32 }, String(tick)));
    if (known.length > 1) drawn.push(shape("path", { class: "held", d: `M${at(Math.min(...known))} ${MIDDLE}H${at(Math.max(...known))}` }));
    ["low", "high", "likely"].forEach((point) => {
      const value = values[POINTS.indexOf(point)];
      if (value === null || !(value >= 0 && value <= MOST)) return;
      const dot = { cx: at(value), cy: MIDDLE, r: point === "likely" ? 7 : 5, "data-dot": point };
      if (active === point && row.contains(document.activeElement)) dot["data-active"] = "";
      drawn.push(shape("circle", dot));
    });
    track.replaceChildren(...drawn);
  };
  // A point that is pushed past another takes it along, so that low, likely and high always rise.
  const set = (row, place, value) => {
    const all = inputs(row);
    const near = Math.min(MOST, Math.max(0, value));
    all[place].value = written(near);
    all.forEach((one, other) => {
      if (one.value.trim() === "") return;
      if ((other < place && Number(one.value) > near) || (other > place && Number(one.value) < near)) one.value = written(near);
    });
    all[place].dispatchEvent(new Event("input", { bubbles: true }));
    draw(row);
  };
  const wrong = (row) => {
    const values = numbers(row);
    if (values.some(Number.isNaN)) return "Write the decimals after a point, such as 0.5.";
    if (values.some((value) => value === null)) return "Give all three: low, likely and high.";
    if (values.some((value) => value < 0 || value > MOST)) return "A rating is 0 to 5.";
    return values[0] <= values[1] && values[1] <= values[2] ? "" : "Low, likely and high rise.";
  };
  const save = async (row) => {
    const now = typed(row);
    if (kept.get(row) === now || row.dataset.saving === now) return;
    if (texts(row).every((one) => one.value.trim() === "")) return;
    const fault = wrong(row);
    if (fault) { say(row, fault, true); return; }
    const form = row.closest("form");
    row.dataset.saving = now;
    say(row, "Saving…");
    await window.htmx.ajax("POST", form.getAttribute("action") || window.location.href, { source: row, target: row.querySelector("[data-row-state]"), values: { only: row.dataset.rate } });
    delete row.dataset.saving;
    if (!row.querySelector("[data-kept]")) return;
    kept.set(row, JSON.stringify([...JSON.parse(now).slice(0, -1), false])); // a tick goes when what it said is saved
    if (rows().every((one) => kept.get(one) === typed(one))) form.dispatchEvent(new CustomEvent("kept", { bubbles: true }));
  };
  const go = (row, step) => {
    const all = rows();
    const next = all[all.indexOf(row) + step];
    if (next) inputs(next)[0].focus();
    else if (step > 0) row.closest("form").querySelector(".buttons button")?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    const input = event.target.closest?.("[data-point]");
    const row = input?.closest("[data-rate]");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const place = POINTS.indexOf(input.dataset.point);
    const by = event.shiftKey ? 0.5 : 0.1;
    const begin = input.value.trim() === "" ? numbers(row).find((value) => value !== null && !Number.isNaN(value)) ?? 3 : Number(input.value) || 0;
    const act = {
      ArrowUp: () => set(row, place, begin + by),
      ArrowDown: () => set(row, place, begin - by),
      ArrowLeft: () => inputs(row)[Math.max(0, place - 1)].focus(),
      ArrowRight: () => inputs(row)[Math.min(2, place + 1)].focus(),
      Enter: () => go(row, event.shiftKey ? -1 : 1),
      j: () => go(row, 1),
      k: () => go(row, -1),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.("[data-rate]");
    if (row && event.target.dataset.point) event.target.select();
    if (row) draw(row);
  });
  document.addEventListener("focusout", (event) => {
    const row = event.target.closest?.("[data-rate]");
    if (!row) return;
    draw(row);
    if (row.contains(event.relatedTarget)) return;
    setTimeout(() => { if (!row.contains(document.activeElement)) save(row); });
  });
  document.addEventListener("input", (event) => {
    const row = event.target.closest?.("[data-rate]");
    if (!row) return;
    if (kept.get(row) !== typed(row)) say(row, "");
    draw(row);
  });
  document.addEventListener("pointerdown", (event) => {
    const track = event.target.closest?.("[data-track]");
    const row = track?.closest("[data-rate]");
    if (!row) return;
    event.preventDefault();
    const value = (one) => {
      const place = new DOMPoint(one.clientX, one.clientY).matrixTransform(track.getScreenCTM().inverse());
      return ((place.x - LEFT) / (RIGHT - LEFT)) * MOST;
    };
    const values = numbers(row);
    const here = value(event);
    const empty = [1, 0, 2].find((place) => values[place] === null);
    const nearest = [1, 0, 2].reduce((best, place) => (Math.abs(values[place] - here) < Math.abs(values[best] - here) ? place : best), 1);
    const place = empty ?? nearest;
    const move = (one) => set(row, place, value(one));
    const end = () => { track.removeEventListener("pointermove", move); track.removeEventListener("pointerup", end); track.removeEventListener("pointercancel", end); };
    inputs(row)[place].focus();
    track.setPointerCapture(event.pointerId);
    track.addEventListener("pointermove", move);
    track.addEventListener("pointerup", end);
    track.addEventListener("pointercancel", end);
    move(event);
  });
  rows().forEach((row) => { kept.set(row, typed(row)); draw(row); });
})();
