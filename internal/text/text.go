// Package text checks the texts of this repository against its programs and
// scripts, and repairs what it can.
package text

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/rogpeppe/go-internal/txtar"
)

// A Chapter has a stage, the folder of its programs, which begins with the
// chapter's number. They build on those of another stage, except for the first.
type Chapter struct{ Stage, Base string }

func (c Chapter) Number() string { return c.Stage[:2] }

var Chapters = []Chapter{
	{"01-phone", ""},
	{"02-loops", "01-phone"},
	{"03-udp", "02-loops"},
	{"04-unix", "02-loops"},
	{"05-options", "02-loops"},
}

// inChapter is a pattern with the numbers of the chapters in the place of NN.
func inChapter(pattern string) *regexp.Regexp {
	var numbers []string
	for _, c := range Chapters {
		numbers = append(numbers, c.Number())
	}
	return regexp.MustCompile(strings.Replace(pattern, "NN", "("+strings.Join(numbers, "|")+")", 1))
}

// A Text is a Markdown file of a tree, and what is wrong with it.
type Text struct {
	Problems  []string
	Unchecked string // why steps from program to program could not be compared, or ""

	tree   fs.FS
	name   string
	lines  []string
	blocks []*block
	others map[string]*Text // that links lead to

	anchors func() (headings, anchors []string)
	scripts func() []string
}

// A block is a fenced block. Its label is what stands behind the fence, and says
// what the block shows, and perhaps what it has to hold.
type block struct {
	label, holds string
	first        int // the index of the line after the fence
	lines        []string
	want         []string // what the lines should be, or nil if they are right
}

var fence = regexp.MustCompile("^\\s*(```+|~~~+)(.*)$")

// Read reads a text of a tree and finds its blocks. A fence in a place where
// a reader of the source could miss it is a problem.
func Read(tree fs.FS, name string) *Text {
	data, err := fs.ReadFile(tree, name)
	t := &Text{tree: tree, name: name, lines: split(data), others: map[string]*Text{}}
	t.anchors, t.scripts = sync.OnceValues(t.findAnchors), sync.OnceValue(t.readScripts)
	if err != nil {
		t.problem(0, "%v", err)
	}
	var open *block
	for i, line := range t.lines {
		var m []string
		if strings.Contains(line, "```") || strings.Contains(line, "~~~") {
			m = fence.FindStringSubmatch(line)
		}
		switch {
		case m == nil && open != nil:
			open.lines = append(open.lines, line)
		case m == nil:
		case !strings.HasPrefix(line, "```") || strings.HasPrefix(line, "````"):
			t.problem(i, "a fence is three backquotes at the beginning of a line")
		case open == nil:
			open = &block{first: i + 1}
			open.label, open.holds, _ = strings.Cut(m[2], " holds ")
			t.blocks = append(t.blocks, open)
		default:
			open = nil
		}
	}
	return t
}

func (t *Text) problem(i int, format string, args ...any) {
	where := fmt.Sprintf("%s:%d: ", t.name, i+1)
	t.Problems = append(t.Problems, where+fmt.Sprintf(format, args...))
}

// What checks a block, by its kind and the number of words behind it: each
// for itself, or all that have one label together.
var kinds = map[string]struct {
	words    int
	together bool
	check    func(*Text, []string, []*block)
}{
	"mermaid": {0, false, (*Text).checkPicture},
	"console": {2, false, (*Text).checkTranscript},
	"text":    {2, true, (*Text).checkTranscript},
	"wire":    {1, false, (*Text).checkTranscript},
	"go":      {1, true, (*Text).checkExcerpts},
	"python":  {1, true, (*Text).checkExcerpts},
	"diff":    {2, true, (*Text).checkDiff},
}

// CheckBlocks checks the blocks whose label speaks of a chapter ("01"), or
// with "" those that speak of none. It finds what each should be.
func (t *Text) CheckBlocks(chapter string) {
	for _, b := range t.blocks {
		if chapterOf(b.label) != chapter {
			continue
		}
		words := strings.Fields(b.label + " ")
		kind, ok := kinds[strings.Join(words[:min(1, len(words))], "")]
		blocks := t.labelled(b.label)
		session, text := sessions[b.label], strings.Join(b.lines, "\n")
		if !strings.Contains(text, b.holds) {
			t.problem(b.first, "the block does not hold %s", b.holds)
		}
		switch {
		case session != nil && !session.MatchString(text):
			t.problem(b.first, "this is not what %s prints when all is well", words[1])
		case session != nil:
		case !ok || len(words)-1 != kind.words:
			t.problem(b.first-1, "nothing checks a block with the label %q", b.label)
		case !kind.together:
			kind.check(t, words[1:], []*block{b})
		case b == blocks[0]:
			kind.check(t, words[1:], blocks)
		}
	}
	programs, _ := fs.Glob(t.tree, chapter+"-*/*/*.go")
	for _, name := range programs {
		if t.name == "tutorial.md" && stageRE.MatchString(name) &&
			t.labelled("go "+name) == nil && !t.climbed(name) {
			t.problem(0, "no block shows %s", name)
		}
	}
}

