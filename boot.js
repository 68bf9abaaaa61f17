// Starts the worker and the page's wasm module. A file of its own, because the policy of index.html allows no inline script.
// The colours that the user chose (src/state/settings.rs), before anything is painted.
try {
  const theme = localStorage.getItem("promenade.theme");
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset.theme = theme;
  }
} catch {
  // A browser that stores nothing knows no choice.
}
// The worker compiles while the page's module is still on its way. What it says until the page listens is kept
// (src/client/early.rs takes it over).
try {
  const worker = new Worker("./worker.js");
  const early = { worker, messages: [], error: "" };
  worker.onmessage = (event) => early.messages.push(event);
  worker.onerror = (event) => { early.error = event.message || "it could not be loaded"; };
  globalThis.promenadeWorker = early;
} catch {
  // The page says what a browser without workers lacks.
}
const { js, wasm } = document.querySelector('meta[name="promenade-module"]').dataset;
try {
  const { default: init } = await import(js);
  await init({ module_or_path: wasm });
} catch (error) {
  document.getElementById("boot-problem").hidden = false;
  document.getElementById("boot-problem-detail").textContent = String(error);
  throw error;
}
