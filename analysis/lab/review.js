// Shows the view that Python sends and sends back keys. Article text only ever becomes text nodes.
const NOTE_AFTER = 300; // milliseconds without typing until a note is sent
const ANSWER_WITHIN = 10000; // milliseconds until a kernel that is silent is said to be so

function make(parent, name, cls, text) {
  const e = document.createElement(name);
  if (cls) e.className = cls;
  if (text !== undefined) e.textContent = text;
  parent.append(e);
  return e;
}

function render({ model, el }) {
  const root = make(el, "div", "cp-review");
  root.tabIndex = 0;
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Label by keyboard");
  root.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab's keys a, d, s … rest here

  const head = make(root, "p", "cp-review-head");
  const bar = make(root, "progress", "cp-review-bar");
  bar.setAttribute("aria-label", "Labeled");
  const asks = make(root, "p", "cp-review-asks");
  asks.setAttribute("aria-live", "polite");
  const texts = make(root, "div", "cp-review-texts");
  const said = make(root, "ul", "cp-review-said");
  const guess = make(root, "p", "cp-review-guess");
  const keys = make(root, "div", "cp-review-keys");
  const label = make(root, "label", "cp-review-note", "Note ");
  const note = make(label, "textarea");
  note.rows = 1;
  note.dir = "auto";
  note.setAttribute("aria-description", "Escape goes back to the keys");
  const told = make(root, "p", "cp-review-told");
  told.setAttribute("role", "status");

  let asked = "";
  let waiting = false;
  let timer = 0;
  let silence = 0;
  let written = ""; // the note as Python has it

  const changedNote = () => (note.value === written ? {} : { note: note.value });
  function send(content) {
    clearTimeout(timer);
    model.send({ asked, ...changedNote(), ...content });
    written = note.value;
  }
  function press(key) {
    if (waiting) return; // one key, one answer: the next question is not on show yet
    waiting = true;
    root.classList.add("cp-review-waiting");
    clearTimeout(silence);
    silence = setTimeout(() => {
      waiting = false; // the same key again does no harm: Python knows what was asked
      told.textContent = "The kernel has not answered yet. If it stays silent, run the cell again.";
      told.classList.add("cp-review-error");
    }, ANSWER_WITHIN);
    send({ key });
  }
  function sendNote() {
    if (note.value !== written) send({});
  }

  function button(key, text, more) {
    const b = make(keys, "button", "cp-review-key");
    b.type = "button";
    make(b, "kbd", "", key);
    b.append(" " + text);
    b.addEventListener("click", () => {
      more ? more() : press(key);
    });
  }

  function show() {
    const view = model.get("view");
    const q = view.question;
    const skipped = view.skipped ? `, ${view.skipped} skipped` : "";
    head.textContent = `${view.annotator}: ${view.done} of ${view.total} labeled${skipped}`;
    bar.max = Math.max(view.total, 1);
    bar.value = view.done;
    const mine = (root.contains(document.activeElement) && document.activeElement) || null;
    const moved = (q ? q.id : "") !== asked;
    if (moved || waiting) {
      asked = q ? q.id : "";
      note.value = written = q ? q.note : "";
    }
    asks.textContent = q ? q.asks : "Nothing is left to label here.";
    texts.replaceChildren();
    for (const part of q ? q.texts : []) {
      const block = make(texts, "blockquote", "cp-review-text");
      make(block, "cite", "", part.role);
      const p = make(block, "p");
      p.dir = "auto";
      if (part.before) make(p, "span", "cp-review-around", part.before + " ");
      make(p, "mark", "", part.text);
      if (part.after) make(p, "span", "cp-review-around", " " + part.after);
    }
    if (q && q.title) make(texts, "p", "cp-review-title", q.title).dir = "auto";
    said.replaceChildren();
    for (const text of q ? q.said : []) make(said, "li", "", text).dir = "auto";
    guess.textContent = q && q.guess ? `The program says: ${q.guess}` : "";
    keys.replaceChildren();
    for (const [key, text] of q ? q.keys : []) button(key, text);
    if (q) button("s", "skip");
    button("u", "undo");
    if (q) button("m", "note", () => note.focus());
    label.hidden = !q;
    told.textContent = view.error || view.told;
    told.classList.toggle("cp-review-error", Boolean(view.error));
    root.dataset.done = view.done;
    root.dataset.turn = view.turn;
    waiting = false;
    clearTimeout(silence);
    root.classList.remove("cp-review-waiting");
    if (mine && mine !== note) root.focus({ preventScroll: true }); // a button that was pressed is gone
  }

  root.addEventListener("keydown", (event) => {
    event.stopPropagation(); // else the notebook takes `a`, `d` and `s` for its own commands
    if (event.target === note) {
      if (event.key === "Escape" || (event.key === "Enter" && !event.shiftKey)) {
        event.preventDefault();
        sendNote();
        root.focus();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const key = event.key.toLowerCase();
    const view = model.get("view");
    const known = ["u", ...(view.question ? ["s", ...view.question.keys.map((k) => k[0])] : [])];
    if (key === "m" && view.question) {
      event.preventDefault();
      note.focus();
    } else if (known.includes(key)) {
      event.preventDefault();
      press(key);
    }
  });
  note.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(sendNote, NOTE_AFTER);
  });
  note.addEventListener("blur", sendNote);

  show();
  model.on("change:view", show);
  return () => {
    sendNote();
    model.off("change:view", show);
  };
}

export default { render };
