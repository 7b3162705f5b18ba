// Hover, and a tap anywhere on a sentence, open its card; its button does so without a script.
(() => {
  "use strict";
  if (!HTMLElement.prototype.showPopover) return;
  const OPEN = 250, CLOSE = 200; // milliseconds
  let timer = 0, pinned = null, shown = null, before = null;
  const of = (node) => node instanceof Element && node.closest(".cp-sentence");
  const button = (sentence) => sentence.querySelector(".cp-mark");
  const card = (sentence) => document.getElementById(button(sentence).getAttribute("popovertarget"));
  const isOpen = (found) => found.matches(":popover-open");
  const after = (wait, act) => { clearTimeout(timer); timer = setTimeout(act, wait); };
  const show = (sentence) => {
    const found = card(sentence);
    if (!isOpen(found)) found.showPopover({ source: button(sentence) });
    shown = found;
  };
  const hide = () => { if (shown && shown !== pinned && isOpen(shown)) shown.hidePopover(); };

  addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    if (event.target === pinned) pinned = null;
    if (event.target === shown) shown = null;
  }, true);
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse" || pinned) return;
    const sentence = of(event.target);
    if (sentence) after(shown ? CLOSE : OPEN, () => show(sentence));
    else if (event.target.closest(".cp-card")) clearTimeout(timer);
    else after(CLOSE, hide);
  });
  // A click beside an open card closes it before the click is told of, so look first.
  document.addEventListener("pointerdown", (event) => {
    const sentence = of(event.target);
    before = sentence && isOpen(card(sentence)) && pinned === card(sentence) ? sentence : null;
  }, true);
  document.addEventListener("click", (event) => {
    const sentence = of(event.target);
    if (sentence && event.target === button(sentence)) {
      const found = card(sentence);
      if (isOpen(found) && pinned !== found) event.preventDefault(); // shown already: keep it
      pinned = found;
      return;
    }
    if (!sentence || event.target.closest("a, button, summary")) return;
    clearTimeout(timer);
    if (before === sentence || !getSelection().isCollapsed) return;
    show(sentence);
    pinned = card(sentence);
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.matches(".cp-mark:focus-visible")) show(of(event.target));
  });
  document.addEventListener("focusout", (event) => {
    if (event.target.matches(".cp-mark")) hide();
  });
})();
// Filters of the comments, and the keys n and p that step from one to the next.
(() => {
  "use strict";
  const bar = document.querySelector(".cp-filters");
  const notes = [...document.querySelectorAll(".cp-note")];
  if (!bar || !notes.length) return;
  const selects = [...bar.querySelectorAll("select")];
  const told = bar.querySelector(".cp-told");
  const has = (note, key, value) => value === "" || note.dataset[key].trim().split(" ").includes(value);
  const shown = () => notes.filter((note) => !note.hidden);
  let at = null;
  const filter = () => {
    for (const note of notes) {
      note.hidden = !selects.every((select) => has(note, select.dataset.key, select.value));
      const sign = document.getElementById(note.id.replace("comment", "passage"));
      if (sign) sign.classList.toggle("cp-off", note.hidden);
    }
    told.textContent = `${shown().length} of ${notes.length} comments`;
  };
  const step = (by) => {
    const left = shown();
    if (!left.length) return;
    const next = left.indexOf(at) + by;
    at = at ? left[(next + left.length) % left.length] : left[by > 0 ? 0 : left.length - 1];
    at.focus({ preventScroll: true });
    at.scrollIntoView({ block: "center" });
  };
  bar.addEventListener("change", filter);
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) step(Number(button.dataset.step));
  });
  document.addEventListener("focusin", (event) => {
    const note = event.target.closest(".cp-note");
    if (note) at = note;
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input, textarea")) return;
    if (event.key === "n" || event.key === "p") step(event.key === "n" ? 1 : -1);
  });
  bar.hidden = false;
})();
