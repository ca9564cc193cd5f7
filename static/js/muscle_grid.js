/* The muscle grid by keyboard: digits by the character typed, so that every layout works.
   Without script its cells are plain inputs, and the server fills and checks. */
(() => {
  "use strict";
  const grid = document.querySelector("[data-muscle-grid]");
  if (!grid) return;

  const GRADES = ["0", "1", "2-", "2", "2+", "3-", "3", "3+", "4-", "4", "4+", "5-", "5"];
  const NOT_TESTED = "NT";
  const OTHER_CAUSE = "other_cause";
  const COPIED = "carried_forward";
  const FILLED = "rest_normal";
  const FRACTIONS = ["", "⅓", "⅔"];
  const form = document.getElementById("record");
  const rows = [...grid.querySelectorAll("tbody tr")].map((row) => ({
    row,
    name: row.cells[0].textContent,
    sets: row.dataset.sets.split(" "),
    isKept: row.hasAttribute("data-kept"),
    cells: [],
  }));
  const cells = rows.flatMap((of) => [...of.row.querySelectorAll("input.grade")].map((input, side) => {
    const cell = {
      of,
      side,
      input,
      origin: input.nextElementSibling,
      place: input.parentElement,
      note: input.parentElement.nextElementSibling.querySelector(".change"),
      remark: input.parentElement.nextElementSibling.querySelector("select"),
      was: input.dataset.was ?? "",
      wasOther: input.hasAttribute("data-was-other"),
    };
    of.cells.push(cell);
    return cell;
  }));
  const put = (element, text, kind) => {
    if (element.textContent !== text) element.textContent = text;
    if (kind !== undefined && element.className !== kind) element.className = kind;
  };
  const cellOf = new Map(cells.flatMap((cell) => [[cell.input, cell], [cell.remark, cell]]));
  const words = grid.querySelector("[data-progress]").dataset;
  const steps = [];
  let current = null;
  let justGraded = null;

  /* ---------- Grades ---------- */
  const thirds = (grade) =>
    GRADES.includes(grade) ? 3 * Number(grade[0]) + ({ "-": -1, "+": 1 }[grade[1]] ?? 0) : null;
  const points = (n) => {
    const size = Math.abs(n);
    const whole = Math.floor(size / 3);
    return `${whole || size % 3 === 0 ? whole : ""}${FRACTIONS[size % 3]}`;
  };
  const signed = (n) => `${n > 0 ? "+" : "−"}${points(n)}`;
  const isCopied = (cell) => cell.origin.value === COPIED || cell.origin.value === FILLED;
  const shade = (grade) => (GRADES.includes(grade) ? `g${grade[0]}` : grade === NOT_TESTED ? "nt" : "");

  const show = (cell) => {
    const grade = cell.input.value;
    const [now, was] = [thirds(grade), thirds(cell.was)];
    const change = now === null || was === null ? 0 : now - was;
    const kind = change >= 3 ? "gain" : change <= -3 ? "loss" : "";
    cell.input.className = ["grade", shade(grade), isCopied(cell) ? "copied" : "", kind].filter(Boolean).join(" ");
    const said = isCopied(cell)
      ? grid.dataset[cell.origin.value === COPIED ? "wordsCopied" : "wordsFilled"]
      : change ? `${{ gain: "▲ ", loss: "▼ " }[kind] ?? ""}${signed(change)}` : "";
    put(cell.note, said, `change ${change && !isCopied(cell) ? kind || "slight" : ""}`);
    const asks = grade === NOT_TESTED || cell.remark.value !== "";
    cell.remark.hidden = !asks;
    for (const option of cell.remark.options) {
      option.hidden = option.value !== "" && (option.value === OTHER_CAUSE) === (grade === NOT_TESTED);
    }
  };

  const write = (cell, grade, origin = "graded", remark = "") => {
    cell.input.value = grade;
    cell.origin.value = grade ? origin : "";
    cell.remark.value = grade ? remark : "";
    cell.input.removeAttribute("aria-invalid");
  };

  /* One step of the hand, that one key takes back. */
  const step = (changed, act) => {
    const before = changed.map((cell) => [cell, cell.input.value, cell.origin.value, cell.remark.value]);
    act();
    steps.push(before);
    changed.forEach(show);
    tell();
  };
  const back = () => {
    const before = steps.pop();
    if (!before) return;
    for (const [cell, grade, origin, remark] of before) {
      cell.input.value = grade;
      cell.origin.value = origin;
      cell.remark.value = remark;
      show(cell);
    }
    justGraded = null;
    if (before.length === 1) go(before[0][0]);
    tell();
  };
  const tell = () => {
    sum();
    form.dispatchEvent(new Event("input", { bubbles: true }));
  };

  /* ---------- Moving ---------- */
  const visible = () => cells.filter((cell) => !cell.of.row.hidden);
  const go = (cell) => cell?.input.focus();
  const beside = (cell, by) => {
    const there = visible();
    const place = there.indexOf(cell) + by;
    return there[Math.max(0, Math.min(there.length - 1, place))];
  };
  const part = (cell, by) => {
    const shown = rows.filter((of) => !of.row.hidden);
    const begins = shown.filter((of, i) => i === 0 || of.row.classList.contains("part"));
    const here = shown.indexOf(cell.of);
    const found = by > 0
      ? begins.find((of) => shown.indexOf(of) > here) ?? shown.at(-1)
      : begins.findLast((of) => shown.indexOf(of) < here) ?? shown[0];
    return found.cells[cell.side];
  };
  const on = (cell) => go(beside(cell, 1));
  const moves = {
    ArrowRight: (cell) => beside(cell, 1),
    ArrowLeft: (cell) => beside(cell, -1),
    ArrowDown: (cell) => (visible().indexOf(cell) + 2 < visible().length ? beside(cell, 2) : cell),
    ArrowUp: (cell) => (visible().indexOf(cell) > 1 ? beside(cell, -2) : cell),
    Enter: (cell) => (visible().indexOf(cell) + 2 < visible().length ? beside(cell, 2) : cell),
    PageDown: (cell) => part(cell, 1),
    PageUp: (cell) => part(cell, -1),
    Home: () => visible()[0],
    End: () => visible().at(-1),
  };

  /* ---------- What a key does ---------- */
  const refine = (cell, sign) => {
    const place = GRADES.indexOf(cell.input.value);
    if (place < 0) return;
    const next = GRADES[place + (sign === "+" ? 1 : -1)];
    if (next?.[0] === cell.input.value[0]) {
      step([cell], () => write(cell, next, "graded", cell.remark.value));
    }
  };
  const empty = () => visible().filter((cell) => !cell.input.value);
  const copy = (cell) =>
    write(cell, cell.was, COPIED, cell.wasOther ? OTHER_CAUSE : "");
  const copyable = (cell) => thirds(cell.was) !== null;
  const press = (cell, key) => {
    if (/^[0-5]$/.test(key)) {
      on(cell); /* first: to focus lays the page out, and what is written later is laid out once */
      step([cell], () => write(cell, key));
      justGraded = cell;
    } else if (key === "+" || key === "-" || key === "−") {
      refine(justGraded ?? cell, key === "+" ? "+" : "-");
    } else if (key === "n") {
      step([cell], () => write(cell, NOT_TESTED));
      cell.remark.focus();
    } else if (key === "x" && thirds(cell.input.value) !== null) {
      const remark = cell.remark.value === OTHER_CAUSE ? "" : OTHER_CAUSE;
      step([cell], () => { cell.remark.value = remark; });
    } else if (key === "c" && copyable(cell)) {
      on(cell);
      step([cell], () => copy(cell));
    } else if (key === "C") {
      const rest = empty().filter(copyable);
      if (rest.length) step(rest, () => rest.forEach(copy));
    } else if (key === "r") {
      const rest = empty();
      if (rest.length) step(rest, () => rest.forEach((one) => write(one, "5", FILLED)));
    } else if (key === "uncopy") {
      const copied = cells.filter((one) => isCopied(one) && one.input.dataset.stored !== one.input.value);
      if (copied.length) step(copied, () => copied.forEach((one) => write(one, "")));
    } else if (key === "Backspace" || key === "Delete") {
      step([cell], () => write(cell, ""));
    }
  };
  /* A capital C is meant, not a forgotten Caps Lock. */
  const typedCharacter = (event) => {
    if (event.key.toLowerCase() !== "c" || !event.getModifierState("CapsLock")) {
      return event.key.length === 1 && event.key !== "C" ? event.key.toLowerCase() : event.key;
    }
    return event.shiftKey ? "C" : "c";
  };

  grid.addEventListener("keydown", (event) => {
    const cell = cellOf.get(event.target);
    if (!cell || event.altKey || event.isComposing) return;
    if (event.target === cell.remark) { inRemark(cell, event); return; }
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() === "z") { event.preventDefault(); back(); }
      return;
    }
    const move = moves[event.key];
    if (move) {
      event.preventDefault();
      justGraded = null;
      go(move(cell));
    } else if (event.key.length === 1 || event.key === "Backspace" || event.key === "Delete") {
      event.preventDefault();
      press(cell, typedCharacter(event));
    }
  });
  /* Why it was not tested: the first letter of a reason, or on with the next muscle. */
  const inRemark = (cell, event) => {
    if (event.ctrlKey || event.metaKey || event.key.length !== 1 && event.key !== "Enter") return;
    event.preventDefault();
    const letter = event.key.toLowerCase();
    const found = [...cell.remark.options].find(
      (option) => !option.hidden && option.value && option.text.toLowerCase().startsWith(letter),
    );
    if (found) step([cell], () => { cell.remark.value = found.value; });
    on(cell);
    if (!found && event.key !== "Enter") press(current, typedCharacter(event));
  };
  /* Keyboards on glass say nothing of keys, only what they would insert. */
  grid.addEventListener("beforeinput", (event) => {
    const cell = cellOf.get(event.target);
    if (!cell || event.target !== cell.input) return;
    event.preventDefault();
    for (const character of event.data ?? "") press(current ?? cell, character);
  });
  grid.addEventListener("change", (event) => {
    const cell = cellOf.get(event.target);
    if (cell && event.target === cell.remark) { show(cell); sum(); }
  });

  /* ---------- Where one is ---------- */
  const padName = grid.querySelector("[data-pad-name]");
  grid.addEventListener("focusin", (event) => {
    const cell = cellOf.get(event.target);
    if (!cell) return;
    if (current) {
      current.input.tabIndex = -1;
      current.of.row.classList.remove("here");
    }
    current = cell;
    cell.input.tabIndex = 0;
    cell.of.row.classList.add("here");
    padName.textContent = cell.input.getAttribute("aria-label");
  });
  grid.addEventListener("focusout", (event) => {
    if (!grid.contains(event.relatedTarget)) current?.of.row.classList.remove("here");
  });
  grid.addEventListener("pointerdown", (event) => {
    justGraded = event.target.closest("[data-pad]") ? justGraded : null;
  });
  grid.addEventListener("click", (event) => {
    const button = event.target.closest("[data-press]");
    if (!button) return;
    event.preventDefault();
    const cell = current ?? visible()[0];
    if (button.dataset.press.length === 1 && !button.name) go(cell);
    press(cell, button.dataset.press);
  });

  /* ---------- Sums, live ---------- */
  const table = document.querySelector("[data-sums]");
  const fill = (text, ...values) =>
    values.reduceRight((said, value, i) => said.replace("#".repeat(i + 1), value), text);
  const counted = (cell) => (cell.remark.value === OTHER_CAUSE ? null : thirds(cell.input.value));
  const countedBefore = (cell) => (cell.wasOther ? null : thirds(cell.was));
  const total = (of, value) => {
    const values = of.map(value);
    return values.includes(null) ? null : values.reduce((a, b) => a + b, 0);
  };
  const named = (lacking) => {
    const by = Map.groupBy
      ? [...Map.groupBy(lacking, (cell) => cell.of)]
      : rows.map((of) => [of, lacking.filter((cell) => cell.of === of)]).filter(([, found]) => found.length);
    return by.map(([of, found]) => (found.length === 2
      ? `${of.name.toLowerCase()}, ${table.dataset.wordsBoth}`
      : found[0].input.getAttribute("aria-label").toLowerCase())).join("; ");
  };
  const why = (of) => {
    const said = table.dataset;
    const [without, untested, other] = [
      of.filter((cell) => !cell.input.value),
      of.filter((cell) => cell.input.value === NOT_TESTED),
      of.filter((cell) => cell.input.value !== NOT_TESTED && cell.remark.value === OTHER_CAUSE),
    ];
    if (untested.length) return fill(said.wordsNotTested, "", named(untested));
    if (other.length) return fill(said.wordsOtherCause, "", named(other));
    if (without.length > 4) return fill(said.wordsMany, without.length, of.length);
    return without.length ? fill(said.wordsMissing, without.length, named(without)) : "";
  };
  const sum = () => {
    for (const line of table.tBodies[0].rows) {
      const of = cells.filter((cell) => cell.of.sets.includes(line.dataset.set));
      const [now, was] = [total(of, counted), total(of, countedBefore)];
      const change = now === null || was === null ? null : now - was;
      const kind = change >= 6 ? "gain" : change !== null && change <= -6 ? "loss" : "";
      put(line.querySelector(".sum-note"), why(of));
      put(line.cells[1], was === null ? "–" : points(was));
      put(line.cells[2], now === null ? "–" : points(now));
      put(line.cells[3], change === null ? "" : change === 0 ? "0" : signed(change), `number ${kind}`);
    }
    const shown = visible();
    const answered = shown.filter((cell) => cell.input.value).length;
    const text = answered === shown.length ? words.wordsAll : words.words;
    const said = text.replace("###", shown.length - answered).replace("##", shown.length);
    put(grid.querySelector("[data-progress]"), said.replace("#", answered));
  };

  /* ---------- Which muscles ---------- */
  const sets = document.getElementById("muscle-set");
  const choose = () => {
    for (const { row, sets: of, isKept, cells: own } of rows) {
      const isGraded = own.some((cell) => cell.input.value);
      row.hidden = !(sets.value === "all" || of.includes(sets.value) || isKept || isGraded);
    }
    sum();
  };
  sets.addEventListener("change", choose);

  /* ---------- Asked once before saving ---------- */
  const dialog = document.getElementById("unchanged");
  const unanswered = () =>
    cells.filter((cell) => isCopied(cell) && cell.input.dataset.stored !== cell.input.value).length;
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "do" || form.elements.examined_unchanged || !unanswered()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const n = unanswered();
    dialog.querySelector("[data-count]").textContent =
      n === 1 ? dialog.dataset.one : dialog.dataset.many.replace("#", n);
    dialog.returnValue = "";
    dialog.showModal();
  }, { capture: true });
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "yes") { go(current); return; }
    const answer = document.createElement("input");
    Object.assign(answer, { type: "hidden", name: "examined_unchanged", value: "yes" });
    form.append(answer);
    form.requestSubmit();
    answer.remove();
  });

  /* ---------- Ready ---------- */
  for (const plain of grid.querySelectorAll("[data-no-script]")) plain.hidden = true;
  for (const aid of document.querySelectorAll("[data-script], [data-pad]")) aid.hidden = false;
  for (const cell of cells) {
    cell.input.tabIndex = -1;
    cell.input.inputMode = "none"; /* the pad below, not a keyboard over half the screen */
    show(cell);
  }
  choose();
  const start = empty()[0] ?? visible()[0];
  start.input.tabIndex = 0;
  const isQuiet = !document.querySelector("[data-first], [aria-invalid=true], .ask input");
  if (isQuiet && window.matchMedia("(width >= 768px)").matches) {
    start.input.focus({ preventScroll: true });
  }
})();
