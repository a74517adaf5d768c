// Runs before the first paint, so that nobody who chose dark sees a white flash. Keep in step with theme.ts.
(() => {
  try {
    const kept = localStorage.getItem("shipanion/theme");
    if (kept === '"light"' || kept === '"dark"') document.documentElement.setAttribute("data-theme", kept.slice(1, -1));
  } catch {
    // Nothing may be stored here: the system's choice counts.
  }
})();
