package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
)

//go:embed page.html book.css book.js
var own embed.FS

var layout = template.Must(template.ParseFS(own, "page.html"))

var markdown = goldmark.New(goldmark.WithExtensions(extension.Table),
	goldmark.WithRendererOptions(html.WithUnsafe()))

// A book is the pages of a text, and pages of the files that its links lead to.
type book struct {
	root       string // of the repository
	repository string // where links to files lead, or "": to pages of the book
	pages      []*page
	files      fstest.MapFS
	anchors    map[string]string // the file of each heading's page
	sources    []string          // files and folders of the repository, to become pages
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

	source []byte
	doc    ast.Node
}

// A section is a heading, and the terms below it by which it can be found.
type section struct {
	Level               int
	Title, Anchor, File string
	Terms               []string
}

// makeBook makes the book of a repository's text.
func makeBook(root, repository string) (*book, error) {
	b := &book{root: root, repository: repository, files: fstest.MapFS{}, anchors: map[string]string{}}
	source, err := os.ReadFile(root + "/tutorial.md")
	if err != nil {
		return nil, err
	}
	b.split(string(source))
	for i, p := range b.pages {
		p.Pages = b.pages
		if i > 0 {
			p.Prev, b.pages[i-1].Next = b.pages[i-1], p
		}
		p.doc = markdown.Parser().Parse(text.NewReader(p.source))
		b.outline(p)
	}
	for _, p := range b.pages {
		err = errors.Join(err, b.write(p, ""))
	}
	for i := 0; i < len(b.sources); i++ { // a folder adds what is in it
		err = errors.Join(err, b.show(b.sources[i]))
	}
	for _, name := range []string{"book.css", "book.js"} {
		data, _ := own.ReadFile(name)
		b.files[name] = &fstest.MapFile{Data: data}
	}
	return b, errors.Join(err, b.index())
}

// A chapter longer than this is cut at its sections: those longer than that
// begin a page.
const longChapter, longSection = 60_000, 3_000

// split cuts the text into pages.
func (b *book) split(source string) {
	for i, chapter := range cut(source, "## ") {
		title, _, _ := strings.Cut(strings.TrimLeft(chapter, "# "), "\n")
		if title == "Contents" { // the book has its own
			continue
		}
		p := &page{Title: title, Level: 2}
		if i == 0 {
			p.Title, p.File = "Sockets in Go", "index.html"
		}
		b.pages = append(b.pages, p)
		for j, part := range cut(chapter, "### ") {
			if j > 1 && len(chapter) > longChapter && len(part) > longSection {
				title, _, _ := strings.Cut(strings.TrimLeft(part, "# "), "\n")
				p = &page{Title: title, Level: 3}
				b.pages = append(b.pages, p)
			}
			p.source = append(p.source, part...)
		}
	}
}

// cut cuts a text before each line that begins so, but for those in a block.
func cut(source, before string) []string {
	parts, inBlock := []string{""}, false
	for line := range strings.Lines(source) {
		if strings.HasPrefix(line, "```") {
			inBlock = !inBlock
		}
		if !inBlock && strings.HasPrefix(line, before) && parts[len(parts)-1] != "" {
			parts = append(parts, "")
		}
		parts[len(parts)-1] += line
	}
	return parts
}

var punctuation = regexp.MustCompile(`[^\pL\pN _-]`)

// slug returns the anchor that a heading has on the code-hosting site.
func slug(title string) string {
	return strings.ReplaceAll(punctuation.ReplaceAllString(strings.ToLower(title), ""), " ", "-")
}

