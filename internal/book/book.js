// What the book does besides being read: search, Play, copy, light and dark.
"use strict";
const root = document.currentScript.dataset.root;
const all = (what, within = document) => [...within.querySelectorAll(what)];
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const make = (tag, what, ...inside) => {
  const made = Object.assign(document.createElement(tag), what);
  made.append(...inside);
  return made;
};

// Light and dark.
const [theme] = all(".theme");
theme.hidden = false;
theme.onclick = () => {
  const light = getComputedStyle(document.body).backgroundColor === "rgb(255, 255, 255)";
  const chosen = document.documentElement.style.colorScheme = light ? "dark" : "light";
  try { localStorage.theme = chosen; } catch {} // a reader may forbid it
};

// Search. What it looks at comes when somebody wants it: search.js calls found.
const [box] = all("search"), [input] = all("input"), [list] = all("#found");
let index;
box.hidden = false;
function found(sections) { index = sections; input.oninput(); }
input.onfocus = () => { index ??= (document.head.append(make("script", { src: root + "search.js" })), []); };
input.oninput = () => {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean), hits = [];
  for (const section of words.length ? index : []) {
    const near = words.map((word) => [section.Title, ...section.Terms || []]
      .filter((t) => t.toLowerCase().includes(word)).sort((a, b) => a.length - b.length)[0]);
    const points = words.reduce((sum, word, i) => sum + word.length / near[i]?.length + (near[i] === section.Title), 0);
    if (points) hits.push({ ...section, points, term: near.find((t) => t !== section.Title) || "" });
  }
  hits.sort((a, b) => b.points - a.points);
  list.replaceChildren(...hits.slice(0, 20).map((hit) => make("li", {},
    make("a", { href: `${root}${hit.File}#${hit.Anchor}` }, hit.Title, make("small", {}, hit.term)))));
  if (words.length && !hits.length) list.append("Nothing found");
  list.hidden = !words.length;
};
list.onclick = () => { list.hidden = true; };
all("#contents")[0].onclick = (event) => event.currentTarget.matches(":popover-open") && event.currentTarget.hidePopover();
document.onkeydown = (event) => {
  if (event.key === "/" && event.target !== input) { event.preventDefault(); input.focus(); }
  if (event.key === "Enter" && event.target === input) all("a", list)[0]?.click();
  if (event.key === "Escape") list.hidden = true;
};

// What scrolls can be scrolled by key. The commands of a terminal can be copied, without the prompt.
for (const pre of all("pre")) if (pre.scrollWidth > pre.clientWidth) pre.tabIndex = 0;
for (const screen of navigator.clipboard ? all(".console") : []) {
  const typed = all("kbd", screen).filter((k) => k.previousSibling.textContent === "$ ").map((k) => k.textContent);
  const copy = make("button", { title: "Copy the command", onclick: async () => {
    await navigator.clipboard.writeText(typed.join("\n"));
    copy.textContent = "copied";
    await sleep(1500);
    copy.textContent = "copy";
  } }, "copy");
  if (typed.length) screen.firstChild.append(copy);
}

// Play the terminals of a scene, line by line, in the order in which a test has seen them.
for (const scene of all(".scene")) {
  const screens = all("pre", scene).map((pre) => ({ pre, lines: pre.innerHTML.split("\n") }));
  const order = scene.dataset.order.split(" ").map(Number);
  const said = make("span", { className: "said", role: "status" }); // for a screen reader
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let at = order.length, run = 0;

  function show(count) {
    if (at === order.length) for (const { pre } of screens) pre.style.minHeight = pre.offsetHeight + "px";
    at = Math.max(0, Math.min(count, order.length));
    screens.forEach(({ pre, lines }, i) => {
      pre.innerHTML = lines.slice(0, order.slice(0, at).filter((which) => which === i).length).join("\n");
      pre.parentNode.classList.toggle("now", at < order.length && order[at - 1] === i);
      if (at === order.length) pre.style.minHeight = "";
    });
    const { pre } = screens[order[at - 1] ?? 0];
    said.textContent = at ? `${pre.previousSibling.firstChild.textContent}: ${pre.textContent.split("\n").pop()}` : "";
  }
  function stop() { run++; start.textContent = "Play"; show(at); }
  async function play() {
    if (start.textContent === "Pause") return stop();
    const mine = ++run;
    start.textContent = "Pause";
    if (at === order.length) show(0);
    while (mine === run && at < order.length) {
      show(at + 1);
      const { pre } = screens[order[at - 1]];
      const key = pre.innerHTML.split("\n").pop().includes("<kbd>") && all("kbd", pre).pop();
      for (let text = key.textContent, n = 0; key && !still && n <= text.length && mine === run; n++) {
        key.textContent = text.slice(0, n);
        await sleep(35);
      }
      await sleep(600);
    }
    if (mine === run) stop();
  }
  const step = (title, text, next) => make("button", { title, ariaLabel: title, onclick: () => { stop(); show(next()); } }, text);
  const start = make("button", { className: "play", onclick: play }, "Play");
  scene.firstElementChild.append(said, start, step("One line back", "‹", () => at - 1),
    step("One line forward", "›", () => at === order.length ? 1 : at + 1));
}
