// Says the level of the expected residual risk while a person chooses; without this the page after saving says it.
(() => {
  const box = document.querySelector("[data-expected]");
  if (!box) return;
  const scale = JSON.parse(box.dataset.scale);
  const likelihood = box.querySelector("[name=likelihood]");
  const consequence = box.querySelector("[name=consequence]");
  const said = box.querySelector("[data-level]");
  const tone = said.querySelector("[data-tone]");
  const say = () => {
    const level = (scale.matrix[Number(likelihood.value) - 1] || [])[Number(consequence.value) - 1];
    said.hidden = level === undefined;
    if (said.hidden) return;
    tone.className = `tone-mark ${scale.tones[level]}`;
    said.querySelector("[data-name]").textContent = scale.levels[level];
    said.querySelector("[data-where]").textContent = (level <= scale.threshold ? said.dataset.within : said.dataset.above) || "";
  };
  likelihood.addEventListener("change", say);
  consequence.addEventListener("change", say);
  say();
})();
