package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"html/template"
	"log"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/yuin/goldmark/ast"
)

// A block is a fenced block of the text: its kind, what it is about, its lines. The
// script that plays it is its scene.
type block struct {
	kind, scene string
	about       []string
	text        string
}

// blockOf returns what a node is, or a block without a kind.
func blockOf(n ast.Node, source []byte) block {
	fenced, ok := n.(*ast.FencedCodeBlock)
	if !ok || fenced.Info == nil {
		return block{}
	}
	about, _, _ := strings.Cut(string(fenced.Info.Segment.Value(source)), " holds ")
	label := strings.Fields(about)
	b := block{label[0], "", label[1:], string(fenced.Lines().Value(source))}
	if b.kind == "console" && len(b.about) == 2 || b.kind == "wire" {
		b.scene = b.about[0]
	}
	return b
}

// render makes HTML of parts of a text.
func (b *book) render(nodes []ast.Node, source []byte) (html string) {
	for ; len(nodes) > 0; nodes = nodes[1:] {
		switch block := blockOf(nodes[0], source); {
		case block.scene != "":
			html, nodes = b.stage(html, nodes, source)
		case block.kind != "":
			html += b.listing(block)
		default:
			html += prose(nodes[0], source)
		}
	}
	return html
}

// prose makes HTML of what is no block.
func prose(n ast.Node, source []byte) string {
	var out bytes.Buffer
	markdown.Renderer().Render(&out, source, n)                       // a buffer takes all
	return strings.ReplaceAll(out.String(), "<th></th>", "<td></td>") // it heads nothing
}

// stage adds to html the terminals of one scene, from the first node on, side by
// side, each with the prose that leads to it; to a listing of the wire, those of its
// script. It returns the nodes from the last on.
func (b *book) stage(html string, nodes []ast.Node, source []byte) (string, []ast.Node) {
	cells, last, names, total := "", nodes, []string{}, 0
	script, lead, lines := blockOf(nodes[0], source).scene, "", 0
	add := func(shown block) {
		cells += fmt.Sprintf("<div class=\"cell\"><div class=\"lead\">%s</div>\n%s</div>\n",
			lead, b.listing(shown))
		names = append(names, cmp.Or(strings.Join(shown.about[1:], ""), shown.kind))
		total += strings.Count(shown.text, "\n")
		lead, lines = "", 0
	}
	for i, n := range nodes {
		block := blockOf(n, source)
		if lines += n.Lines().Len(); n.Kind() == ast.KindParagraph && lines <= 4 {
			lead += prose(n, source) // between two terminals, not more than so many lines
			continue
		} else if block.scene != script {
			break
		}
		add(block)
		last = nodes[i:]
	}
	lead = ""
	name, files := "testdata/script/"+script+".txtar", map[string]string{}
	data, _ := os.ReadFile(path.Join(root, name))
	for _, file := range strings.Split(string(data), "\n-- ")[1:] {
		name, text, _ := strings.Cut(file, " --\n")
		files[name] = strings.TrimSuffix(text, "\n") + "\n"
	}
	order := "" // the number of its terminal, for each line in the order that the script saw
	for run := range strings.Lines(files["order.want"]) {
		name, count, _ := strings.Cut(run, " ")
		if names[0] == "wire" && !slices.Contains(names, name) {
			add(block{"console", script, []string{script, name}, files[name+".want"]})
		}
		if i := slices.Index(names, name); i >= 0 {
			n, _ := strconv.Atoi(strings.TrimSpace(count))
			order += strings.Repeat(fmt.Sprint(i, " "), n)
		}
	}
	if len(names) == 1 {
		order = strings.Repeat("0 ", total)
	} else if strings.Count(order, " ") != total {
		log.Fatalf("%s does not say the order of %s", script, names)
	}
	return html + fmt.Sprintf("<div class=\"scene\" role=\"group\" aria-label=\"The scene %s\" "+
		"data-order=%q>\n<p class=\"bar\"><a href=%q>%[1]s</a></p>\n%[4]s</div>\n",
		script, strings.TrimSpace(order), b.link(name), cells), last
}

