// Finds clauses by number or word in the form of a document; without this the lists are simply opened by hand.
(() => {
  for (const picker of document.querySelectorAll("[data-picker]")) {
    const field = picker.querySelector("[data-picker-search]");
    const none = picker.querySelector("[data-picker-none]");
    if (!field) continue;
    const groups = [...picker.querySelectorAll("details")].map((group) => ({
      group,
      wasOpen: group.open,
      rows: [...group.querySelectorAll("li")].map((row) => ({ row, text: row.textContent.toLowerCase() })),
    }));
    const input = field.querySelector("input");
    field.hidden = false;
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const one of groups) {
        const name = one.group.querySelector("b").textContent.toLowerCase();
        let here = 0;
        for (const { row, text } of one.rows) {
          const matches = words.every((word) => text.includes(word) || name.includes(word));
          row.hidden = !matches;
          here += matches ? 1 : 0;
        }
        one.group.hidden = here === 0;
        one.group.open = words.length ? here > 0 : one.wasOpen || !!one.group.querySelector("input:checked");
        shown += here;
      }
      none.hidden = shown > 0;
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
  }
})();
