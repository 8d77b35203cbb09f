package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
)

var layout = template.Must(template.ParseFiles("page.html"))
var markdown = goldmark.New(goldmark.WithExtensions(extension.Table),
	goldmark.WithRendererOptions(html.WithUnsafe()))

// A book is the pages of a text, and pages of the files that its links lead to.
type book struct {
	repository string // where links to files lead, or "": to pages of the book
	pages      []*page
	sections   []*section // of all pages, for search
	files      map[string][]byte
	anchors    map[string]string // the file of each heading's page
	sources    []string          // files and folders of the repository, to become pages
	shown      int               // so many have become some
	making     sync.Mutex        // of those, while the book is served
}

// A page is a chapter, or a long section of a long chapter.
type page struct {
	File, Title string
	Level       int    // 2: a chapter, 3: a section
	Root        string // the way to the book's folder
	Sections    []*section
	Body        template.HTML
	Pages       []*page // all of the text
	Prev, Next  *page
	source      []byte
	nodes       []ast.Node
}

// A section is a heading, and the terms below it by which it can be found.
type section struct {
	Level               int
	Title, Anchor, File string
	Terms               []string
}

const root = "../.." // the repository

// makeBook makes the book of the repository's text.
func makeBook(repository string) *book {
	b := &book{repository: repository, files: map[string][]byte{}, anchors: map[string]string{}}
	source, p := must(os.ReadFile(root+"/tutorial.md")), &page{}
	for _, n := range parse(source) {
		if h, ok := n.(*ast.Heading); ok && (h.Level < 3 || sitting.MatchString(plain(n, source))) {
			p = &page{Title: plain(n, source), Level: h.Level, source: source}
			if p.Title != "Contents" { // the book has its own
				b.pages = append(b.pages, p)
			}
		}
		p.nodes = append(p.nodes, n)
	}
	names := strings.NewReplacer(". ", " ", ".", " ", "Index", "terms") // index.html is the first
	for i, p := range b.pages {
		if p.Pages = b.pages; i > 0 {
			p.Prev, b.pages[i-1].Next = b.pages[i-1], p
			p.File = slug(names.Replace(p.Title)) + ".html"
		} else {
			p.Title, p.Level, p.File = "Sockets in Go", 2, "index.html"
		}
		for _, n := range p.nodes {
			b.outline(p, n)
		}
	}
	for _, p := range b.pages {
		b.write(p, "")
	}
	b.files["book.css"] = must(os.ReadFile("book.css"))
	b.files["book.js"] = must(os.ReadFile("book.js"))
	b.files["search.js"] = fmt.Appendf(nil, "found(%s)\n", must(json.Marshal(b.sections)))
	return b
}

// The long chapter is read in sittings, each a page.
var sitting = regexp.MustCompile(`^5\.([2-9]|\d\d) `)

// parse returns the parts of a text.
func parse(source []byte) (nodes []ast.Node) {
	n := markdown.Parser().Parse(text.NewReader(source)).FirstChild()
	for ; n != nil; n = n.NextSibling() {
		nodes = append(nodes, n)
	}
	return nodes
}

var punctuation = regexp.MustCompile(`[^\pL\pN _-]`)

// slug returns the anchor that a heading has on the code-hosting site.
func slug(title string) string {
	return strings.ReplaceAll(punctuation.ReplaceAllString(strings.ToLower(title), ""), " ", "-")
}

