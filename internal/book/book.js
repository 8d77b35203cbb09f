// What the book does besides being read: search, Play, copy, light and dark.
"use strict";
const root = document.currentScript.dataset.root;
const all = (what, within = document) => [...within.querySelectorAll(what)];
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

function button(text, label, onclick) {
  const b = document.createElement("button");
  b.append(text);
  if (label) b.ariaLabel = b.title = label;
  b.onclick = onclick;
  return b;
}

// Light and dark.
const theme = document.querySelector(".theme");
theme.hidden = false;
theme.onclick = () => {
  const dark = getComputedStyle(document.body).backgroundColor !== "rgb(255, 255, 255)";
  const chosen = document.documentElement.style.colorScheme = dark ? "light" : "dark";
  try { localStorage.theme = chosen; } catch {}
};

// Search. What it looks at comes with the first key.
const box = document.querySelector("search"), input = box.firstChild, list = document.querySelector("#found");
let index;
box.hidden = false;
input.onfocus = () => {
  if (index) return;
  index = [];
  const script = document.createElement("script");
  script.src = root + "search.js";
  document.head.append(script);
};
function found(entries) { // search.js calls it
  index = entries.map((e) => ({ ...e, Terms: e.Terms || [] }));
  input.oninput();
}
input.oninput = () => {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = [];
  for (const entry of words.length ? index : []) {
    let points = 0, shown = "";
    const good = words.every((word) => {
      if (entry.Title.toLowerCase().includes(word)) return points += 3;
      const terms = entry.Terms.filter((t) => t.toLowerCase().includes(word)).sort((a, b) => a.length - b.length);
      shown ||= terms[0];
      return points += terms[0]?.toLowerCase() === word ? 2 : terms[0] ? 1 : 0, terms[0];
    });
    if (good) hits.push({ ...entry, points, shown });
  }
  hits.sort((a, b) => b.points - a.points);
  list.replaceChildren(...hits.slice(0, 20).map(({ Title, File, Anchor, shown }) => {
    const item = document.createElement("li"), link = document.createElement("a"), small = document.createElement("small");
    link.href = root + File + "#" + Anchor;
    small.append(shown || "");
    link.append(Title, small);
    item.append(link);
    return item;
  }));
  if (words.length && !hits.length) list.append("Nothing found");
  list.hidden = !words.length;
};
list.onclick = () => { list.hidden = true; };
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && event.target !== input) { event.preventDefault(); input.focus(); }
  if (event.key === "Escape") list.hidden = true;
  if (event.key === "Enter" && event.target === input) all("a", list)[0]?.click();
});

// What scrolls can be scrolled by key.
for (const pre of all("pre")) if (pre.scrollWidth > pre.clientWidth) pre.tabIndex = 0;

// Copy the commands of a terminal, without the prompt.
for (const screen of all(".console")) {
  const typed = all("kbd", screen).filter((k) => k.previousSibling.textContent === "$ ").map((k) => k.textContent);
  if (!typed.length || !navigator.clipboard) continue;
  const copy = button("copy", "Copy the command", async () => {
    await navigator.clipboard.writeText(typed.join("\n"));
    copy.textContent = "copied";
    await sleep(1500);
    copy.textContent = "copy";
  });
  screen.firstChild.append(copy);
}

// Play the terminals of a scene, line by line, in the order of data-order.
for (const scene of all(".scene")) {
  const screens = all("pre", scene).map((pre) => ({ pre, lines: pre.innerHTML.split("\n") }));
  const order = scene.dataset.order.split(" ").map(Number);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let at = order.length, playing = false;

  function show(count) {
    if (at === order.length) screens.forEach(({ pre }) => { pre.style.height = pre.offsetHeight + "px"; });
    at = Math.max(0, Math.min(count, order.length));
    screens.forEach(({ pre, lines }, i) => {
      const shown = order.slice(0, at).filter((which) => which === i).length;
      pre.innerHTML = lines.slice(0, shown).join("\n");
      pre.parentNode.classList.toggle("now", at < order.length && order[at - 1] === i);
      if (at === order.length) pre.style.height = "";
    });
  }
  async function play() {
    playing = !playing;
    start.textContent = playing ? "Pause" : "Play";
    if (playing && at === order.length) show(0);
    while (playing && at < order.length) {
      show(at + 1);
      const keys = [...screens[order[at - 1]].pre.innerHTML.split("\n").at(-1).matchAll(/<kbd>/g)];
      const typed = keys.length && all("kbd", screens[order[at - 1]].pre).at(-1);
      if (typed && !still) {
        const text = typed.textContent, step = at;
        for (let n = 0; n <= text.length && at === step; n++) {
          typed.textContent = text.slice(0, n);
          await sleep(35);
        }
      }
      await sleep(600);
    }
    playing = false;
    start.textContent = "Play";
  }
  const start = button("Play", "", play);
  const stop = () => { playing = false; };
  scene.querySelector(".bar").append(start, button("‹", "One line back", () => { stop(); show(at - 1); }),
    button("›", "One line forward", () => { stop(); show(at === order.length ? 1 : at + 1); }));
}
