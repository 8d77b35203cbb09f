// See ./browser.
"use strict";
const fs = require("fs"), path = require("path"), crypto = require("crypto");
const { chromium } = require("playwright-core");
const [what, folder, out] = process.argv.slice(2);
const text = fs.readFileSync("../../tutorial.md", "utf8");
const blocks = [...text.matchAll(/^```(\w+) ?(.*)\n([^]*?)^```$/gm)].map(([, kind, label, text]) => ({ kind, label, text }));

// Colours for Mermaid, and what the book puts in their place.
const colours = ["ink", "paper", "box", "ink", "edge", "edge", "area", "area", "note", "ink", "edge"];
async function draw(browser) {
  const wanted = new Map(blocks.filter((b) => b.kind === "mermaid").map((b) =>
    [crypto.createHash("sha256").update(b.text).digest("hex").slice(0, 12) + ".svg", b.text]));
  fs.mkdirSync("pictures", { recursive: true });
  for (const old of fs.readdirSync("pictures")) wanted.delete(old) || fs.rmSync("pictures/" + old);
  const tab = await browser.newPage();
  await tab.addScriptTag({ path: process.env.CACHE + "/package/dist/mermaid.min.js" });
  for (const [name, source] of wanted) {
    const drawn = await tab.evaluate(async ([id, source]) => {
      const fontFamily = "Arial, Helvetica, 'Liberation Sans', sans-serif"; // of the same widths
      mermaid.initialize({ startOnLoad: false, theme: "base", look: "classic", htmlLabels: false, fontFamily,
        sequence: { mirrorActors: false, height: 40, width: 110, actorMargin: 30, diagramMarginX: 10 }, flowchart: { htmlLabels: false },
        themeVariables: { fontFamily, background: "#000001", primaryColor: "#000002", primaryTextColor: "#000003",
          primaryBorderColor: "#000004", lineColor: "#000005", secondaryColor: "#000006", tertiaryColor: "#000007",
          noteBkgColor: "#000008", noteTextColor: "#000009", noteBorderColor: "#00000a" } });
      document.body.innerHTML = (await mermaid.render(id, source)).svg;
      const svg = document.querySelector("svg"), style = svg.querySelector("style");
      const used = [...style.sheet.cssRules].filter((r) => r.selectorText && document.querySelector(r.selectorText));
      style.textContent = used.map((r) => r.cssText).join("\n");
      for (const e of svg.querySelectorAll("[id]")) svg.innerHTML.includes("#" + e.id) || e.removeAttribute("id");
      for (const e of svg.querySelectorAll("defs:empty, :is(symbol, marker, filter, linearGradient):not([id])")) e.remove();
      return svg.outerHTML;
    }, ["p" + name.slice(0, 6), source]);
    fs.writeFileSync("pictures/" + name, drawn.replace(/#00000[1-9a]|rgb\(0, 0, (\d+)\)/g, (c, n) => `var(--${colours[n || parseInt(c[6], 16)]})`) + "\n");
    console.log("drew", name);
  }
}

async function look(browser) {
  for (const [width, dark] of [[360, 0], [768, 1], [1280, 0]]) {
    const tab = await browser.newPage({ viewport: { width, height: 1000 }, colorScheme: dark ? "dark" : "light" });
    for (const file of fs.readdirSync(folder).filter((f) => f.endsWith(".html"))) {
      await tab.goto("file://" + path.resolve(folder, file));
      const height = await tab.evaluate(() => document.documentElement.scrollHeight);
      for (let y = 0; y < Math.min(height, 30000); y += 3000)
        await tab.screenshot({ path: `${out}/${file}-${width}-${y / 3000}.png`, fullPage: true, clip: { x: 0, y, width, height: Math.min(3000, height - y) } });
    }
  }
}

(async () => {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox",
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
  await { draw, look }[what](browser);
  await browser.close();
})();
