// Starts the page's wasm module. A file of its own, because the policy of index.html allows no inline script.
// The colours that the user chose (src/state/settings.rs), before anything is painted.
try {
  const theme = localStorage.getItem("promenade.theme");
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset.theme = theme;
  }
} catch {
  // A browser that stores nothing knows no choice.
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
