// Loads the data into the wasm module, then asks `cargo xtask bench query` for one question after the other.
importScripts("querybench.js");

// A peer's answer as a page would have to take it: fetched, parsed, and made typed arrays.
async function fetchTyped(url) {
  const body = await (await fetch(url)).text();
  const { result } = JSON.parse(body).data;
  return result.map(({ values }) => {
    const times = new Float64Array(values.length);
    const column = new Float64Array(values.length);
    values.forEach(([time, value], idx) => {
      times[idx] = time;
      column[idx] = value;
    });
    return { times, column };
  });
}

async function answer(bench, question) {
  if (question.peer) {
    const started = performance.now();
    const arrays = await fetchTyped(question.peer);
    return { ms: performance.now() - started, answer: { series: arrays.length } };
  }
  bench.ask(JSON.stringify(question));
  const started = performance.now();
  bench.run();
  const arrays = question.typed ? bench.columns() : [];
  const ms = performance.now() - started;
  return { ms, answer: JSON.parse(bench.describe()), arrays: arrays.length };
}

async function load() {
  await wasm_bindgen({ module_or_path: "querybench_bg.wasm" });
  const started = performance.now();
  const bench = new wasm_bindgen.Bench(await (await fetch("series.jsonl")).text());
  const reader = (await fetch("data.bin")).body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    bench.push(value);
  }
  bench.finish();
  return { bench, ms: performance.now() - started };
}

const tell = (what) => fetch("done", { method: "POST", body: JSON.stringify(what) });

async function main() {
  const { bench, ms } = await load();
  await tell({ ms });
  for (;;) {
    const response = await fetch("next");
    // Nothing was asked for a while.
    if (response.status === 204) continue;
    const question = await response.json();
    try {
      await tell(await answer(bench, question));
    } catch (error) {
      await tell({ error: String(error) });
    }
  }
}

main().catch((error) => tell({ error: String(error) }));
