/* The sheet of a nerve conduction study by keyboard, like any sheet: Tab goes on in the row, Enter
   to the next one where this one began, arrows to the neighbours. Without script its cells are
   plain inputs, and rows are added by the server. */
(() => {
  "use strict";
  const sheet = document.querySelector("[data-segment-sheet]");
  if (!sheet) return;

  const form = document.getElementById("record");
  const body = sheet.tBodies[0];
  const template = document.querySelector("template[data-segment-row]");
  const adding = document.querySelector("[data-add-row]");
  const problem = adding.querySelector("[data-add-problem]");
  const choices = ["nerve", "side", "distal", "proximal"].map((name) => form.elements[`add_${name}`]);
  const addButton = adding.querySelector("button[value=add]");
  let began = 0; /* the column where the row was begun */
  let byTab = false;

  const cellsOf = (row) => [...row.querySelectorAll("input[type=text], select")];
  const rowOf = (cell) => cell.closest("tr.segment");
  const go = (cell) => {
    if (!cell) return;
    cell.focus();
    if (cell.select) cell.select();
  };
  const below = (cell, by, column) => {
    const rows = [...body.rows];
    const there = rows[rows.indexOf(rowOf(cell)) + by];
    return there ? cellsOf(there)[column] : null;
  };
  const column = (cell) => cellsOf(rowOf(cell)).indexOf(cell);
  const isWhole = (input) => input.selectionStart === 0 && input.selectionEnd === input.value.length;
  const atStart = (input) => isWhole(input) || (input.selectionStart === 0 && input.selectionEnd === 0);
  const atEnd = (input) => isWhole(input)
    || (input.selectionStart === input.value.length && input.selectionEnd === input.value.length);

  const moves = {
    Enter: (cell) => below(cell, 1, began) ?? choices[0],
    ArrowDown: (cell) => cell.tagName === "INPUT" && below(cell, 1, column(cell)),
    ArrowUp: (cell) => cell.tagName === "INPUT" && below(cell, -1, column(cell)),
    ArrowRight: (cell) => cell.tagName === "INPUT" && atEnd(cell) && cellsOf(rowOf(cell))[column(cell) + 1],
    ArrowLeft: (cell) => cell.tagName === "INPUT" && atStart(cell) && cellsOf(rowOf(cell))[column(cell) - 1],
    F2: (cell) => rowOf(cell).querySelector("[data-kind=excluded]"),
  };

  document.addEventListener("keydown", (event) => {
    byTab = event.key === "Tab";
  }, { capture: true });
  body.addEventListener("focusin", (event) => {
    if (event.target.matches("input[type=text], select") && !byTab) began = column(event.target);
    byTab = false;
  });
  body.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const cell = event.target.closest("input[type=text], select");
    const move = moves[event.key];
    if (!cell || !move) return;
    const there = move(cell);
    if (event.key === "Enter" || there) event.preventDefault();
    go(there);
  });

  /* ---------- Another row ---------- */
  const words = (select) => select.selectedOptions[0].textContent.trim();
  const add = () => {
    const values = choices.map((select) => select.value);
    if (values.includes("") || values[2] === values[3]) {
      problem.textContent = problem.dataset.wordsChoose;
      choices[values.findIndex((value, i) => value === "" || (i === 3 && value === values[2]))].focus();
      return;
    }
    problem.textContent = "";
    const key = values.join("-");
    const row = body.querySelector(`tr[data-segment="${key}"]`) ?? made(key);
    began = 0;
    go(cellsOf(row)[0]);
  };
  const made = (key) => {
    const row = template.content.firstElementChild.cloneNode(true);
    const [nerve, side, distal, proximal] = choices.map(words);
    const known = { from: row.querySelector("[data-row-words]").textContent };
    known.to = `${nerve}, ${side}: ${distal}–${proximal}`;
    const blank = row.dataset.segment;
    for (const one of [row, ...row.querySelectorAll("*")]) {
      for (const attribute of [...one.attributes]) {
        const value = attribute.value.replace(blank, key).replace(known.from, known.to);
        if (value !== attribute.value) one.setAttribute(attribute.name, value);
      }
    }
    row.querySelector("[data-row-words]").textContent = known.to;
    body.append(row);
    form.dispatchEvent(new Event("input", { bubbles: true }));
    return row;
  };
  addButton.addEventListener("click", (event) => {
    event.preventDefault();
    add();
  });
  for (const select of choices) {
    select.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      add();
    });
  }

  /* ---------- Ready ---------- */
  for (const plain of document.querySelectorAll("[data-no-script]")) plain.hidden = true;
  for (const aid of document.querySelectorAll("[data-script]")) aid.hidden = false;
  const isQuiet = !document.querySelector("[data-first], [aria-invalid=true], .ask input");
  if (isQuiet && window.matchMedia("(width >= 768px)").matches) {
    body.querySelector("input[type=text]")?.focus({ preventScroll: true });
  }
})();
