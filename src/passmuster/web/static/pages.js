// What the pages do beyond links and forms. Everything works without it; nothing here decides anything.
(function () {
  "use strict";
  var GO = { o: "/", p: "/platforms/", r: "/reviews/", f: "/findings/", x: "/deviations/", a: "/patches/", v: "/vulnerabilities/", c: "/calendar/", e: "/evidence/", d: "/record/", s: "/settings/", m: "/messages/", w: "/work/" };
  var waiting = false;

  function all(selector, within) { return Array.from((within || document).querySelectorAll(selector)); }

  function say(text) {
    var place = document.getElementById("messages");
    if (!place) return;
    var box = document.createElement("div");
    box.className = "alert alert-danger";
    var words = document.createElement("p");
    words.textContent = text;
    box.append(words, closer());
    place.append(box);
  }
  function closer() {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.setAttribute("data-close", "");
    button.textContent = "Close";
    return button;
  }

  function showTheme() {
    var now = window.passmusterTheme.chosen() || "";
    all(".theme-switch").forEach(function (group) { group.hidden = false; });
    all("[data-theme-choice]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.getAttribute("data-theme-choice") === now));
    });
  }

  function foldMenu() {
    var button = document.querySelector(".menu-switch");
    var menu = document.getElementById("side-menu");
    if (!button || !menu) return;
    button.hidden = false;
    menu.classList.add("is-folded");
    button.addEventListener("click", function () {
      var folded = menu.classList.toggle("is-folded");
      button.setAttribute("aria-expanded", String(!folded));
    });
  }

  // Lists: the row at hand, picks, the bar for many at once.
  function rows() { return all("table[data-list] > tbody > tr, ul[data-list] > li, ol[data-list] > li"); }
  function at() { return rows().findIndex(function (row) { return row.classList.contains("is-at"); }); }
  function moveTo(index) {
    var list = rows();
    if (!list.length) return;
    var next = Math.max(0, Math.min(index, list.length - 1));
    list.forEach(function (row, place) { row.classList.toggle("is-at", place === next); });
    var target = list[next].querySelector("a[href]") || list[next].querySelector("input[type=checkbox]");
    if (target) target.focus({ preventScroll: true });
    list[next].scrollIntoView({ block: "nearest" });
  }
  function picks(form) { return all("input[type=checkbox][data-pick]", form); }
  function countPicks(form) {
    var bar = form.querySelector(".bulk");
    var boxes = picks(form);
    var chosen = boxes.filter(function (box) { return box.checked; }).length;
    var whole = form.querySelector("[data-pick-filter]:checked");
    if (bar) { bar.hidden = chosen === 0 && !whole; keepClear(bar); }
    all("[data-chosen]", form).forEach(function (place) { place.textContent = (whole ? whole.getAttribute("data-pick-filter") : chosen) + " chosen"; });
    all("[data-pick-all]", form).forEach(function (box) {
      box.checked = chosen > 0 && chosen === boxes.length;
      box.indeterminate = chosen > 0 && chosen < boxes.length;
    });
  }
  // The bar lies over the end of the window: what has the focus is kept above it, whatever the bar's height is.
  function keepClear(bar) {
    var height = bar.hidden ? 0 : bar.getBoundingClientRect().height;
    document.documentElement.style.scrollPaddingBottom = height ? height + 16 + "px" : "";
    var held = document.activeElement;
    if (!height || !held || bar.contains(held) || !held.closest("form:has(.bulk)")) return;
    if (held.getBoundingClientRect().bottom > bar.getBoundingClientRect().top) held.scrollIntoView({ block: "nearest" });
  }
  // On a phone a row is a card, and a cell says by its column's name what it is, unless it speaks for itself.
  function nameCells(table) {
    var heads = table.tHead ? Array.from(table.tHead.rows[0].cells) : [];
    all("tbody td", table).forEach(function (cell) {
      var head = heads[cell.cellIndex];
      var name = head ? head.textContent.trim() : "";
      var speaks = cell.hasAttribute("data-label") || cell.querySelector("a, input, .badge, button") || !cell.textContent.trim();
      if (name && !speaks && cell.colSpan === 1) cell.setAttribute("data-label", name);
    });
  }
  function readyLists(within) {
    all("table.table[data-list], table.as-cards", within).forEach(nameCells);
    all("form:has(.bulk)", within).forEach(countPicks);
    all(".bulk", within).forEach(function (bar) { new ResizeObserver(function () { keepClear(bar); }).observe(bar); });
    all("[data-close]", within).forEach(function (button) { button.hidden = false; });
  }

  document.addEventListener("click", function (event) {
    var theme = event.target.closest("[data-theme-choice]");
    if (theme) { window.passmusterTheme.choose(theme.getAttribute("data-theme-choice")); showTheme(); }
    var close = event.target.closest("[data-close]");
    if (close && close.closest(".alert")) close.closest(".alert").remove();
    var print = event.target.closest("[data-print]");
    if (print) window.print();
  });
  document.addEventListener("change", function (event) {
    var box = event.target;
    if (box.matches && box.matches("[data-pick-all]")) {
      picks(box.form || document).forEach(function (each) { each.checked = box.checked; });
    }
    // Who takes a row or the page back does not mean the rows of other pages either.
    if (box.form && box.matches("[data-pick], [data-pick-all]") && !box.checked) {
      all("[data-pick-filter]", box.form).forEach(function (each) { each.checked = false; });
    }
    if (box.form && box.matches("[data-pick-filter]") && box.checked) picks(box.form).forEach(function (each) { each.checked = true; });
    if (box.form && box.matches("[data-pick], [data-pick-all], [data-pick-filter]")) countPicks(box.form);
    if (box.matches && box.matches("form[data-auto] select")) box.form.requestSubmit();
    if (box.id === "shortcuts-on") localStorage.setItem("shortcuts", box.checked ? "on" : "off");
  });

  // The keys over the page at hand, so that what is chosen on it stays chosen.
  function showKeys() {
    var help = document.querySelector("a[data-keyboard]");
    if (!help || help.pathname === location.pathname) return;
    fetch(help.href).then(function (answer) { return answer.text(); }).then(function (text) {
      var table = new DOMParser().parseFromString(text, "text/html").querySelector("main table");
      if (!table) { help.click(); return; }
      var sheet = document.createElement("dialog");
      sheet.className = "keys-sheet";
      sheet.setAttribute("aria-label", "Keyboard");
      var close = closer();
      close.addEventListener("click", function () { sheet.close(); });
      sheet.append(close, table);
      sheet.addEventListener("close", function () { sheet.remove(); });
      document.body.append(sheet);
      sheet.showModal();
    }).catch(function () { help.click(); });
  }

  function isTyping(target) { return target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]"); }
  function shortcutsOn() { return localStorage.getItem("shortcuts") !== "off"; }
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !shortcutsOn()) return;
    var key = event.key;
    if (document.querySelector("dialog[open]")) {
      if (key === "?") document.querySelector("dialog[open]").close();
      return;
    }
    if (waiting) {
      waiting = false;
      var way = GO[key] && document.querySelector('.side :is(nav, .beside) a[href="' + GO[key] + '"]');
      if (way) { event.preventDefault(); way.click(); }
      return;
    }
    if (key === "g") { waiting = true; setTimeout(function () { waiting = false; }, 1500); return; }
    if (key === "j" || key === "k") { event.preventDefault(); moveTo(at() + (key === "j" ? 1 : -1)); return; }
    if (key === "x" && at() >= 0) {
      var box = rows()[at()].querySelector("input[type=checkbox][data-pick]");
      if (box) { event.preventDefault(); box.click(); }
      return;
    }
    if (key === "y" && at() >= 0) {
      var accept = rows()[at()].querySelector("button[data-accept]");
      if (accept) { event.preventDefault(); accept.click(); }
      return;
    }
    if (key === "a" || key === "A") {
      var every = document.querySelector(key === "a" ? "[data-pick-all]" : "[data-pick-filter]");
      if (every) { event.preventDefault(); every.click(); }
      return;
    }
    if (key === "d") {
      var place = document.querySelector(".bulk:not([hidden]) [data-decide]");
      if (place) { event.preventDefault(); place.focus(); }
      return;
    }
    if (key === "/") {
      var search = document.querySelector(".filter input[type=search], .filter input, .filter select");
      if (search) { event.preventDefault(); search.focus(); }
      return;
    }
    if (key === "n" || key === "p") {
      var link = document.querySelector('a[rel="' + (key === "n" ? "next" : "prev") + '"]');
      if (link) link.click();
      return;
    }
    if (key === "?") showKeys();
  });

  document.addEventListener("htmx:responseError", function (event) {
    var status = event.detail.xhr.status;
    say(status === 403 ? "That is not allowed, or the page is too old: load it again." : "The server could not do that (" + status + "). Nothing was changed; load the page again.");
  });
  document.addEventListener("htmx:sendError", function () { say("The server does not answer. Nothing was changed; try again in a moment."); });
  document.addEventListener("htmx:afterSwap", function (event) { readyLists(event.target); document.dispatchEvent(new CustomEvent("pictures-changed")); });

  showTheme();
  foldMenu();
  readyLists(document);
  var own = document.getElementById("shortcuts-on");
  if (own) own.checked = shortcutsOn();
})();