// What is prompt in a terminal, and what is typed.
var typed = regexp.MustCompile(`(?m)^(\$ |&gt;&gt;: )(.*)|^()(\^C)`)

// listing shows a block, and where it is from.
func (b *book) listing(block block) string {
	about, caption := block.about, ""
	code := template.HTMLEscapeString(strings.TrimSuffix(block.text, "\n"))
	switch form := fmt.Sprint(block.kind, len(about)); form {
	case "diff2":
		var marks, both, after string
		for line := range strings.Lines(block.text) {
			marks, both = marks+line[:1], both+line[1:]
			if line[0] != '-' {
				after += line[1:]
			}
		}
		caption = fmt.Sprintf("from %s to %s", b.file(about[0], ""), b.file(about[1], after))
		code = ""
		for i, line := range highlight(about[1], both) {
			class := map[byte]string{'+': "add", '-': "del"}[marks[i]]
			code += fmt.Sprintf("<span class=\"line %s\">%c%s\n</span>", class, marks[i], line)
		}
	case "text2":
		caption = fmt.Sprintf("%s, as %s has seen it", strings.TrimSuffix(about[1], ".trace"),
			b.file("testdata/script/"+about[0]+".txtar", ""))
	case "mermaid0":
		name := fmt.Sprintf("pictures/%x", sha256.Sum256([]byte(block.text)))
		drawing, err := os.ReadFile(name[:len("pictures/")+12] + ".svg")
		if err == nil {
			return fmt.Sprintf("<figure class=\"picture\">%s</figure>\n", drawing)
		}
	case "wire1":
		caption = "on the wire"
	case "console1", "console2":
		caption = strings.Join(about[1:], "")
		code = typed.ReplaceAllString(code, "<i>$1</i><kbd>$2$4</kbd>")
	case "go1", "python1":
		code = strings.Join(highlight(about[0], block.text), "\n")
		caption = b.file(about[0], block.text)
	}
	return fmt.Sprintf("<figure class=%q><figcaption>%s</figcaption><pre>%s</pre></figure>\n",
		block.kind, caption, code)
}

// Where a listing leaves lines out.
var leftOut = regexp.MustCompile(`(?m)^ *(//?|#) \.\.\.\n`)

// file links to a file, and to the line of it where a listing begins.
func (b *book) file(name, listing string) string {
	to, tabs := name, strings.NewReplacer("\t", "    ")
	data, _ := os.ReadFile(path.Join(root, name))
	first := leftOut.Split(tabs.Replace(listing), 2)[0]
	if before, _, found := strings.Cut(tabs.Replace(string(data)), first); found && first != "" {
		to += fmt.Sprint("#L", strings.Count(before, "\n")+1)
	}
	return fmt.Sprintf("<a href=%q>%s</a>", b.link(to), name)
}

var languages = map[string]chroma.Lexer{".go": lexers.Get("go"), ".py": lexers.Get("python"),
	".c": lexers.Get("c"), ".sh": lexers.Get("bash")}

// highlight returns the lines of a file with their colours.
func highlight(name, code string) (lines []string) {
	lexer := cmp.Or(languages[path.Ext(name)], lexers.Fallback)
	tokens, _ := lexer.Tokenise(nil, code)
	for _, line := range chroma.SplitTokensIntoLines(tokens.Tokens()) {
		html := ""
		for _, token := range line {
			value := template.HTMLEscapeString(strings.TrimSuffix(token.Value, "\n"))
			class := chroma.StandardTypes[token.Type] // kd, say, for a keyword that declares
			if class != "" && strings.Contains("kscm", class[:1]) {
				value = fmt.Sprintf("<span class=%q>%s</span>", class[:1], value)
			}
			html += value
		}
		lines = append(lines, html)
	}
	return lines[:strings.Count(code, "\n")]
}
