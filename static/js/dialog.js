// Opens the page behind a link in a dialog: its content is taken from <main>, its form posts to its own address.

export async function load(link, word) {
  let page;
  try {
    const answer = await fetch(link.href);
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    location.assign(link.href);
    return;
  }
  const heading = page.querySelector("main h1");
  const dialog = document.createElement("dialog");
  dialog.innerHTML =
    '<div class="dialog-head"><h2 id="loaded-title"></h2><form method="dialog"><button class="icon-btn">×</button></form></div><div class="dialog-body"></div>';
  dialog.setAttribute("aria-labelledby", "loaded-title");
  dialog.querySelector("h2").textContent = heading?.textContent || link.textContent;
  dialog.querySelector("button").setAttribute("aria-label", word("close-dialog"));
  const inside = dialog.querySelector(".dialog-body");
  page.querySelectorAll("main .page-head, main .messages").forEach((part) => part.remove());
  inside.append(...page.querySelector("main").childNodes);
  inside.querySelectorAll("form:not([action])").forEach((form) => (form.action = link.href));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  globalThis.htmx?.process(inside);
  dialog.showModal();
}
