// Messages that float, and the words of the page in the reader's language.

const words = JSON.parse(document.getElementById("words")?.textContent || "{}");

export function word(name) {
  return words[name] || name;
}

export function toast(text, kind = "info") {
  const place = document.getElementById("toasts");
  if (!place) return;
  const box = document.createElement("div");
  box.className = `alert alert-${kind}`;
  const said = document.createElement("div");
  said.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "icon-btn small close";
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", word("close"));
  close.textContent = "×";
  box.append(said, close);
  place.append(box);
  if (kind !== "danger") setTimeout(() => box.remove(), 8000); // failures stay until they are read
}
