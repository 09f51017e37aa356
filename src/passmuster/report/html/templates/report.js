"use strict";
(() => {
  const openTarget = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id && document.getElementById(id);
    const details = target && target.closest("details");
    if (details && !details.open) {
      details.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", openTarget);
  openTarget();

  const bar = document.getElementById("filter");
  if (!bar) return;
  const text = document.getElementById("f-text");
  const severity = document.getElementById("f-severity");
  const who = document.getElementById("f-who");
  const open = document.getElementById("f-open");
  const status = document.getElementById("f-status");
  const findings = [...document.querySelectorAll("#findings .finding")].map((element) => ({
    element,
    words: element.textContent.toLowerCase(),
  }));

  const apply = () => {
    const wanted = text.value.trim().toLowerCase();
    let shown = 0;
    for (const { element, words } of findings) {
      const fits =
        (!severity.value || element.dataset.severity === severity.value) &&
        (!who.value || element.dataset.who === who.value) &&
        words.includes(wanted);
      element.hidden = !fits;
      shown += fits;
    }
    status.textContent = shown === findings.length ? "" : `${shown} of ${findings.length} shown`;
  };
  const toggle = () => {
    const all = open.getAttribute("aria-pressed") !== "true";
    open.setAttribute("aria-pressed", String(all));
    for (const { element } of findings) element.open = all;
  };
  text.addEventListener("input", apply);
  severity.addEventListener("change", apply);
  who.addEventListener("change", apply);
  open.addEventListener("click", toggle);
  bar.hidden = false;
})();
