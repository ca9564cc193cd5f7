/* The timeline's cursor: moved by pointer, buttons or arrow keys, it reads one row of the table
   beside the figure into the readout above it. Without script the table stands for itself. */
(() => {
  "use strict";
  const readout = document.querySelector("[data-readout]");
  const table = document.querySelector("[data-readings]");
  if (!readout || !table) return;

  const values = readout.querySelector("output");
  const columns = [...table.querySelectorAll("thead th")].slice(1);
  const rows = [...table.querySelectorAll("tbody tr")];
  const places = rows.map((row) => Number(row.dataset.x));
  const plots = [...document.querySelectorAll("[data-timeline] .plot")];
  let shown = rows.length - 1;

  const say = (row) => {
    const day = document.createElement("b");
    day.textContent = `${table.dataset.at} ${row.cells[0].textContent}`;
    const parts = columns.map((column, i) => {
      const part = document.createElement("span");
      const value = document.createElement("b");
      value.textContent = row.cells[i + 1].textContent || "–";
      part.append(`${column.dataset.name} `, value, ` ${column.dataset.unit}`);
      return part;
    });
    values.replaceChildren(day, ...parts.flatMap((part) => [" ", part]));
  };

  const show = (place) => {
    const next = Math.max(0, Math.min(rows.length - 1, place));
    for (const plot of plots) {
      const cursor = plot.querySelector(".cursor");
      cursor.setAttribute("x1", `${places[next]}%`);
      cursor.setAttribute("x2", `${places[next]}%`);
      cursor.setAttribute("visibility", "visible");
    }
    if (next !== shown) say(rows[next]);
    shown = next;
  };

  const nearest = (percent) =>
    places.reduce((best, x, i) => (Math.abs(x - percent) < Math.abs(places[best] - percent) ? i : best), 0);

  for (const plot of plots) {
    plot.closest("[data-timeline]").addEventListener("pointermove", (event) => {
      const axis = plot.querySelector(".axis").getBoundingClientRect();
      show(nearest(((event.clientX - axis.left) / axis.width) * 100));
    });
  }
  readout.querySelector(".readout-move").hidden = false;
  readout.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) show(shown + Number(button.dataset.step));
  });
  readout.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const end = { Home: 0, End: rows.length - 1 }[event.key];
    if (step === undefined && end === undefined) return;
    event.preventDefault();
    show(end ?? shown + step);
  });
})();
