// Charts by uPlot: what they show is in the attributes of their element, colours are the page's.

const drawn = new WeakMap();
const sizes = new ResizeObserver((changes) => {
  for (const { target } of changes) if (drawn.has(target)) fit(target, drawn.get(target).plot);
});
const TONES = { main: "--accent", before: "--before", earlier: "--earlier", events: "--accent", orders: "--good", triggers: "--warm" };

export function drawAll() {
  for (const element of document.querySelectorAll(".chart")) draw(element);
}

function draw(element) {
  const columns = element.dataset.columns;
  const before = drawn.get(element);
  if (before && before.look === element.dataset.look && before.dark === darkness()) {
    if (before.columns !== columns) {
      before.columns = columns;
      before.plot.setData(JSON.parse(columns));
    }
    fit(element, before.plot);
    return;
  }
  before?.plot.destroy();
  const look = JSON.parse(element.dataset.look);
  const plot = new uPlot(options(element, look), JSON.parse(columns), element);
  sizes.observe(element);
  drawn.set(element, { plot, columns, look: element.dataset.look, dark: darkness() });
  fit(element, plot);
}

function darkness() {
  return getComputedStyle(document.documentElement).getPropertyValue("--paper");
}

function fit(element, plot) {
  const width = element.clientWidth;
  const height = Math.max(100, element.clientHeight);
  if (plot.width !== width || plot.height !== height) plot.setSize({ width, height });
}

// Puts the numbers under the pointer into the legend; of a line without a point there, its last one before.
function pointed(plot, id, at, format) {
  const place = plot.cursor.idx;
  const across = place === null || place === undefined ? null : plot.data[0][place];
  document.getElementById(`${id}-at`).textContent = across === null ? "" : at(across);
  plot.data.slice(1).forEach((line, i) => {
    let from = across === null ? -1 : place;
    while (from >= 0 && line[from] === null) from -= 1;
    document.getElementById(`${id}-${i + 1}`).textContent = from < 0 ? "" : format.format(line[from]);
  });
}

function options(element, look) {
  const style = getComputedStyle(document.documentElement);
  const tone = (name) => style.getPropertyValue(name).trim();
  const rem = parseFloat(style.fontSize);
  const axis = { stroke: tone("--soft"), grid: { stroke: tone("--line"), width: 1 }, ticks: { show: false }, font: `${0.75 * rem}px ${style.fontFamily}` };
  const day = look.kind === "day";
  const lang = document.documentElement.lang;
  const numbers = new Intl.NumberFormat(lang, { notation: "compact", ...(day ? { style: "currency", currency: look.currency, currencyDisplay: "narrowSymbol" } : {}) });
  const whole = new Intl.NumberFormat(lang, day ? { style: "currency", currency: look.currency } : {});
  const clock = (minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  const at = (x) => (day ? clock(x) : new Intl.DateTimeFormat(lang, { timeStyle: "short", hour12: false, timeZone: look.zone }).format(x * 1000));
  const series = look.titles.map((label, i) => ({
    label,
    scale: day || i === 0 ? "y" : "few",
    stroke: tone(TONES[look.looks[i]]),
    width: i === 0 ? 2.2 : 1.6,
    dash: day && i > 0 ? (i === 1 ? [6, 4] : [2, 4]) : undefined,
    fill: i === 0 ? `color-mix(in srgb, ${tone(TONES[look.looks[i]])} 10%, transparent)` : undefined,
    spanGaps: true,
    ...(!day && i > 0 ? { width: 0, fill: tone(TONES[look.looks[i]]), paths: uPlot.paths.bars({ size: [0.4, 8], align: i === 1 ? 1 : -1 }) } : {}),
    points: { show: false },
  }));
  const steps = day ? {} : { incrs: [1, 2, 5].flatMap((n) => [n, n * 10, n * 100, n * 1e3, n * 1e4, n * 1e5]).sort((a, b) => a - b) };
  const left = { ...axis, ...steps, size: 3.6 * rem, values: (_, ticks) => ticks.map((tick) => numbers.format(tick)) };
  const right = { ...axis, ...steps, scale: "few", side: 1, size: 2.4 * rem, grid: { show: false }, values: (_, ticks) => ticks.map((tick) => numbers.format(tick)) };
  return {
    width: element.clientWidth || 300,
    height: 200,
    tzDate: day ? undefined : (seconds) => uPlot.tzDate(new Date(seconds * 1000), look.zone),
    scales: { x: day ? { time: false, range: [0, 1440] } : { time: true }, y: { range: (_, __, most) => [0, (most || 1) * 1.05] }, few: { range: (_, __, most) => [0, Math.max(2, most) * 1.05] } },
    axes: [
      { ...axis, size: 1.6 * rem, ...(day ? { splits: () => [0, 360, 720, 1080, 1440], values: (_, ticks) => ticks.map(clock) } : { values: "{HH}:{mm}" }) },
      left,
      ...(day ? [] : [right]),
    ],
    series: [{}, ...series],
    cursor: { points: { size: 6 }, drag: { x: false, y: false } },
    legend: { show: false },
    hooks: { setCursor: [(plot) => pointed(plot, element.id, at, whole)] },
  };
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
