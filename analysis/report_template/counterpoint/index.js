// Sorts and filters the table of reports; without it the table stands by title.
(() => {
  "use strict";
  const body = document.querySelector(".cp-reports tbody");
  const bar = document.querySelector(".cp-filters");
  if (!body || !bar) return;
  const rows = [...body.rows];
  const heads = [...document.querySelectorAll(".cp-reports th[data-sort]")];
  const search = bar.querySelector("input"), sorting = bar.querySelector(".cp-sorting select");
  const choices = [...bar.querySelectorAll("select[data-key]")];
  const told = bar.querySelector(".cp-told");
  const TEXTS = ["title", "byOutlet"];
  const filter = () => {
    const word = search.value.trim().toLowerCase();
    let left = 0;
    for (const row of rows) {
      const fits = row.dataset.title.includes(word) && choices.every(({ value, dataset }) =>
        value === "" || row.dataset[dataset.key].trim().split(" ").includes(value));
      row.hidden = !fits;
      left += fits;
    }
    told.textContent = `${left} of ${rows.length} reports`;
  };
  const compare = (a, b, key, way) => {
    const [x, y] = [a.dataset[key], b.dataset[key]];
    if (x === "" || y === "") return (x === "") - (y === ""); // what is not known comes last
    if (TEXTS.includes(key)) return way * x.localeCompare(y);
    return way * (key === "date" ? x.localeCompare(y) : x - y);
  };
  const sort = (key, way) => {
    body.append(...rows.toSorted((a, b) => compare(a, b, key, way)));
    for (const head of heads) {
      if (head.dataset.sort === key) head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    }
  };
  const first = (key) => (TEXTS.includes(key) ? 1 : -1); // numbers the highest first, texts from A
  for (const head of heads) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const key = head.dataset.sort, before = head.getAttribute("aria-sort");
      sort(key, before ? (before === "ascending" ? -1 : 1) : first(key));
    });
  }
  sorting.addEventListener("change", () => sort(sorting.value, first(sorting.value)));
  bar.addEventListener("input", filter);
  bar.hidden = false;
  filter();
})();
