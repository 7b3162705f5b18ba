// Shows the edition that Python sends; its badges and sides open a choice of labels.
function make(parent, name, cls, text) {
  const e = document.createElement(name);
  if (cls) e.className = cls;
  if (text !== undefined) e.textContent = text;
  parent.append(e);
  return e;
}

function render({ model, el }) {
  const root = make(el, "div", "cp-labeled");
  root.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab's keys rest here
  let choice = null;

  const noteOf = (comment) =>
    [...root.querySelectorAll(".cp-note")].find((note) => note.dataset.comment === comment);

  function close(focus) {
    if (!choice) return;
    choice.menu.remove();
    choice.opener.setAttribute("aria-expanded", "false");
    if (focus) choice.opener.focus();
    choice = null;
  }

  function open(note, opener, task, target) {
    const again = choice && choice.opener === opener;
    close(again);
    if (again) return;
    const menu = document.createElement("div");
    menu.className = "cp-choice";
    menu.setAttribute("role", "group");
    menu.setAttribute("aria-label", "Your label");
    (opener.closest("p") || opener).after(menu);
    make(menu, "span", "", "Your label:");
    let toward = null;
    for (const [label, word] of model.get("labels")[task]) {
      const button = make(menu, "button", "", word);
      button.type = "button";
      button.addEventListener("click", () => {
        const target = toward ? toward.value : "";
        model.send({ article, comment: note.dataset.comment, task, target, label });
        for (const each of menu.querySelectorAll("button")) each.disabled = true;
      });
    }
    if (task === "stance") {
      toward = make(menu, "select");
      toward.setAttribute("aria-label", "Toward");
      for (const name of model.get("targets")) make(toward, "option", "", name).value = name;
      if (target) toward.value = target;
    }
    opener.setAttribute("aria-expanded", "true");
    choice = { menu, opener };
    menu.querySelector("button").focus();
  }

  function opens(opener, note, task, target) {
    opener.setAttribute("role", "button");
    opener.setAttribute("aria-expanded", "false");
    opener.tabIndex = 0;
    opener.title = "Agree or correct";
    opener.addEventListener("click", () => open(note, opener, task, target));
    opener.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      open(note, opener, task, target);
    });
  }

  let article = ""; // the one on show, which a click is about

  function show() {
    choice = null;
    article = model.get("article");
    root.innerHTML = model.get("value"); // ours, with every text in it escaped
    for (const note of root.querySelectorAll(".cp-note")) {
      if (!note.dataset.comment) continue;
      opens(note.querySelector(".cp-badge"), note, "relation", "");
      for (const side of note.querySelectorAll(".cp-sides [data-target]")) {
        opens(side, note, "stance", side.dataset.target);
      }
      if (model.get("targets").length) {
        const more = make(note.querySelector(".cp-head"), "span", "cp-toward", "toward …");
        opens(more, note, "stance", "");
      }
    }
    tell();
  }

  function tell() {
    const { comment, said, error } = model.get("told");
    const note = comment && noteOf(comment);
    if (!note) return;
    close(false);
    for (const old of root.querySelectorAll(".cp-kept")) old.remove();
    const line = document.createElement("p");
    line.className = error ? "cp-kept cp-not" : "cp-kept";
    line.setAttribute("role", "status");
    line.textContent = error || said;
    note.querySelector(".cp-head").after(line);
    note.querySelector(".cp-badge").focus({ preventScroll: true });
  }

  root.addEventListener("keydown", (event) => {
    event.stopPropagation(); // else the notebook takes letters for its own commands
    if (event.key === "Escape") close(true);
  });

  show();
  model.on("change:article", show);
  model.on("change:value", show);
  model.on("change:targets", show);
  model.on("change:told", tell);
  return () => {
    model.off("change:article", show);
    model.off("change:value", show);
    model.off("change:targets", show);
    model.off("change:told", tell);
  };
}

export default { render };
