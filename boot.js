// Starts the page's wasm module. A file of its own, because the policy of index.html allows no inline script.
const { js, wasm } = document.querySelector('meta[name="promenade-module"]').dataset;
try {
  const { default: init } = await import(js);
  await init({ module_or_path: wasm });
} catch (error) {
  document.getElementById("boot-problem").hidden = false;
  document.getElementById("boot-problem-detail").textContent = String(error);
  throw error;
}
