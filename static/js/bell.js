// The number beside the bell, without reloading the page. Asked every half minute while the page can be seen, and never
// twice by pages that follow each other quickly: what was said last is kept for this browser tab. Only the text of the
// marks changes, so focus stays where it is; a screen reader hears of it when the number grows.

const EVERY = 30000;
const KEPT = "bell";

let link, person, timer;

function kept() {
  try {
    const last = JSON.parse(sessionStorage.getItem(KEPT));
    return last?.person === person ? last : null;
  } catch {
    return null;
  }
}

function show(last) {
  document.querySelectorAll("[data-unread]").forEach((mark) => {
    mark.textContent = last.shown;
    mark.hidden = !last.count;
  });
  link.title = last.said;
}

async function ask() {
  const last = kept();
  let answer;
  try {
    answer = await fetch(link.dataset.bell, { headers: last ? { "If-None-Match": last.etag } : {}, redirect: "manual" });
  } catch {
    return; // away for a moment: the next time tries again
  }
  if (answer.status === 304) {
    keep({ ...last, at: Date.now() });
  } else if (answer.status === 200) {
    const said = await answer.json();
    if (last && said.count > last.count) document.querySelector("[data-bell-said]").textContent = said.said;
    keep({ ...said, person, etag: answer.headers.get("ETag"), at: Date.now() });
    show(said);
  } else if (answer.status !== 429 && answer.status < 500) {
    clearInterval(timer); // the session is over: nobody is there to be told
    timer = null;
  }
}

function keep(last) {
  sessionStorage.setItem(KEPT, JSON.stringify(last));
}

function look() {
  if (document.visibilityState !== "visible" || !timer) return;
  const last = kept();
  if (!last || Date.now() - last.at > EVERY - 1000) ask();
}

export function start() {
  link = document.querySelector("[data-bell]");
  person = document.body.dataset.person;
  const last = kept();
  if (last) show(last);
  timer = setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
  document.querySelector("[data-inbox-page]") ? ask() : look();
  // What is read in the inbox counts on the next page already.
  document.addEventListener("submit", (event) => {
    const now = kept();
    if (now && event.target.closest("[data-inbox-page]")) keep({ ...now, at: 0 });
  });
}
