"use strict";
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const json = (element) => JSON.parse(element.textContent);

function show(clock, at) {
  const range = clock.querySelector("input"), said = json(clock.querySelector("script"));
  at = Math.max(0, Math.min(said.length - 1, at));
  range.value = at;
  range.setAttribute("aria-valuetext", said[at]);
  clock.querySelector("output").textContent = said[at];
  const [earlier, later] = all(".step", clock);
  earlier.setAttribute("aria-disabled", at === 0);
  later.setAttribute("aria-disabled", at === said.length - 1);
  for (const each of all(`[data-of="${clock.dataset.clock}"]`)) {
    const shown = Number(each.dataset.at) === at;
    each.tagName === "g" ? each.classList.toggle("off", !shown) : (each.hidden = !shown);
    if (shown && each.tagName === "g") {
      const absent = new Set(each.dataset.absent.split(" "));
      all(".organisation", each.ownerSVGElement).forEach((node, n) => node.classList.toggle("absent", absent.has(String(n))));
    }
  }
  if (clock.dataset.clock === "map") all("details.ties").forEach((each) => fill(each, at));
}

function fill(details, at) {
  const codes = json(document.getElementById("organisations"));
  const rows = json(details.querySelector("script"))[at].map(([one, two, weight]) => {
    const row = document.createElement("tr");
    for (const text of [codes[one], codes[two], weight === null ? "✱" : weight]) row.insertCell().textContent = text;
    return row;
  });
  details.querySelector("tbody").replaceChildren(...rows);
}

for (const clock of all(".clock")) {
  const range = clock.querySelector("input");
  range.addEventListener("input", () => show(clock, Number(range.value)));
  for (const step of all(".step", clock))
    step.addEventListener("click", () => show(clock, Number(range.value) + Number(step.dataset.step)));
  show(clock, Number(range.value));
}

for (const choice of all(".choose input"))
  choice.addEventListener("change", () => all(".layer").forEach((each) => (each.hidden = each.dataset.layer !== choice.value)));

function key(cell) {
  if (cell.dataset.n !== undefined) return Number(cell.dataset.n);
  return cell.classList.contains("v") ? null : cell.textContent.trim();
}

function order(one, two, sign) {
  if (one === null || two === null) return (one === null) - (two === null);
  return sign * (typeof one === "number" ? one - two : one.localeCompare(two, "en", { numeric: true }));
}

for (const button of all(".sort"))
  button.addEventListener("click", () => {
    const heading = button.closest("th"), table = button.closest("table"), body = table.tBodies[0];
    const numbers = [...body.rows].some((row) => row.cells[heading.cellIndex].dataset.n !== undefined);
    const was = heading.getAttribute("aria-sort");
    const now = was ? (was === "ascending" ? "descending" : "ascending") : numbers ? "descending" : "ascending";
    all("th", table).forEach((each) => each.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", now);
    const rows = [...body.rows].map((row) => [key(row.cells[heading.cellIndex]), row]);
    rows.sort((one, two) => order(one[0], two[0], now === "ascending" ? 1 : -1));
    body.append(...rows.map((pair) => pair[1]));
  });

for (const region of all(".scroll")) if (region.querySelector(".heat, .levels")) region.scrollLeft = region.scrollWidth;

const dialog = document.getElementById("definition");
for (const button of all(".def"))
  button.addEventListener("click", () => {
    const meant = document.getElementById(`def-${button.dataset.def}`);
    document.getElementById("definition-title").textContent = meant.querySelector("h3").textContent;
    document.getElementById("definition-body").replaceChildren(meant.querySelector("dl").cloneNode(true));
    dialog.showModal();
  });
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
