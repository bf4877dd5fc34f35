// The chart of the schedule. Rows are fetched a page at a time when they come into view, so that one scroll goes through all
// of them; parts are shown and hidden in place. Without a script there are links for both: pages of rows, and addresses
// with other parts open. Moving bars is gantt_drag.js, for who may.

const ROW = 26; // core.svg.gantt.ROW

const asked = { headers: { "HX-Request": "true" } };

function isStill(frame, page) {
  return page.dataset.first === frame.dataset.first && page.dataset.last === frame.dataset.last;
}

async function fetchPage(frame, place) {
  place.dataset.asked = "yes";
  try {
    const answer = await fetch(place.dataset.src, asked);
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const part = new DOMParser().parseFromString(await answer.text(), "text/html");
    const page = part.querySelector(".gantt-page");
    if (!isStill(frame, page)) {
      location.reload(); // the plan has grown or shrunk meanwhile: these rows would lie beside their days
      return;
    }
    place.replaceWith(page);
    const rows = part.querySelector("tbody");
    document.querySelector(`table tbody[data-page="${rows.dataset.page}"]`)?.replaceWith(rows);
    frame.dispatchEvent(new CustomEvent("gantt:rows"));
  } catch {
    delete place.dataset.asked; // it is tried again when it comes into view the next time
  }
}

function fetchWhatIsSeen(frame) {
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (isIntersecting && !target.dataset.asked && target.isConnected) fetchPage(frame, target);
      }
    },
    { root: frame, rootMargin: "800px 0px" },
  );
  const width = frame.querySelector(".gantt-top").scrollWidth;
  frame.querySelectorAll(".gantt-page.is-waiting").forEach((place) => {
    place.style.height = `${Number(place.dataset.rows) * ROW}px`;
    place.style.width = `${width}px`;
    place.hidden = false;
    seen.observe(place);
  });
}

// ---- another state of the same page, at the same place ----------------------------------------------------------

export async function refresh(address, focus) {
  const before = document.querySelector("[data-gantt]");
  const at = [before.scrollLeft, before.scrollTop, scrollY];
  const answer = await fetch(address);
  if (!answer.ok || answer.redirected) {
    location.assign(address);
    return "";
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = document.getElementById("main");
  const messages = page.querySelector("main .messages");
  messages?.querySelectorAll("button").forEach((button) => button.remove());
  const said = messages?.textContent.trim() || "";
  messages?.replaceChildren(); // the chart says it where the person is looking
  main.replaceChildren(...page.getElementById("main").childNodes);
  history.replaceState(history.state, "", address);
  globalThis.htmx?.process(main);
  start(tools, false);
  const frame = document.querySelector("[data-gantt]");
  if (!frame) return said;
  frame.scrollTo(at[0], at[1]);
  scrollTo(scrollX, at[2]);
  const find = () => {
    const spot = focus && frame.querySelector(focus);
    spot?.focus({ preventScroll: true });
    return Boolean(spot);
  };
  if (!find() && focus) frame.addEventListener("gantt:rows", find, { once: true });
  return said;
}

function toggle(event) {
  const link = event.target.closest(".g-toggle");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const row = link.getAttribute("data-row");
  refresh(new URL(link.getAttribute("href"), location.href).href, `.g-toggle[data-row="${CSS.escape(row)}"]`);
}

// ---- begin -----------------------------------------------------------------------------------------------------

let tools = {};

export function start(given, isNew = true) {
  tools = given || tools;
  const frame = document.querySelector("[data-gantt]:not(.is-ready)");
  if (!frame) return;
  frame.classList.add("is-ready");
  document.querySelector("[data-gantt-paging]").hidden = true;
  frame.addEventListener("click", toggle);
  const first = frame.querySelector(".gantt-page:not(.is-waiting)");
  fetchWhatIsSeen(frame);
  if (isNew) {
    const names = frame.querySelector(".gantt-left").offsetWidth;
    frame.scrollLeft = Number(frame.dataset.todayAt || 0) - (frame.clientWidth - names) / 3; // today is what people come for
    frame.scrollTop = first.dataset.page === "1" ? 0 : first.offsetTop;
  }
  if (frame.dataset.move) import("./gantt_drag.js").then((module) => module.start(frame, tools, refresh));
}
