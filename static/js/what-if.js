// [data-what-if]: weights moved in the page re-rank its candidates at once and save nothing. This file repeats the weighted
// mean, the rounding and the order of assessments/rules/scoring.py; a test runs both on a thousand random sheets.
const whatIf = (() => {
  const UNIT = 10000;
  const DOUBT = 1e-9; // how far a float of a score may be off: nearer to a half than this, whole numbers decide
  const NONE = -1;
  const MOST = 100 * UNIT;
  const RANKED = 1, NOT_READY = 2, DISQUALIFIED = 3;
  const AXES = ["impact", "feasibility"];

  const read = (sent) => {
    const parts = sent.values.map((words) => words.split("/"));
    const values = parts.map(([over, under = "1"]) => Number(over) / Number(under));
    const size = sent.ready.length;
    const criteria = sent.criteria.map((one) => ({
      slug: one.slug, axis: one.axis, weight: one.weight, at: one.at, expected: Float64Array.from(one.at, (at) => (at === NONE ? 2.5 : values[at])),
    }));
    return { ...sent, criteria, size, parts, whole: new Map() };
  };

  // Weights have two decimals: whole hundredths keep their proportions.
  const hundredths = (criteria, weights) => criteria.map((one) => Math.round(Number(weights[one.slug] ?? one.weight) * 100));

  const axis = (sheet, name, weights) => {
    const { criteria, size } = sheet;
    const rows = criteria.map((_, row) => row).filter((row) => criteria[row].axis === name && weights[row] > 0);
    const total = rows.reduce((sum, row) => sum + weights[row], 0);
    const mean = new Float64Array(size);
    const known = new Uint8Array(size);
    rows.forEach((row) => {
      const share = (2 * weights[row]) / total;
      const { expected, at } = criteria[row];
      for (let one = 0; one < size; one += 1) {
        mean[one] += share * expected[one];
        if (at[one] !== NONE) known[one] = 1;
      }
    });
    return { mean, known, rows, total };
  };

  // The values of one candidate on one axis over one denominator, in whole numbers; worked out once.
  const wholes = (sheet, name, one) => {
    const key = `${name} ${one}`;
    const kept = sheet.whole.get(key);
    if (kept) return kept;
    const fractions = sheet.criteria.map((row) => {
      const [over, under = "1"] = row.at[one] === NONE ? ["5", "2"] : sheet.parts[row.at[one]];
      return row.axis === name ? [BigInt(over), BigInt(under)] : [0n, 1n];
    });
    let common = 1n;
    fractions.forEach(([, under]) => { common *= under / divisor(common, under); });
    const found = { common, overs: fractions.map(([over, under]) => (over * common) / under) };
    sheet.whole.set(key, found);
    return found;
  };
  const divisor = (a, b) => (b ? divisor(b, a % b) : a);

  const exactly = (sheet, name, { rows, total }, weights, one) => {
    const { common, overs } = wholes(sheet, name, one);
    let over = 0n;
    rows.forEach((row) => { over += BigInt(weights[row]) * overs[row]; });
    return [2n * over, common * BigInt(total)];
  };

  const halfEven = ([over, under]) => {
    const whole = over / under;
    const twice = 2n * (over - whole * under);
    return Number(twice > under || (twice === under && whole % 2n === 1n) ? whole + 1n : whole);
  };

  const rounded = (value, exact) => {
    const scaled = value * UNIT;
    const whole = Math.floor(scaled);
    const rest = scaled - whole - 0.5;
    if (Math.abs(rest) >= DOUBT * UNIT) return rest > 0 ? whole + 1 : whole;
    const [over, under] = exact();
    return halfEven([over * BigInt(UNIT), under]);
  };

  // Weights by slug; the answer is aligned with the sheet, `order` holds its columns, first place first.
  const rank = (sheet, given) => {
    const weights = hundredths(sheet.criteria, given);
    const [impact, feasibility] = AXES.map((name) => axis(sheet, name, weights));
    const { size } = sheet;
    const found = { impact: new Int32Array(size), feasibility: new Int32Array(size), score: new Int32Array(size), place: new Uint8Array(size), rank: new Int32Array(size) };
    const key = new Float64Array(size);
    for (let one = 0; one < size; one += 1) {
      const exact = (at, means) => () => exactly(sheet, AXES[at], means, weights, one);
      found.impact[one] = impact.known[one] ? rounded(impact.mean[one], exact(0, impact)) : NONE;
      found.feasibility[one] = feasibility.known[one] ? rounded(feasibility.mean[one], exact(1, feasibility)) : NONE;
      const hasScore = impact.known[one] && feasibility.known[one];
      found.score[one] = !hasScore ? NONE : rounded(impact.mean[one] * feasibility.mean[one], () => {
        const [over, under] = exact(0, impact)();
        const [more, less] = exact(1, feasibility)();
        return [over * more, under * less];
      });
      const place = sheet.disqualified[one] ? DISQUALIFIED : sheet.ready[one] && hasScore ? RANKED : NOT_READY;
      found.place[one] = place;
      // Place, score and feasibility in one number, as the rule has it; then by the candidate's number, the order of the sheet.
      const behind = hasScore ? MOST - found.score[one] : MOST + 1;
      key[one] = (place * (MOST + 2) + behind) * (10 * UNIT + 2) + (hasScore ? 10 * UNIT - found.feasibility[one] : 0);
    }
    found.order = Uint32Array.from(key.keys()).sort((a, b) => key[a] - key[b] || a - b);
    found.order.forEach((one, at) => { found.rank[one] = at + 1; });
    found.ranked = found.place.filter((place) => place === RANKED).length;
    return found;
  };

  return { read, rank, NONE, RANKED, NOT_READY };
})();

