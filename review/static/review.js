// The steward's keyboard. Every shortcut presses a button or link of the page, so nothing works only here.
//
// A key counts for the group that was on the screen when it was pressed, or not at all. So forms, and links pressed by key, are
// fetched and put in the place of the page (a document that goes away loses keys without a word), and a key that comes before the
// next page has been painted does nothing; how many did nothing is said.
"use strict";
(() => {
  let busy = false; // something is on its way: keys pressed meanwhile were meant for what is still on the screen
  let shown = 0; // when what is on the screen was painted
  let early = 0; // keys that did nothing
  let row = -1;
  let hiding = 0;
  const id = (name) => document.getElementById(name);
  const all = (what) => [...document.querySelectorAll(what)];
  const rows = () => all("[data-row]");
  const boxes = () => all("input[name=record]");

  const typing = (event) => {
    const on = event.target;
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return true;
    if (on.isContentEditable || on.matches("textarea, select")) return true;
    return on.matches("input") && !["checkbox", "radio", "button", "submit"].includes(on.type);
  };

  const say = (text) => {
    id("hint").textContent = text;
    id("hint").classList.add("shown");
    clearTimeout(hiding);
    hiding = setTimeout(() => id("hint").classList.remove("shown"), 4000);
  };

  const sayEarly = () => early && say(id("hint").dataset.early.replace("{n}", early));

  const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

  const ready = () => {
    shown = performance.now();
    busy = false;
  };

  // Put the answer in the place of the page; keys count again once it has been painted.
  const enter = async (answer, posted) => {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.title = page.title;
    document.body.replaceWith(page.body);
    scrollTo(0, 0);
    id("main").focus({ preventScroll: true });
    row = -1;
    showChosen();
    await painted();
    ready(); // before the address changes: who waits for the address may press a key at once
    if (answer.redirected || !posted) history.pushState(null, "", answer.url); // a form's own address cannot be asked for again
    sayEarly();
  };

  const go = async (address, body) => {
    busy = true;
    early = 0;
    try {
      const answer = await fetch(address, body ? { method: "POST", body } : {});
      const html = (answer.headers.get("content-type") || "").startsWith("text/html");
      if (html) await enter(answer, Boolean(body));
      else {
        say(await answer.text());
        ready();
      }
    } catch {
      say(id("hint").dataset[body ? "unsure" : "lost"]);
      ready();
    }
  };

  const showChosen = () => {
    const line = document.querySelector(".chosen");
    if (!line) return;
    const some = boxes().filter((box) => box.checked).length;
    const rest = Number(line.dataset.total) - some;
    line.textContent = some ? line.dataset.some.replaceAll("{a}", some).replaceAll("{b}", rest) : line.dataset.zero;
    for (const box of boxes()) {
      const number = box.dataset.number;
      const node = document.querySelector(`[data-node="${number}"]`);
      if (node) node.classList.toggle("chosen-node", box.checked);
      for (const cell of all(`[data-column="${number}"]`)) cell.classList.toggle("picked", box.checked);
    }
  };

  const choose = (number) => {
    const box = boxes().find((one) => one.dataset.number === String(number));
    if (!box) return;
    box.checked = !box.checked;
    showChosen();
  };

  const moveTo = (next) => {
    const lines = rows();
    lines[row]?.classList.remove("here");
    row = Math.max(0, Math.min(lines.length - 1, next));
    lines[row].classList.add("here");
    lines[row].querySelector("a")?.focus({ preventScroll: true });
    lines[row].scrollIntoView({ block: "nearest" });
  };

  const press = (key) => {
    const control = document.querySelector(`[data-key="${key}"]`);
    if (!control) return false;
    if ("needs" in control.dataset && !boxes().some((box) => box.checked)) {
      say(document.querySelector(".chosen").dataset.zero);
    } else if (control.href) go(control.href);
    else control.click();
    return true;
  };

  const act = (event) => {
    const key = event.key;
    if (key === "?") return id("help").showModal(), true;
    if (key === "/") return id("q") ? (id("q").focus(), true) : false;
    if (/^[1-9]$/.test(key) && boxes().length) return choose(key), true;
    if (rows().length && (key === "j" || key === "ArrowDown")) return moveTo(row + 1), true;
    if (rows().length && (key === "k" || key === "ArrowUp")) return moveTo(row - 1), true;
    return /^[a-z]$/.test(key) && !event.repeat && press(key);
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing && event.target.matches("input")) return event.target.blur();
    if (id("help").open || typing(event)) return;
    if (busy || event.timeStamp < shown) {
      if (event.repeat || !/^[a-z1-9]$/.test(event.key)) return;
      early += 1;
      sayEarly();
      return event.preventDefault();
    }
    if (act(event)) event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog") return;
    if (busy) return event.preventDefault();
    if (form.method !== "post") return void (busy = true);
    event.preventDefault();
    const fields = new URLSearchParams(new FormData(form, event.submitter));
    go(form.getAttribute("action"), fields);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("#help-open")) id("help").showModal();
    const link = event.target.closest("a[href]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && !link.getAttribute("href").startsWith("#")) busy = true;
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("input[name=record]")) showChosen();
    if (event.target.matches(".filters select")) event.target.form.requestSubmit();
  });
  addEventListener("popstate", () => location.reload());
  addEventListener("pageshow", () => { busy = false; showChosen(); });
})();