var chapterRE = inChapter(`.*[ /]NN-`)

// chapterOf returns the chapter that a label speaks of, or "". The step from
// one program to another belongs to the chapter of the second.
func chapterOf(label string) string {
	if m := chapterRE.FindStringSubmatch(label); m != nil {
		return m[1]
	}
	return ""
}

// labelled returns the blocks with a label, in their order.
func (t *Text) labelled(label string) (blocks []*block) {
	for _, b := range t.blocks {
		if b.label == label {
			blocks = append(blocks, b)
		}
	}
	return blocks
}

// Sessions that no script plays, by the label of their block.
var sessions = map[string]*regexp.Regexp{
	"console go-bench": regexp.MustCompile(`^\$ go test -run none -bench ([\w/]+)` +
		`(\nBenchmark\S+ +\t +\d+(\t +\S+ [\w/-]+)+)+$`),
	"console go-test": regexp.MustCompile(`^\$ go test.*\n(?:PASS\n\d+ scripts played.*\n)?` +
		`ok  \texample.com/sockets\t\d+\.\d{3}s$`),
}

// checkTranscript checks blocks against a script's NAME.want, which it has to
// compare with the real screen, or with what went over the wire. A trace may be
// shown in several blocks.
func (t *Text) checkTranscript(about []string, blocks []*block) {
	script, name := "testdata/script/"+about[0]+".txtar", "wire"
	if len(about) > 1 {
		name = about[1]
	}
	data, err := fs.ReadFile(t.tree, script)
	if err != nil {
		t.problem(blocks[0].first-1, "%v", err)
		return
	}
	for _, file := range txtar.Parse(data).Files {
		want := split(file.Data)
		wide := slices.ContainsFunc(want, func(line string) bool { return len(line) > 88 })
		switch {
		case file.Name != name+".want":
			continue
		case name == "wire" && (wide || len(want) > 14):
			t.problem(blocks[0].first-1, "a listing has at most 14 lines of 88 columns")
		case len(blocks) == 1:
			t.expect(blocks[0], want)
		default:
			t.checkRuns(script, want, make([]bool, len(want)), blocks)
		}
		return
	}
	t.problem(blocks[0].first-1, "%s has no %s.want", script, name)
}

// split returns the lines of a file.
func split(data []byte) []string {
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

// expect notes what a block should be, and the difference as a problem.
func (t *Text) expect(b *block, want []string) {
	if slices.Equal(b.lines, want) {
		return
	}
	b.want = want
	join := func(lines []string) []byte { return []byte(strings.Join(lines, "\n") + "\n") }
	t.problem(b.first-1, "the block is not what it says:\n%s",
		diff.Diff("text", join(b.lines), b.label, join(want)))
}

// The first lines of pictures that are known to work.
var pictures = []string{"sequenceDiagram", "flowchart TB", "xychart-beta horizontal"}

// A line of a sequence diagram.
var sequenceRE = regexp.MustCompile(`^(\w+)-?->>(\w+): ` +
	`|^(participant|Note|loop|alt|else|opt|end)\b`)

// checkPicture checks that a Mermaid block is of a kind that is known to work,
// and that a sequence diagram introduces who speaks in it, four at most: more
// are too small on a telephone.
func (t *Text) checkPicture(_ []string, blocks []*block) {
	b := blocks[0]
	kind := strings.Join(b.lines[:min(1, len(b.lines))], "")
	if !slices.Contains(pictures, kind) {
		t.problem(b.first, "the first line of a picture is one of %q", pictures)
		return
	}
	known := map[string]bool{"": true}
	for i, line := range b.lines[1:] {
		line = strings.TrimSpace(line)
		if who, ok := strings.CutPrefix(line, "participant "); ok {
			known[strings.Fields(who)[0]] = true
		}
		m := sequenceRE.FindStringSubmatch(line)
		switch {
		case strings.ContainsAny(line, ";#") || kind == pictures[0] && m == nil:
			t.problem(b.first+1+i, "not a line for a picture: %s", line)
		case kind == pictures[0] && !(known[m[1]] && known[m[2]]):
			t.problem(b.first+1+i, "%s or %s is no participant", m[1], m[2])
		}
	}
	if len(known) > 5 {
		t.problem(b.first, "a picture has four participants at most")
	}
}

// Repair returns the text with what its blocks should be, and whether that
// is something else.
func (t *Text) Repair() (repaired string, changed bool) {
	for _, b := range slices.Backward(t.blocks) {
		if b.want != nil {
			t.lines = slices.Replace(t.lines, b.first, b.first+len(b.lines), b.want...)
			changed = true
		}
	}
	return strings.Join(t.lines, "\n") + "\n", changed
}
