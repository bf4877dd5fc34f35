// Finds assets by number or word in the form of a risk; without this the list is simply scrolled.
(() => {
  for (const picker of document.querySelectorAll("[data-picker]")) {
    const field = picker.querySelector("[data-picker-search]");
    if (!field) continue;
    const none = picker.querySelector("[data-picker-none]");
    const rows = [...picker.querySelectorAll("li")].map((row) => ({ row, text: row.textContent.toLowerCase() }));
    const input = field.querySelector("input");
    field.hidden = rows.length < 8;
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const { row, text } of rows) {
        row.hidden = !words.every((word) => text.includes(word));
        shown += row.hidden ? 0 : 1;
      }
      none.hidden = shown > 0;
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
  }
})();
