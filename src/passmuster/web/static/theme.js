// Runs before the first paint: the person's choice, else what the system prefers. Without it the page follows the system.
(function () {
  "use strict";
  var root = document.documentElement;
  var system = window.matchMedia("(prefers-color-scheme: dark)");
  function chosen() {
    var found = /(?:^|; )theme=(light|dark)(?:;|$)/.exec(document.cookie);
    return found ? found[1] : null;
  }
  function apply() {
    root.setAttribute("data-bs-theme", chosen() || (system.matches ? "dark" : "light"));
  }
  apply();
  system.addEventListener("change", apply);
  window.passmusterTheme = {
    chosen: chosen,
    choose: function (theme) {
      var age = theme ? 31536000 : 0;
      var secure = location.protocol === "https:" ? "; Secure" : "";
      document.cookie = "theme=" + (theme || "") + "; Path=/; SameSite=Lax; Max-Age=" + age + secure;
      apply();
      document.dispatchEvent(new CustomEvent("theme-changed"));
    }
  };
})();
