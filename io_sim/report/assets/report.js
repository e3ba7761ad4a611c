"use strict";
// The figures are drawn already. This adds what needs a hand: copying, and reading off values.
window.onerror = (message) => {
  document.documentElement.dataset.error = String(message);
};

const data = JSON.parse(document.getElementById("data").textContent);
const hint = document.getElementById("hint");

function timeText(ms) {
  const seconds = ms / 1000;
  if (seconds < 60) return seconds.toFixed(seconds < 10 ? 2 : 1) + " s";
  const whole = Math.round(seconds);
  const parts = [[Math.floor(whole / 3600), "h"], [Math.floor(whole / 60) % 60, "min"], [whole % 60, "s"]];
  return parts.filter(([count]) => count > 0).map((part) => part.join(" ")).join(" ");
}

function sizeText(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (bytes >= 1024 && unit + 1 < units.length) {
    bytes /= 1024;
    unit++;
  }
  return (unit === 0 || bytes >= 100 ? Math.round(bytes) : bytes.toFixed(1)) + " " + units[unit];
}

// The last index whose value is not above `value`; 0 when all are.
function lastAtMost(values, value) {
  let low = 0;
  let high = values.length;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= value) low = middle;
    else high = middle;
  }
  return low;
}

// What a figure says of sample i; `y` is where the pointer is. Lengths are tenths of a pixel of the
// figure, as in the data.
const readings = {
  knows: (i) => "most: " + data.knows_max[i] + "\nmedian: " + data.knows_median[i] +
      "\nfewest: " + data.knows_min[i] + "\n" + data.running[i] + " nodes running",
  components: (i) => "components: " + data.components[i] + "\n" + data.running[i] + " nodes running",
  traffic: (i) => "pieces: " + sizeText(data.payload_rate[i]) + "/s\ncontrol: " +
      sizeText(data.control_rate[i]) + "/s",
  heat: (i, y) => {
    const row = Math.floor((y - data.heat.top) / data.heat.row_height);
    if (row < 0 || row >= data.heat.rows.length) return "";
    const {name, from, value} = data.heat.rows[row];
    return name + ": " + value[lastAtMost(from, i)] + (data.heat.grouped ? " pieces each" : " pieces");
  },
  faults: () => "",
};

function faultsAt(ms, slack) {
  const now = data.faults.filter(([from, to]) => ms >= from - slack && ms <= to + slack);
  const shown = now.slice(0, 6).map(([, , what]) => "\u2022 " + what);
  if (now.length > 6) shown.push("\u2022 and " + (now.length - 6) + " more");
  return shown.join("\n");
}

function placeHint(event, text) {
  hint.textContent = text;
  hint.style.visibility = "visible";
  const {width, height} = hint.getBoundingClientRect();
  const left = event.clientX + 16 + width < innerWidth ? event.clientX + 16 : event.clientX - 16 - width;
  hint.style.left = Math.max(4, left) + "px";
  hint.style.top = Math.max(4, Math.min(event.clientY + 16, innerHeight - height - 4)) + "px";
}

const timed = Array.from(document.querySelectorAll("svg[data-reads]"));

function hideCursors() {
  hint.style.visibility = "hidden";
  for (const svg of timed) svg.querySelector(".cursor").style.visibility = "hidden";
}

function readOff(svg, event) {
  const box = svg.getBoundingClientRect();
  const scale = 10 * svg.viewBox.baseVal.width / box.width;
  const x = (event.clientX - box.left) * scale;
  const y = (event.clientY - box.top) * scale;
  const {left, right} = data.plot;
  if (x < left || x > right || data.at_ms.length === 0) return hideCursors();
  const ms = (x - left) / (right - left) * data.end_ms;
  for (const other of timed) {
    const cursor = other.querySelector(".cursor");
    cursor.setAttribute("x1", x / 10);
    cursor.setAttribute("x2", x / 10);
    cursor.style.visibility = "visible";
  }
  const reading = readings[svg.dataset.reads](lastAtMost(data.at_ms, ms), y);
  const faults = faultsAt(ms, data.end_ms / 400);
  placeHint(event, [timeText(ms), reading, faults].filter((part) => part !== "").join("\n"));
}

for (const svg of timed) {
  svg.addEventListener("pointermove", (event) => readOff(svg, event));
  svg.addEventListener("pointerleave", hideCursors);
}

// Pointing at a node of the overlay shows its connections.
for (const node of document.querySelectorAll("[data-node]")) {
  const links = document.querySelectorAll(
      '.link[data-a="' + node.dataset.node + '"], .link[data-b="' + node.dataset.node + '"]');
  node.addEventListener("pointerenter", () => links.forEach((link) => link.classList.add("on")));
  node.addEventListener("pointerleave", () => links.forEach((link) => link.classList.remove("on")));
}

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

for (const button of document.querySelectorAll("button.copy")) {
  button.addEventListener("click", async () => {
    await copy(button.parentElement.querySelector("code").textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
}

document.documentElement.dataset.ready = "yes";
