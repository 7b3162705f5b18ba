// Sorts the list of reports; without it the list stands by title.
(() => {
  "use strict";
  const list = document.querySelector(".cp-reports");
  const bar = document.querySelector(".cp-sort");
  const told = document.querySelector(".cp-told");
  if (!list || !bar) return;
  const buttons = [...bar.querySelectorAll("button")];
  const value = (item, key) => {
    const text = item.dataset[key];
    return key === "title" ? text : text === "" ? -Infinity : Number(text);
  };
  const sort = (button, down) => {
    const key = button.dataset.key, way = down ? -1 : 1;
    const items = [...list.children];
    items.sort((a, b) => {
      const [x, y] = [value(a, key), value(b, key)];
      if (key === "title") return way * x.localeCompare(y);
      return x === y ? 0 : x === -Infinity ? 1 : y === -Infinity ? -1 : way * (x < y ? -1 : 1);
    });
    list.append(...items);
    for (const other of buttons) {
      other.setAttribute("aria-pressed", String(other === button));
      other.dataset.way = other === button ? (down ? "down" : "up") : "";
    }
    told.textContent = `Sorted by ${button.textContent}, ${down ? "highest" : "lowest"} first`;
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const first = button.dataset.key !== "title"; // numbers the highest first, titles from A
      sort(button, button.dataset.way ? button.dataset.way === "up" : first);
    });
  }
  bar.hidden = false;
})();