// outline finds the headings of a page, and the terms below each: what is in
// italics or code.
func (b *book) outline(p *page) {
	ast.Walk(p.doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		heading, ok := n.(*ast.Heading)
		switch kind := n.Kind(); {
		case entering && ok:
			title := plain(n, p.source)
			anchor := slug(title)
			for i := 1; b.anchors[anchor] != ""; i++ {
				anchor = fmt.Sprintf("%s-%d", slug(title), i)
			}
			if p.File == "" {
				p.File = slug(strings.NewReplacer(". ", " ", ".", " ").Replace(title)) + ".html"
			}
			b.anchors[anchor] = p.File
			heading.SetAttributeString("id", []byte(anchor))
			p.Sections = append(p.Sections, &section{heading.Level, title, anchor, p.File, nil})
		case entering && (kind == ast.KindEmphasis || kind == ast.KindCodeSpan):
			s := p.Sections[len(p.Sections)-1]
			if term := plain(n, p.source); !slices.Contains(s.Terms, term) {
				s.Terms = append(s.Terms, term)
			}
		}
		return ast.WalkContinue, nil
	})
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

// index writes what search looks at.
func (b *book) index() error {
	var all []*section
	for _, p := range b.pages {
		all = append(all, p.Sections...)
	}
	data, err := json.Marshal(all)
	b.files["search.js"] = &fstest.MapFile{Data: fmt.Appendf(nil, "found(%s)\n", data)}
	return err
}

// prepare lets the links of a text in a folder of the repository lead to pages of
// the book, and writes into each cell of a table what its column is.
func (b *book) prepare(p *page, folder string) {
	ast.Walk(p.doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Link:
			if to := string(n.Destination); entering && !strings.Contains(to, "://") {
				if to[0] != '#' {
					to = path.Join(folder, to)
				}
				n.Destination = []byte(p.Root + b.link(to))
			}
		case *tables.TableRow:
			head := n.Parent().FirstChild().FirstChild()
			for cell := n.FirstChild(); cell != nil && entering; cell = cell.NextSibling() {
				cell.SetAttributeString("data-column", []byte(plain(head, p.source)))
				head = head.NextSibling()
			}
		}
		return ast.WalkContinue, nil
	})
}

// link returns where the book has a file of the repository, a line of it, or a
// heading of the text.
func (b *book) link(to string) string {
	file, anchor, found := strings.Cut(to, "#")
	if file == "" || file == "tutorial.md" {
		return b.anchors[anchor] + "#" + anchor
	} else if b.repository != "" {
		return b.repository + "/" + to
	} else if !slices.Contains(b.sources, file) {
		b.sources = append(b.sources, file)
	}
	if found {
		anchor = "#" + anchor
	}
	return "files/" + file + ".html" + anchor
}

// show makes a page of a file of the repository, or of a folder.
func (b *book) show(name string) error {
	p := &page{File: "files/" + name + ".html", Title: name, Pages: b.pages,
		Root: strings.Repeat("../", strings.Count(name, "/")+1)}
	if entries, err := os.ReadDir(path.Join(b.root, name)); err == nil {
		p.source = fmt.Appendf(nil, "# %s\n\n", name)
		for _, e := range entries {
			if e.Name()[0] != '.' {
				p.source = fmt.Appendf(p.source, "- [%s](%[1]s)\n", e.Name())
			}
		}
		return b.write(p, name)
	}
	data, err := os.ReadFile(path.Join(b.root, name))
	if path.Ext(name) == ".md" {
		p.source = data
		return b.write(p, path.Dir(name))
	}
	listing := "<h1>" + name + "</h1>\n<pre class=\"source\">"
	for i, line := range highlight(name, string(data)) {
		listing += fmt.Sprintf("<span id=\"L%d\">%s\n</span>", i+1, line)
	}
	p.Body = template.HTML(listing + "</pre>")
	return errors.Join(err, b.write(p, ""))
}

// write makes a page of a text that lies in a folder of the repository.
func (b *book) write(p *page, folder string) error {
	if p.doc == nil {
		p.doc = markdown.Parser().Parse(text.NewReader(p.source))
	}
	b.prepare(p, folder)
	var body, out bytes.Buffer
	if err := b.render(&body, p.doc, p.source); err != nil {
		return err
	}
	p.Body += template.HTML(body.String())
	err := layout.Execute(&out, p)
	b.files[p.File] = &fstest.MapFile{Data: out.Bytes()}
	return err
}