// outline finds in a part of a page the headings, and the terms below each: what
// is in italics or code.
func (b *book) outline(p *page, n ast.Node) {
	if h, ok := n.(*ast.Heading); ok {
		title := plain(n, p.source)
		anchor := slug(title)
		for i := 1; b.anchors[anchor] != ""; i++ {
			anchor = fmt.Sprintf("%s-%d", slug(title), i)
		}
		b.anchors[anchor] = p.File
		n.SetAttributeString("id", []byte(anchor))
		s := &section{h.Level, title, anchor, p.File, nil}
		p.Sections, b.sections = append(p.Sections, s), append(b.sections, s)
		h.Level = max(1, h.Level+1-p.Level) // a page begins with its title
	} else if kind := n.Kind(); kind == ast.KindEmphasis || kind == ast.KindCodeSpan {
		s := b.sections[len(b.sections)-1]
		if term := plain(n, p.source); !slices.Contains(s.Terms, term) {
			s.Terms = append(s.Terms, term)
		}
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		b.outline(p, c)
	}
}

// plain returns the text of a node without its marks.
func plain(n ast.Node, source []byte) (words string) {
	if t, ok := n.(*ast.Text); ok {
		words = string(t.Segment.Value(source))
		if t.SoftLineBreak() {
			words += " "
		}
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		words += plain(c, source)
	}
	return words
}

// prepare lets the links in a part of a page lead to pages of the book, and writes
// into each cell of a table what its column is. The text lies in a folder.
func (b *book) prepare(p *page, n ast.Node, folder string) {
	switch n := n.(type) {
	case *ast.Link:
		if to := string(n.Destination); !strings.Contains(to, "://") {
			n.Destination = []byte(p.Root + b.link(path.Join(folder, to)))
		}
	case *tables.TableRow:
		head := n.Parent().FirstChild().FirstChild()
		for cell := n.FirstChild(); cell != nil; cell = cell.NextSibling() {
			cell.SetAttributeString("data-column", []byte(plain(head, p.source)))
			head = head.NextSibling()
		}
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		b.prepare(p, c, folder)
	}
}

// link returns where the book has a file of the repository, a line of it, or a
// heading of the text.
func (b *book) link(to string) string {
	file, anchor, _ := strings.Cut(to, "#")
	if file == "" || file == "tutorial.md" {
		return b.anchors[anchor] + "#" + anchor
	} else if b.repository != "" {
		return b.repository + "/" + to
	} else if !slices.Contains(b.sources, file) {
		b.sources = append(b.sources, file)
	}
	return "files/" + file + ".html" + to[len(file):]
}

// find makes pages of the repository's files until there is one of this name, or none
// is left: a folder adds what is in it.
func (b *book) find(name string) []byte {
	for ; b.files[name] == nil && b.shown < len(b.sources); b.shown++ {
		b.show(b.sources[b.shown])
	}
	return b.files[name]
}

// show makes a page of a file of the repository, or of a folder.
func (b *book) show(name string) {
	p, folder := &page{File: "files/" + name + ".html", Title: name, Pages: b.pages,
		Root: strings.Repeat("../", strings.Count(name, "/")+1)}, name
	if entries, err := os.ReadDir(path.Join(root, name)); err == nil {
		p.source = fmt.Appendf(nil, "# %s\n\n", name)
		for _, e := range entries {
			p.source = fmt.Appendf(p.source, "- [%s](%[1]s)\n", e.Name())
		}
	} else if data := must(os.ReadFile(path.Join(root, name))); path.Ext(name) == ".md" {
		p.source, folder = data, path.Dir(name)
	} else {
		p.Body = template.HTML("<h1>" + name + "</h1>\n<pre class=\"source\">")
		for i, line := range highlight(name, string(data)) {
			p.Body += template.HTML(fmt.Sprintf("<span id=\"L%d\">%s\n</span>", i+1, line))
		}
		p.Body += "</pre>"
	}
	b.write(p, folder)
}

// write makes a page of a text that lies in a folder of the repository.
func (b *book) write(p *page, folder string) {
	if p.nodes == nil {
		p.nodes = parse(p.source)
	}
	for _, n := range p.nodes {
		b.prepare(p, n, folder)
	}
	p.Body += template.HTML(b.render(p.nodes, p.source))
	var out bytes.Buffer
	check(layout.Execute(&out, p))
	b.files[p.File] = out.Bytes()
}
