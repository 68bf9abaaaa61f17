// Does step by step what `cargo xtask bench ingest`, `bench store` and `bench remote` ask for.
importScripts("ingestbench.js");

let wasm;
let bench;
let bytes;
let text;

function timed(step) {
  const started = performance.now();
  const answer = step();
  return { ms: performance.now() - started, answer };
}

// All samples of a store in pieces, so that the data is never twice in memory.
async function store() {
  const before = wasm.memory.buffer.byteLength;
  const started = performance.now();
  bench.load(await (await fetch("series.jsonl")).text());
  const reader = (await fetch("data.bin")).body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    bench.push(value);
  }
  const answer = JSON.parse(bench.finish());
  answer.memory = wasm.memory.buffer.byteLength;
  answer.grown = answer.memory - before;
  return { ms: performance.now() - started, answer };
}

// What a page without ours does with the answer to a range query: a tree, then typed arrays.
function jsonToColumns() {
  const columns = [];
  let n = 0;
  for (const series of JSON.parse(text).data.result) {
    const values = series.values;
    const times = new Float64Array(values.length);
    const numbers = new Float64Array(values.length);
    for (let idx = 0; idx < values.length; idx++) {
      times[idx] = values[idx][0];
      numbers[idx] = +values[idx][1];
    }
    columns.push([times, numbers]);
    n += values.length;
  }
  return n;
}

const PIECE_BYTES = 64 * 1024;

const steps = {
  async body({ file }) {
    bytes = new Uint8Array(await (await fetch(file)).arrayBuffer());
    text = new TextDecoder().decode(bytes);
    return { ms: 0, answer: bytes.length };
  },
  peer() {
    if (!self.parsePrometheusTextFormat) importScripts("npm-parser.js");
    const count = (families) => families.reduce((n, family) => n + family.metrics.length, 0);
    const { ms, answer } = timed(() => self.parsePrometheusTextFormat(text));
    return { ms, answer: count(answer) };
  },
  parse: () => timed(() => bench.parse(bytes)),
  new() {
    bench.prepare();
    return timed(() => bench.store_new(bytes));
  },
  known: () => timed(() => bench.store_known(bytes)),
  json: () => timed(jsonToColumns),
  answer({ start, step, steps }) {
    return timed(() => {
      bench.begin_answer(start, step, steps);
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
        bench.push_answer(bytes.subarray(at, at + PIECE_BYTES));
      }
      return bench.end_answer();
    });
  },
  store,
  decode: () => timed(() => bench.decode()),
};

const tell = (what) => fetch("done", { method: "POST", body: JSON.stringify(what) });

async function main() {
  wasm = await wasm_bindgen({ module_or_path: "ingestbench_bg.wasm" });
  bench = new wasm_bindgen.Bench();
  await tell({ ms: 0 });
  for (;;) {
    const response = await fetch("next");
    // Nothing was asked for a while.
    if (response.status === 204) continue;
    const question = await response.json();
    try {
      await tell(await steps[question.do](question));
    } catch (error) {
      await tell({ error: String(error) });
    }
  }
}

main().catch((error) => tell({ error: String(error) }));
