// Shows the value of a chart that is under the pointer, or that the arrow keys chose. Without it the
// chart's title and the table say the same.
"use strict";
(() => {
  const NUMBERS = ["Home", "End", "ArrowLeft", "ArrowRight", "Escape"];
  const chosen = new Map(); // by the chart's label: where the keyboard is

  const plotOf = (event) => event.target.closest && event.target.closest("svg.plot");

  // Lines of "from,to,y,text", in thousandths of the width.
  function points(plot) {
    return plot.dataset.points.split("\n").filter(Boolean).map((line) => {
      const [from, to, y, ...text] = line.split(",");
      return { from: Number(from), to: Number(to), y: Number(y), text: text.join(",") };
    });
  }

  function distance(point, x) {
    return x < point.from ? point.from - x : x > point.to ? x - point.to : 0;
  }

  function show(plot, point) {
    const title = plot.querySelector(":scope > title");
    if (title) title.remove(); // the browser would show it over the chart
    const cursor = plot.querySelector(".cursor");
    const line = cursor.querySelector("line");
    const dot = cursor.querySelector("circle");
    const x = (point.from + point.to) / 20 + "%";
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
    dot.setAttribute("cx", x);
    dot.setAttribute("cy", point.y);
    cursor.removeAttribute("hidden");
    say(plot, point.text);
  }

  function hide(plot) {
    plot.querySelector(".cursor").setAttribute("hidden", "");
    say(plot, null);
  }

  function say(plot, text) {
    const box = plot.closest(".course");
    const readout = box && box.querySelector(".readout");
    if (!readout) return;
    readout.classList.toggle("chosen", text !== null);
    const words = text === null ? readout.dataset.sum : text;
    if (readout.textContent !== words) readout.textContent = words;
  }

  function point(event) {
    const plot = plotOf(event);
    if (!plot) return;
    const box = plot.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * 1000;
    const all = points(plot);
    if (!all.length || x < -10 || x > 1010) return hide(plot);
    show(plot, all.reduce((best, one) => (distance(one, x) < distance(best, x) ? one : best)));
  }

  function step(plot, key) {
    const all = points(plot);
    const label = plot.getAttribute("aria-label").split(":")[0];
    if (!all.length) return;
    if (key === "Escape") {
      chosen.delete(label);
      return hide(plot);
    }
    const last = all.length - 1;
    const at = Math.min(chosen.has(label) ? chosen.get(label) : last, last);
    const next = { Home: 0, End: last, ArrowLeft: at - 1, ArrowRight: at + 1 }[key] ?? at;
    const index = Math.max(0, Math.min(last, next));
    chosen.set(label, index);
    show(plot, all[index]);
  }

  document.addEventListener("pointermove", point);
  document.addEventListener("pointerdown", point);
  document.addEventListener("pointerout", (event) => {
    const plot = plotOf(event);
    if (plot && !plot.contains(event.relatedTarget) && plot !== document.activeElement) hide(plot);
  });
  document.addEventListener("focusin", (event) => {
    const plot = plotOf(event);
    if (plot && plot === event.target) step(plot, "");
  });
  document.addEventListener("focusout", (event) => {
    const plot = plotOf(event);
    if (plot) hide(plot);
  });
  document.addEventListener("keydown", (event) => {
    const plot = plotOf(event);
    if (!plot || !NUMBERS.includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    step(plot, event.key);
  });
})();
