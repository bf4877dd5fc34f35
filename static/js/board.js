// Dragging a card to another column presses the button of that move in the card's own menu ([data-move-to]: a button, or
// a form with one).
// A column the card may not move to does not accept it; the menu stays the way by keyboard and on a phone.

let dragged = null;

const moveTo = (column) => dragged?.querySelector(`[data-move-to="${CSS.escape(column.dataset.column)}"]`);

export function start() {
  document.querySelectorAll("[data-board]:not([data-started])").forEach((board) => {
    board.dataset.started = "yes";
    board.querySelectorAll("[data-card]").forEach((card) => {
      if (card.querySelector("[data-move-to]")) card.draggable = true;
    });
    board.addEventListener("dragstart", (event) => {
      dragged = event.target.closest("[data-card]");
      dragged?.classList.add("is-dragged");
      event.dataTransfer.effectAllowed = "move";
    });
    board.addEventListener("dragend", () => {
      dragged?.classList.remove("is-dragged");
      dragged = null;
      board.querySelectorAll(".is-over").forEach((column) => column.classList.remove("is-over"));
    });
    board.addEventListener("dragover", (event) => {
      const column = event.target.closest("[data-column]");
      board.querySelectorAll(".is-over").forEach((one) => one !== column && one.classList.remove("is-over"));
      if (!column || !moveTo(column)) return;
      event.preventDefault();
      column.classList.add("is-over");
    });
    board.addEventListener("drop", (event) => {
      const column = event.target.closest("[data-column]");
      const way = column && moveTo(column);
      if (!way) return;
      event.preventDefault();
      column.querySelector(".board-cards").append(dragged);
      if (way.form) way.form.requestSubmit(way);
      else way.requestSubmit();
    });
  });
}