(() => {
  const { NONE, RANKED, NOT_READY } = whatIf;
  const SVG = "http://www.w3.org/2000/svg";
  const root = typeof document === "object" && document.querySelector("[data-what-if]");
  if (!root) return;
  const form = root.querySelector("form.trial");
  const body = root.querySelector("tbody");
  const svg = root.querySelector("[data-kind=scatter] svg");
  const more = root.querySelector("[data-more]");
  const ranges = [...form.querySelectorAll("input[type=range]")];
  const fields = ranges.map((range) => range.parentElement.querySelector("input[type=number]"));
  const slugs = fields.map((field) => field.name.slice(2));
  const starting = ranges.map((range) => range.dataset.start);
  const [left, right, top, bottom, largest, smallest, most] = root.dataset.frame.split(" ").map(Number);
  const step = Number(root.dataset.rows);
  const bubbles = new Map();
  let [sheet, saved, found, weights] = [];
  let shown = body.querySelectorAll("[data-item]").length;
  let [drawing, telling] = [0, 0];

  const places = (one) => (found.place[one] === RANKED ? (found.rank[one] === 1 ? "pick" : found.rank[one] <= sheet.shortlist ? "shortlist" : "ranked") : found.place[one] === NOT_READY ? "not_ready" : "disqualified");
  // A number of four decimals with one, half to even, as every page shows it.
  const tenth = (units) => {
    if (units === NONE) return "–";
    const whole = Math.floor(units / 1000);
    const rest = units - whole * 1000;
    return ((whole + (rest > 500 || (rest === 500 && whole % 2 === 1) ? 1 : 0)) / 10).toFixed(1);
  };
  const put = (node, words) => { if (node.textContent !== words) node.textContent = words; };
  const address = (one) => root.dataset.url.replace("/-/", `/${sheet.reference[one]}/`);
  const moved = (one) => {
    const by = saved.rank[one] - found.rank[one];
    return by ? `${by > 0 ? "up" : "down"} ${Math.abs(by)}` : "";
  };

  const fill = (row, one, chosen) => {
    const place = places(one);
    const isBelow = found.place[one] !== RANKED;
    const [rank, name, impact, feasibility, score, by, before] = row.cells;
    if (row.dataset.reference !== sheet.reference[one]) {
      row.dataset.reference = sheet.reference[one];
      const link = name.querySelector("a");
      link.href = address(one);
      put(link, sheet.title[one]);
      if (chosen === sheet.reference[one]) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
    row.classList.toggle("below", isBelow);
    put(name.querySelector(".where"), [sheet.reference[one], sheet.unit[one], isBelow ? place.replace("_", " ") : ""].filter(Boolean).join(" · "));
    rank.firstElementChild.dataset.place = place;
    put(rank.firstElementChild, String(found.rank[one]));
    [[impact, "impact"], [feasibility, "feasibility"], [score, "score"]].forEach(([cell, name]) => {
      const link = cell.firstElementChild;
      put(link, tenth(found[name][one]));
      if (found[name][one] === NONE) link.removeAttribute("href");
      else link.setAttribute("href", `/use-cases/${sheet.reference[one]}/numbers/${name}/`);
    });
    put(by, moved(one));
    put(before, String(saved.rank[one]));
  };

  const table = () => {
    const rows = [...body.querySelectorAll("[data-item]")];
    const chosen = body.querySelector("[aria-current]")?.dataset.reference;
    const wanted = Math.min(shown, sheet.size);
    while (rows.length < wanted) {
      rows.push(rows[0].cloneNode(true));
      rows.at(-1).removeAttribute("aria-current");
      body.append(rows.at(-1));
    }
    for (let at = 0; at < wanted; at += 1) fill(rows[at], found.order[at], chosen);
    put(document.getElementById("shown"), `1 to ${wanted} of ${sheet.size.toLocaleString("en")}`);
    if (more) more.hidden = wanted >= sheet.size;
  };

  const bubble = (one) => {
    const link = document.createElementNS(SVG, "a");
    link.setAttribute("class", "bubble");
    link.setAttribute("href", address(one));
    link.dataset.reference = sheet.reference[one];
    link.append(document.createElementNS(SVG, "title"), document.createElementNS(SVG, "circle"), document.createElementNS(SVG, "text"));
    return link;
  };
  const picture = () => {
    const drawn = new Set();
    const labelled = [];
    for (let at = 0; at < Math.min(shown, sheet.size); at += 1) {
      const one = found.order[at];
      if (found.impact[one] === NONE || found.feasibility[one] === NONE) continue;
      let node = bubbles.get(one);
      if (!node) {
        node = bubble(one);
        bubbles.set(one, node);
        svg.append(node);
      }
      drawn.add(one);
      const [, circle, label] = node.children;
      const x = (left + (found.feasibility[one] / 1e5) * (right - left)).toFixed(1);
      const y = (bottom - (found.impact[one] / 1e5) * (bottom - top)).toFixed(1);
      const worth = sheet.worth[one];
      const radius = most && worth > 0 ? Math.min(largest, Math.max(smallest, largest * Math.sqrt(worth / most))) : smallest;
      const place = places(one);
      node.dataset.place = place === "pick" ? "shortlist" : place;
      node.dataset.order = at;
      node.setAttribute("tabindex", drawn.size === 1 ? "0" : "-1");
      [["cx", x], ["cy", y], ["r", radius.toFixed(1)]].forEach(([name, value]) => { if (circle.getAttribute(name) !== value) circle.setAttribute(name, value); });
      const isFree = found.place[one] === RANKED && radius >= 7 && labelled.every(([nearX, nearY]) => Math.abs(x - nearX) > 14 || Math.abs(y - nearY) > 11);
      if (isFree) labelled.push([x, y]);
      put(label, isFree ? String(found.rank[one]) : "");
      label.setAttribute("x", x);
      label.setAttribute("y", y);
    }
    bubbles.forEach((node, one) => {
      if (drawn.has(one)) return;
      node.remove();
      bubbles.delete(one);
    });
  };

  // The sentence of templates/assessments/parts/supposed.html, as text and the names in it.
  const sentence = () => {
    const name = (one) => ({ name: sheet.title[one] });
    const pick = found.ranked ? found.order[0] : null;
    const before = saved.ranked ? saved.order[0] : null;
    const isSaved = sheet.criteria.every(({ slug, weight }) => Number(weights[slug] ?? weight) === Number(weight));
    const parts = [];
    if (pick === null) {
      const isEmpty = ["impact", "feasibility"].some((axis) => !sheet.criteria.some((one) => one.axis === axis && Number(weights[one.slug] ?? one.weight) > 0));
      parts.push(`Nothing can be picked with these weights: ${isEmpty ? `${document.getElementById("supposed").dataset.weightless}.` : "no candidate is both ready and rated."}`);
    } else if (isSaved) parts.push(name(pick), ` leads with ${tenth(found.score[pick])}: these are the saved weights.`);
    else if (pick === before) parts.push(name(pick), ` still leads, with ${tenth(found.score[pick])}${found.score[pick] === saved.score[pick] ? "" : `, not ${tenth(saved.score[pick])}`}.`);
    else if (before !== null) parts.push(name(pick), ` would lead with ${tenth(found.score[pick])}; `, name(before), ` falls from 1 to ${found.rank[before]}.`);
    else parts.push(name(pick), ` would lead with ${tenth(found.score[pick])}.`);
    if (isSaved) return parts;
    let [changed, ranked] = [0, 0];
    for (let one = 0; one < sheet.size; one += 1) {
      if (found.place[one] !== RANKED && saved.place[one] !== RANKED) continue;
      ranked += 1;
      changed += found.rank[one] === saved.rank[one] ? 0 : 1;
    }
    parts.push(changed ? ` ${changed} of ${ranked} ranked candidates change places.` : " No ranked candidate changes places.");
    const short = ({ order, ranked: count }) => [...order.slice(0, Math.min(sheet.shortlist, count))];
    const listed = (some) => some.map((one) => sheet.title[one]).join(", ");
    const [now, then] = [short(found), short(saved)];
    const [joins, leaves] = [now.filter((one) => !then.includes(one)), then.filter((one) => !now.includes(one))];
    if (joins.length) parts.push(` Onto the shortlist: ${listed(joins)}.`);
    if (leaves.length) parts.push(` Off it: ${listed(leaves)}.`);
    return parts;
  };
  const say = () => {
    document.getElementById("supposed").replaceChildren(...sentence().map((part) => {
      if (!part.name) return part;
      const bold = document.createElement("b");
      bold.textContent = part.name;
      return bold;
    }));
  };

  // Once the hand rests: the address of this what-if, and the sentence for who listens.
  const settle = () => {
    const query = new URLSearchParams();
    fields.forEach((field, at) => { if (Number(weights[slugs[at]]) !== Number(starting[at])) query.set(field.name, weights[slugs[at]]); });
    const other = sheet.criteria.filter(({ slug, weight }) => Number(weights[slug] ?? weight) !== Number(weight));
    body.parentElement.dataset.supposed = new URLSearchParams(other.map(({ slug }) => [`w.${slug}`, weights[slug]]));
    history.replaceState(history.state, "", query.size ? `?${query}` : location.pathname);
    bubbles.forEach((node, one) => put(node.firstElementChild, `${found.place[one] === RANKED ? `${found.rank[one]}. ` : ""}${sheet.title[one]}: score ${tenth(found.score[one])}, impact ${tenth(found.impact[one])}, feasibility ${tenth(found.feasibility[one])}`));
    put(document.getElementById("supposed-aloud"), document.getElementById("supposed").textContent);
  };
  const draw = () => {
    drawing = 0;
    fields.forEach((field, at) => {
      const typed = field.value.trim() || starting[at];
      if (field.validity.valid) weights[slugs[at]] = typed;
      const mark = field.parentElement.querySelector("[data-saved]");
      mark.hidden = Number(weights[slugs[at]]) === Number(mark.dataset.saved);
    });
    found = whatIf.rank(sheet, weights);
    table();
    picture();
    say();
    clearTimeout(telling);
    telling = setTimeout(settle, 400);
  };
  const soon = () => { drawing ||= requestAnimationFrame(draw); };

  const begin = (sent) => {
    sheet = whatIf.read(sent);
    weights = Object.fromEntries(sheet.criteria.map((one) => [one.slug, one.weight]));
    saved = found = whatIf.rank(sheet, {});
    svg.querySelectorAll("a.bubble").forEach((node) => {
      const one = sheet.reference.indexOf(node.dataset.reference);
      if (one === NONE) return node.remove();
      node.querySelector(".whisker")?.remove();
      if (!node.querySelector("text")) node.append(document.createElementNS(SVG, "text"));
      return bubbles.set(one, node);
    });
    form.addEventListener("input", (event) => {
      const at = Math.max(ranges.indexOf(event.target), fields.indexOf(event.target));
      if (at < 0) return;
      if (event.target === ranges[at]) fields[at].value = ranges[at].value;
      else ranges[at].value = fields[at].value || starting[at];
      soon();
    });
    more?.addEventListener("click", (event) => {
      event.preventDefault();
      shown += step;
      soon();
    });
    root.dataset.live = "";
    if (new URLSearchParams(location.search).has("after")) return;
    if (form.checkValidity()) draw();
  };
  // Where the sheet does not come, the form still ranks by its button.
  fetch(root.dataset.whatIf, { headers: { Accept: "application/json" } }).then((answer) => (answer.ok ? answer.json() : null), () => null).then((sent) => { if (sent && body.querySelector("[data-item]")) begin(sent); });
})();
