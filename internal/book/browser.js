const fs = require("fs"), path = require("path"), crypto = require("crypto");
const { chromium } = require("playwright-core");
const [what, folder, out] = process.argv.slice(2);
const text = fs.readFileSync("../../tutorial.md", "utf8");
const blocks = [...text.matchAll(/^```(\w+) ?(.*?)(?: holds .*)?\n([^]*?)^```$/gm)].map(([, kind, label, text]) => ({ kind, label, text }));

// Mermaid's colours, and the book's that are put in their place.
const colours = ["background paper", "primaryColor box", "primaryTextColor ink", "primaryBorderColor edge", "lineColor edge", "secondaryColor area",
  "tertiaryColor area", "noteBkgColor note", "noteTextColor ink", "noteBorderColor edge", "titleColor ink", "clusterBorder edge"].map((pair) => pair.split(" "));
const drawing = (b) => crypto.createHash("sha256").update(b.text).digest("hex").slice(0, 12) + ".svg";

async function draw(browser) {
  const wanted = new Map(blocks.filter((b) => b.kind === "mermaid").map((b) => [drawing(b), b.text]));
  for (const old of fs.readdirSync("pictures")) wanted.delete(old) || fs.rmSync("pictures/" + old);
  const tab = await browser.newPage();
  await tab.addScriptTag({ path: process.env.CACHE + "/package/dist/mermaid.min.js" });
  for (const [name, source] of wanted) {
    const drawn = await tab.evaluate(async ([id, source, colours]) => {
      const fontFamily = "Arial, Helvetica, 'Liberation Sans', sans-serif"; // of the same widths
      mermaid.initialize({ startOnLoad: false, theme: "base", look: "classic", htmlLabels: false, fontFamily,
        sequence: { mirrorActors: false, height: 40, width: 90, actorMargin: 20, diagramMarginX: 5, messageMargin: 30 },
        xyChart: { width: 540, height: 400 }, flowchart: { htmlLabels: false, nodeSpacing: 25, rankSpacing: 35, padding: 10 },
        themeVariables: Object.fromEntries([["fontFamily", fontFamily], ...colours.map(([name], i) => [name, "#0000" + (i + 16).toString(16)])]) });
      document.body.innerHTML = (await mermaid.render(id, source)).svg;
      const svg = document.querySelector("svg"), style = svg.querySelector("style");
      style.textContent = [...style.sheet.cssRules].filter((r) => r.selectorText && document.querySelector(r.selectorText)).map((r) => r.cssText).join("\n");
      for (const e of svg.querySelectorAll("[id]")) svg.innerHTML.includes("#" + e.id) || e.removeAttribute("id");
      for (const e of svg.querySelectorAll("defs:empty, :is(symbol, marker, filter, linearGradient):not([id])")) e.remove();
      return svg.outerHTML;
    }, ["p" + name.slice(0, 6), source, colours]);
    fs.writeFileSync("pictures/" + name, drawn.replace(/#0000(1\w)|rgb\(0, 0, (\d+)\)/g, (c, hex, n) => `var(--${colours[(n || parseInt(hex, 16)) - 16]?.[1] ?? "ink"})`) + "\n");
  }
}

async function test(browser) {
  const faults = [], fault = (...what) => faults.push(what.join(": ")), read = (file) => fs.readFileSync(path.join(folder, file), "utf8");
  const files = fs.readdirSync(folder, { recursive: true }).filter((f) => f.endsWith(".html"));
  const ids = new Map(files.map((f) => [f, new Set([...read(f).matchAll(/ id="(.*?)"/g)].map((m) => m[1]))]));
  for (const file of files)
    for (const [, link] of read(file).matchAll(/ (?:href|src)="(?!\w+:)(.*?)"/g)) {
      const [to, anchor] = link.split("#"), target = path.join(path.dirname(file), to || path.basename(file));
      if (!fs.existsSync(path.join(folder, target)) || anchor && !ids.get(target).has(anchor)) fault(file, "leads nowhere", link);
    }
  for (const [, to, title] of read("index.html").matchAll(/<li class="level\d"><a href="(.*?)".*?>(.*?)</g))
    read(to).match(/<h1.*/)[0].includes(">" + title) || fault(to, "is not", title);
  for (const b of blocks) b.kind !== "mermaid" || fs.existsSync("pictures/" + drawing(b)) || fault("no drawing (./browser draw)", b.text);
  const tab = await browser.newPage(), shared = ["book.css", "book.js", "search.js"].map(read).join("").length;
  let file, scenes = 0;
  tab.on("console", (m) => m.type() === "error" && fault(file, m.text())).on("pageerror", (error) => fault(file, error));
  tab.on("request", (r) => r.url().startsWith("file:") || fault(file, "asks the network", r.url()));
  await tab.clock.install();
  for (file of files.filter((f) => !f.includes("/") || /[/]0\d-\w+[/]server[/]main/.test(f))) {
    if (read(file).length + shared > 300_000) fault(file, "is larger than 300 KB");
    await tab.goto("file://" + path.resolve(folder, file));
    await tab.addScriptTag({ path: require.resolve("axe-core") });
    for (const [width, colorScheme] of [360, 768, 1280].flatMap((w) => [[w, "light"], [w, "dark"]])) {
      await tab.setViewportSize({ width, height: 1000 });
      await tab.emulateMedia({ colorScheme });
      for (const wrong of await tab.evaluate(() => [...document.querySelectorAll("body *")].map((e) =>
        e.getBoundingClientRect().right > innerWidth + 1 && !e.parentNode.closest("pre, svg") ? "is too wide: " + e.outerHTML.slice(0, 200) :
        e.matches(".picture svg") && e.clientWidth < e.viewBox.baseVal.width / 2 ? "a picture is drawn below half its size" :
        e.matches(".picture tspan") && getComputedStyle(e).fill !== getComputedStyle(document.body).color ? "not in ink: " + e.textContent : "")))
        wrong && fault(file, width, wrong);
      // What a screen reader or weak eyes would miss. Colours are all that changes in the dark.
      const runOnly = colorScheme === "dark" ? ["color-contrast"] : undefined;
      for (const { id, nodes } of width === 1280 ? await tab.evaluate((options) => axe.run(options).then((r) => r.violations), { preload: false, runOnly }) : [])
        fault(file, colorScheme, id, ...nodes.map((n) => "\n    " + n.html.slice(0, 200)));
      if (out) await tab.screenshot({ path: path.join(out, `${path.basename(file)}-${width}-${colorScheme}.png`), fullPage: true });
    }
    // Play, and look at each screen: in the middle something is missing.
    const screens = () => tab.evaluate(() => [...document.querySelectorAll(".scene")].map((s) => ({ script: s.ariaLabel.split(" ").at(-1),
      screens: [...s.querySelectorAll("figure")].map((f) => [f.firstChild.firstChild.textContent, f.lastChild.textContent]) })));
    const before = JSON.stringify(await screens());
    await tab.evaluate(() => document.querySelectorAll(".play").forEach((b) => b.click()));
    await tab.clock.runFor(1000);
    before === "[]" || JSON.stringify(await screens()) !== before || fault(file, "Play does nothing");
    await tab.clock.runFor(600_000);
    for (const { script, screens: shown } of await screens())
      for (const [name, screen] of shown) {
        const block = blocks.find((b) => b.label === (name === "on the wire" ? script : `${script} ${name}`));
        const played = fs.readFileSync(`../../testdata/script/${script}.txtar`, "utf8").split(`\n-- ${name}.want --\n`).at(-1).split(/^-- /m)[0];
        if (screen + "\n" !== (block?.text ?? played)) fault(file, script, name, "ends in another screen", screen);
        if (block) scenes++;
      }
  }
  const wanted = blocks.filter((b) => b.kind === "wire" || b.kind === "console" && b.label.includes(" ")).length;
  if (scenes !== wanted) fault(`${scenes} terminals of ${wanted} can be played`);
  for (const word of ["EADDRINUSE", "half-close", "broken pipe"]) {
    await tab.fill("input", word);
    await tab.waitForSelector(`#found li:first-child:has-text("${word}")`, { timeout: 5000 }).catch(() => fault("search does not find", word));
  }
  console.log(faults.join("\n") || `${files.length} pages, ${scenes} terminals: all is well`);
  process.exitCode = faults.length ? 1 : 0;
}

chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] })
  .then((browser) => ({ draw, test })[what](browser).finally(() => browser.close()));
