// Loads the worker's wasm module; the page's boot.js starts it.
importScripts("./promenade-worker.js");
wasm_bindgen({ module_or_path: "./promenade-worker_bg.wasm" });
