// The steward's keyboard. Every shortcut presses a button or link of the page, so nothing works only here.
"use strict";
(() => {
  let busy = false; // a form is on its way: a second key press must not decide twice
  const hint = document.getElementById("hint");
  const help = document.getElementById("help");
  const rows = [...document.querySelectorAll("[data-row]")];
  const boxes = [...document.querySelectorAll("input[name=record]")];
  let row = -1;

  const typing = (event) => {
    const on = event.target;
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return true;
    if (on.isContentEditable || on.matches("textarea, select")) return true;
    return on.matches("input") && !["checkbox", "radio", "button", "submit"].includes(on.type);
  };

  const say = (text) => {
    hint.textContent = text;
    hint.classList.add("shown");
    setTimeout(() => hint.classList.remove("shown"), 2500);
  };

  const showChosen = () => {
    const line = document.querySelector(".chosen");
    if (!line) return;
    const some = boxes.filter((box) => box.checked).length;
    const rest = Number(line.dataset.total) - some;
    line.textContent = some ? line.dataset.some.replaceAll("{a}", some).replaceAll("{b}", rest) : line.dataset.zero;
    for (const box of boxes) {
      const number = box.dataset.number;
      const node = document.querySelector(`[data-node="${number}"]`);
      if (node) node.classList.toggle("chosen-node", box.checked);
      for (const cell of document.querySelectorAll(`[data-column="${number}"]`)) cell.classList.toggle("picked", box.checked);
    }
  };

  const choose = (number) => {
    const box = boxes.find((one) => one.dataset.number === String(number));
    if (!box) return;
    box.checked = !box.checked;
    showChosen();
  };

  const moveTo = (next) => {
    if (!rows.length) return;
    rows[row]?.classList.remove("here");
    row = Math.max(0, Math.min(rows.length - 1, next));
    rows[row].classList.add("here");
    rows[row].querySelector("a")?.focus({ preventScroll: true });
    rows[row].scrollIntoView({ block: "nearest" });
  };

  const press = (key) => {
    const control = document.querySelector(`[data-key="${key}"]`);
    if (!control) return false;
    if ("needs" in control.dataset && !boxes.some((box) => box.checked)) {
      say(document.querySelector(".chosen").dataset.zero);
      return true;
    }
    control.click();
    return true;
  };

  const act = (event) => {
    const key = event.key;
    if (key === "?") return help.showModal(), true;
    if (key === "/") return document.getElementById("q") ? (document.getElementById("q").focus(), true) : false;
    if (/^[1-9]$/.test(key) && boxes.length) return choose(key), true;
    if (rows.length && (key === "j" || key === "ArrowDown")) return moveTo(row + 1), true;
    if (rows.length && (key === "k" || key === "ArrowUp")) return moveTo(row - 1), true;
    return /^[a-z]$/.test(key) && !event.repeat && press(key);
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing && event.target.matches("input")) return event.target.blur();
    if (busy || help.open || typing(event)) return;
    if (act(event)) event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    if (event.target.method === "dialog") return;
    if (busy) event.preventDefault();
    busy = true;
  });
  addEventListener("pageshow", () => { busy = false; showChosen(); });
  document.getElementById("help-open").addEventListener("click", () => help.showModal());
  for (const box of boxes) box.addEventListener("change", showChosen);
  for (const select of document.querySelectorAll(".filters select")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }
})();
