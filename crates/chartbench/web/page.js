// Draws what `cargo xtask bench charts` asks for, once with each library, on a fresh page each time.
//
// A time is that of the main thread, up to and including the pixels of all canvases: these are read back.
"use strict";

const WIDTH = 1600;
const HEIGHT = 600;
const START_S = 1735689600;
const STEP_S = 15;

// A walk that is drawn back to a level of its own; the same for everybody.
function column(series, points) {
  let state = series + 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const values = new Float64Array(points);
  let v = 50 + 100 * random();
  for (let i = 0; i < points; i++) {
    v += random() - 0.5 + (50 + (series % 50) - v) * 0.001;
    values[i] = v;
  }
  return values;
}

const libraries = {
  ours: {
    // Compiled and started before the clock runs, as the peer's script is loaded; the columns are the module's.
    async load() {
      await script("chartbench.js");
      this.wasm = await wasm_bindgen({ module_or_path: "chartbench_bg.wasm" });
    },
    prepare(series, points) {
      const bench = new wasm_bindgen.Bench(START_S * 1000, STEP_S * 1000, points);
      for (let k = 0; k < series; k++) bench.push(column(k, points));
      return bench;
    },
    create(host, bench) {
      bench.create(host, WIDTH, HEIGHT);
      return bench;
    },
    settle() {},
    zoom: (bench, from, to) => bench.zoom(from * 1000, to * 1000),
    hover: (bench, x, y) => bench.hover(x, y),
    destroy: (bench) => bench.destroy(),
  },
  uplot: {
    async load() {
      const style = document.createElement("link");
      style.rel = "stylesheet";
      style.href = "uPlot.min.css";
      document.head.append(style);
      await script("uPlot.iife.min.js");
    },
    prepare(series, points) {
      const times = Float64Array.from({ length: points }, (_, i) => START_S + i * STEP_S);
      return [times, ...Array.from({ length: series }, (_, k) => column(k, points))];
    },
    create(host, data) {
      const line = (_, k) => ({
        label: `s${k + 1}`,
        stroke: `hsl(${((k + 1) * 47) % 360}, 70%, 45%)`,
        width: 1,
        points: { show: false },
      });
      const n = data.length - 1;
      const options = {
        width: WIDTH,
        height: HEIGHT - 40,
        series: [{}, ...Array.from({ length: n }, line)],
        legend: { show: n < 50 },
        cursor: { drag: { x: true, y: false } },
      };
      return new uPlot(options, data, host);
    },
    // It draws in a microtask after the change.
    async settle() {
      await null;
      await null;
    },
    zoom: (plot, min, max) => plot.setScale("x", { min, max }),
    hover: (plot, left, top) => plot.setCursor({ left, top }),
    destroy: (plot) => plot.destroy(),
  },
};

function script(src) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = src;
    element.onload = resolve;
    element.onerror = () => reject(new Error(`${src} could not be loaded`));
    document.head.append(element);
  });
}

// After the browser has shown what was drawn.
function shown() {
  return new Promise((resolve) => {
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = resolve;
      channel.port2.postMessage(null);
    });
  });
}

function readBack() {
  for (const canvas of document.querySelectorAll("canvas")) {
    if (canvas.width > 0) canvas.getContext("2d").getImageData(0, 0, 1, 1);
  }
}

// To measure all of it, the browser first collects what nobody holds: only then the heap tells something.
async function memory() {
  const all = performance.measureUserAgentSpecificMemory && (await performance.measureUserAgentSpecificMemory());
  const heap = performance.memory ? performance.memory.usedJSHeapSize / 1e6 : null;
  return { heap, all: all ? all.bytes / 1e6 : null };
}

async function bench({ library, series, points, firsts, steps, budget }) {
  const lib = libraries[library];
  const host = document.getElementById("host");
  await lib.load();
  const data = lib.prepare(series, points);
  const times = { first: [], zoom: [], pan: [], hover: [] };
  let chart;
  const timed = async (what, act) => {
    const started = performance.now();
    act();
    await lib.settle();
    readBack();
    times[what].push(performance.now() - started);
    await shown();
  };
  const begun = performance.now();
  for (let i = 0; i < firsts && (i === 0 || performance.now() - begun < budget); i++) {
    if (chart) {
      lib.destroy(chart);
      host.replaceChildren();
      await shown();
    }
    await timed("first", () => {
      chart = lib.create(host, data);
    });
  }
  const span = (points - 1) * STEP_S;
  const part = (from, to) => [START_S + span * from, START_S + span * to];
  const loop = async (what, act) => {
    const started = performance.now();
    for (let i = 0; i < steps && (i < 5 || performance.now() - started < budget); i++) await timed(what, () => act(i));
  };
  // From the whole range inwards; then half of it, moving.
  await loop("zoom", (i) => lib.zoom(chart, ...part(0.01 * i, 1 - 0.01 * i)));
  await loop("pan", (i) => lib.zoom(chart, ...part(0.1 + 0.005 * i, 0.6 + 0.005 * i)));
  lib.zoom(chart, ...part(0, 1));
  await lib.settle();
  await shown();
  await loop("hover", (i) => lib.hover(chart, 100 + i * 40, 200));
  return { ms: performance.now() - begun, answer: { times, memory: await memory() } };
}

const tell = (what) => fetch("done", { method: "POST", body: JSON.stringify(what) });

async function main() {
  if (!sessionStorage.getItem("is-started")) {
    sessionStorage.setItem("is-started", "1");
    await tell({ ms: 0 });
  }
  let response;
  // Nothing was asked for a while: ask again.
  do response = await fetch("next");
  while (response.status === 204);
  try {
    await tell(await bench(await response.json()));
  } catch (error) {
    await tell({ error: String(error) });
  }
  location.reload();
}

main();
