// Draws the table of a picture above it. The table stays as the picture's words; without this script it is all there is.
(function () {
  "use strict";
  var drawn = new Map();
  function colour(name) {
    var probe = document.createElement("span");
    probe.style.color = "var(" + name + ")";
    document.body.append(probe);
    var found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  }
  function link(cell) { return (cell.querySelector("a") || {}).href || ""; }
  function number(text) {
    var found = parseFloat(text);
    return isNaN(found) ? null : found;
  }
  function read(table) {
    var heads = Array.from(table.tHead.rows[0].cells).slice(1);
    var rows = Array.from(table.tBodies[0].rows);
    return {
      labels: rows.map(function (row) { return row.cells[0].textContent; }),
      series: heads.map(function (head, index) {
        return {
          name: head.textContent,
          link: link(head),
          links: rows.map(function (row) { return link(row.cells[index + 1]); }),
          values: rows.map(function (row) { return number(row.cells[index + 1].textContent); })
        };
      })
    };
  }
  function option(figure, told) {
    var kind = figure.getAttribute("data-chart");
    var unit = figure.getAttribute("data-unit");
    var ink = colour("--ink"), soft = colour("--soft"), line = colour("--line");
    var palette = kind === "bar" ? ["--fill-good", "--fill-middling", "--fill-bad"] : ["--accent", "--high", "--good", "--low", "--critical", "--medium"];
    return {
      animation: false,
      color: palette.map(colour),
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink },
      grid: { left: 0, right: 8, top: told.series.length > 1 ? 44 : 18, bottom: 4, containLabel: true },
      legend: { show: told.series.length > 1, top: 4, left: 0, padding: [5, 0], itemWidth: 14, itemHeight: 9, textStyle: { color: soft }, selectedMode: false },
      tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: function (value) { return value === null || value === undefined ? "–" : value + unit; } },
      xAxis: { type: "category", data: told.labels, axisLabel: { color: soft }, axisLine: { lineStyle: { color: line } }, axisTick: { show: false } },
      yAxis: { type: "value", min: 0, max: unit === "%" ? 100 : null, minInterval: 1, axisLabel: { color: soft, formatter: "{value}" + unit }, splitLine: { lineStyle: { color: line } } },
      series: told.series.map(function (each, index) {
        return {
          name: each.name, type: kind, data: each.values, stack: kind === "bar" ? "all" : undefined, barMaxWidth: 26,
          connectNulls: true, symbol: ["circle", "rect", "triangle", "diamond", "pin", "roundRect"][index % 6], symbolSize: 7, lineStyle: { width: 2.5 }
        };
      })
    };
  }
  function draw(figure) {
    var place = figure.querySelector(".chart");
    var told = read(figure.querySelector("table"));
    place.hidden = false;
    if (!drawn.has(figure)) {
      figure.querySelector("details").open = false;
      var made = window.echarts.init(place, null, { renderer: "canvas" });
      made.on("click", function (event) {
        var series = told.series[event.seriesIndex];
        var to = series.links[event.dataIndex] || series.link;
        if (to) location.href = to;
      });
      new ResizeObserver(function () { made.resize(); }).observe(place);
      drawn.set(figure, made);
    }
    drawn.get(figure).setOption(option(figure, told), true);
  }
  function drawAll() { document.querySelectorAll("figure[data-chart]").forEach(draw); }
  document.addEventListener("theme-changed", drawAll);
  document.addEventListener("pictures-changed", drawAll);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  drawAll();
})();
