// Package text checks the texts of this repository against its programs and
// scripts, and repairs what it can.
package text

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
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

// A Text is a Markdown file of a tree, and what is wrong with it.
type Text struct {
	Problems  []string
	Unchecked string // why steps from program to program could not be compared, or ""

	tree   fs.FS
	name   string
	lines  []string
	blocks []*block

	headings, anchorsOf []string         // found by anchors
	others              map[string]*Text // that links lead to
	played              []string         // found by scripts
}

// A block is a fenced block: its label is what stands behind the fence.
type block struct {
	label []string
	first int // the index of the line after the fence
	lines []string
	want  []string // what the lines should be, or nil if they are right
}

var fence = regexp.MustCompile("^\\s*(```+|~~~+)(.*)$")

// Read reads a text of a tree and finds its blocks. A fence in a place where
// a reader of the source could miss it is a problem.
func Read(tree fs.FS, name string) *Text {
	data, err := fs.ReadFile(tree, name)
	t := &Text{tree: tree, name: name, lines: strings.Split(string(data), "\n"), others: map[string]*Text{}}
	if err != nil {
		t.problem(0, "%v", err)
	}
	var open *block
	for i, line := range t.lines {
		m := fence.FindStringSubmatch(line)
		switch {
		case m == nil && open != nil:
			open.lines = append(open.lines, line)
		case m == nil:
		case !strings.HasPrefix(line, "```") || strings.HasPrefix(line, "````"):
			t.problem(i, "a fence is three backquotes at the beginning of a line")
		case open == nil:
			open = &block{label: strings.Fields(m[2]), first: i + 1}
			t.blocks = append(t.blocks, open)
		default:
			open = nil
		}
	}
	if open != nil {
		t.problem(open.first-1, "this block has no end")
	}
	return t
}

func (t *Text) problem(i int, format string, args ...any) {
	t.Problems = append(t.Problems, fmt.Sprintf("%s:%d: ", t.name, i+1)+fmt.Sprintf(format, args...))
}

// CheckBlocks checks the blocks whose label speaks of a chapter ("01"), or
// with "" those that speak of none. It finds what each should be.
func (t *Text) CheckBlocks(chapter string) {
	ofFile, traces := map[string][]*block{}, map[string][]*block{}
	var files, labels []string
	for _, b := range t.blocks {
		label := strings.Join(b.label, " ")
		if len(b.label) == 3 && b.label[0] == "diff" {
			label = b.label[2] // the chapter is that of the program that it leads to
		}
		if m := chapterRE.FindStringSubmatch(label); (m == nil) != (chapter == "") || m != nil && m[1] != chapter {
			continue
		}
		kind := strings.Join(b.label[:min(1, len(b.label))], "")
		switch {
		case (kind == "go" || kind == "python") && len(b.label) == 2, kind == "diff" && len(b.label) == 3:
			file := strings.Join(b.label[1:], " ")
			if ofFile[file] == nil {
				files = append(files, file)
			}
			ofFile[file] = append(ofFile[file], b)
		case kind == "console" && len(b.label) == 3:
			t.checkTranscript([]*block{b})
		case kind == "text" && len(b.label) == 3:
			if traces[label] == nil {
				labels = append(labels, label)
			}
			traces[label] = append(traces[label], b)
		case kind == "console" && slices.Equal(b.label[1:], []string{"go-test"}):
			if !goTestSession.MatchString(strings.Join(b.lines, "\n")) {
				t.problem(b.first, "this is not what `go test` prints when all is well")
			}
		case kind == "console" && slices.Equal(b.label[1:], []string{"go-bench"}):
			if !benchSession.MatchString(strings.Join(b.lines, "\n")) {
				t.problem(b.first, "this is not what a benchmark prints")
			}
		case kind == "mermaid" && len(b.label) == 1:
			t.checkPicture(b)
		default:
			t.problem(b.first-1, "nothing checks a block with the label %q", strings.Join(b.label, " "))
		}
	}
	for _, label := range labels {
		t.checkTranscript(traces[label])
	}
	for _, c := range Chapters {
		programs, _ := fs.Glob(t.tree, c.Stage+"/*/*.go")
		for _, name := range programs {
			if c.Number() == chapter && t.name == "tutorial.md" && ofFile[name] == nil && !t.climbed(name, ofFile) {
				t.problem(0, "no block shows %s", name)
			}
		}
	}
	for _, file := range files {
		if b := ofFile[file][0]; b.label[0] == "diff" {
			t.checkDiff(b.label[1], b.label[2], ofFile[file])
		} else {
			t.checkExcerpts(file, ofFile[file], t.climbed(file, ofFile))
		}
	}
}

var (
	chapterRE     = regexp.MustCompile(`(?:^|[ /])(0[1-9])-`)
	benchSession  = regexp.MustCompile(`^\$ go test -run none -bench ([\w/]+)(\nBenchmark\S+ +\t +\d+(\t +\S+ [\w/-]+)+)+$`)
	goTestSession = regexp.MustCompile(`^\$ go test.*\n(?:PASS\n\d+ scripts played.*\n)?ok  \texample.com/sockets\t\d+\.\d{3}s$`)
)

// checkTranscript checks a block against NAME.want of a script, which has to
// compare it with the real screen. A trace may be shown in several blocks.
func (t *Text) checkTranscript(blocks []*block) {
	b := blocks[0]
	data, err := fs.ReadFile(t.tree, "testdata/"+b.label[1]+".txtar")
	if err != nil {
		t.problem(b.first-1, "%v", err)
		return
	}
	archive := txtar.Parse(data)
	for _, file := range archive.Files {
		if file.Name == b.label[2]+".want" {
			want := strings.Split(strings.TrimSuffix(string(file.Data), "\n"), "\n")
			if len(blocks) == 1 {
				t.expect(b, want)
			} else {
				t.checkRuns("testdata/"+b.label[1]+".txtar", want, make([]bool, len(want)), blocks)
			}
			return
		}
	}
	t.problem(b.first-1, "testdata/%s.txtar has no %s.want", b.label[1], b.label[2])
}

// expect notes what a block should be, and the difference as a problem.
func (t *Text) expect(b *block, want []string) {
	if slices.Equal(b.lines, want) {
		return
	}
	b.want = want
	join := func(lines []string) []byte { return []byte(strings.Join(lines, "\n") + "\n") }
	t.problem(b.first-1, "the block is not what it says:\n%s", diff.Diff("text", join(b.lines), strings.Join(b.label[1:], " "), join(want)))
}

// checkExcerpts checks the blocks that show a file: each is a run of its
// lines, they come in its order, and together they show the whole of a stage
// program, but for blank lines and what is as it was in the stage before, or if
// diffs show the rest.
func (t *Text) checkExcerpts(file string, blocks []*block, rest bool) {
	data, err := fs.ReadFile(t.tree, file)
	if err != nil {
		t.problem(blocks[0].first-1, "%v", err)
		return
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	optional := make([]bool, len(lines))
	for i, line := range lines {
		optional[i] = line == "" || rest || strings.HasPrefix(file, "testdata/")
	}
	for _, c := range Chapters {
		before := strings.Replace(file, c.Stage+"/", c.Base+"/", 1)
		if data, err := fs.ReadFile(t.tree, before); err == nil && before != file {
			for _, pair := range common(strings.Split(string(data), "\n"), lines) {
				optional[pair[1]] = true
			}
		}
	}
	t.checkRuns(file, lines, optional, blocks)
}

// climbed reports whether diffs lead to a program, each shown whole, from one
// of an earlier chapter or from one that blocks show.
func (t *Text) climbed(file string, ofFile map[string][]*block) bool {
	for pair := range ofFile {
		before, after, isPair := strings.Cut(pair, " ")
		if isPair && after == file && (before[:2] < file[:2] || ofFile[before] != nil || t.climbed(before, ofFile)) {
			return true
		}
	}
	return false
}

// checkDiff checks the blocks that show the step from one program to another:
// each is a run of lines of the difference, they come in its order, and
// together they show all that changes, but for blank lines and the file's head,
// to the end of the imports.
func (t *Text) checkDiff(before, after string, blocks []*block) {
	lines, err := t.difference(before, after)
	if errors.Is(err, exec.ErrNotFound) {
		t.Unchecked = "git is not installed"
		return
	}
	if err != nil {
		t.problem(blocks[0].first-1, "%v", err)
		return
	}
	optional, head := make([]bool, len(lines)), 0
	for i, line := range lines {
		if bare := strings.TrimSpace(line[1:]); strings.HasPrefix(bare, "import ") || strings.HasPrefix(bare, "package ") {
			head = i
		} else if head > 0 && lines[head][1:] == "import (" && line[1:] == ")" && !slices.Contains(lines[head:i], " )") {
			head = i
		}
	}
	for i, line := range lines {
		optional[i] = line[0] == ' ' || strings.TrimSpace(line[1:]) == "" || i <= head
	}
	t.checkRuns(before+" "+after, lines, optional, blocks)
}

// difference returns the whole of two files with what changes marked by - and
// +, as git shows it if it ignores how lines are indented. It fails if there is
// no such file.
func (t *Text) difference(before, after string) ([]string, error) {
	a, err1 := fs.ReadFile(t.tree, before)
	b, err2 := fs.ReadFile(t.tree, after)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	key := string(a) + string(b)
	if known, ok := differences.Load(key); ok {
		return known.([]string), nil
	}
	folder, err := os.MkdirTemp("", "diff")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	if err := errors.Join(os.WriteFile(folder+"/a", a, 0o666), os.WriteFile(folder+"/b", b, 0o666)); err != nil {
		return nil, err
	}
	git := exec.Command("git", "diff", "--no-index", "--no-ext-diff", "--no-color", "--diff-algorithm=myers", "-w", "-U9999", "a", "b")
	git.Dir = folder
	git.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	out, err := git.Output() // status 1: there are differences
	_, text, found := strings.Cut(string(out), "@@\n")
	if !found {
		return nil, fmt.Errorf("git shows no difference of %s and %s: %w", before, after, err)
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	differences.Store(key, lines)
	return lines, nil
}

var differences sync.Map // of two texts: []string

// checkRuns checks that blocks are runs of lines, in their order, and that they
// show all that is not optional.
func (t *Text) checkRuns(file string, lines []string, optional []bool, blocks []*block) {
	shown, right := place(lines, blocks)
	for i, line := range lines {
		if right && !shown[i] && !optional[i] {
			t.Problems = append(t.Problems, fmt.Sprintf("%s:%d: no block of %s shows this line: %s", file, i+1, t.name, line))
			right = false
		}
	}
	if right {
		return
	}
	for i, want := range repair(lines, optional, blocks) {
		if len(want) == 0 {
			t.problem(blocks[i].first-1, "%s has nothing like this block at this place", file)
		} else {
			t.expect(blocks[i], want)
		}
	}
}

// place finds the blocks in the file's lines, one after the other, and says
// which lines they show and whether all were found.
func place(lines []string, blocks []*block) (shown []bool, found bool) {
	shown = make([]bool, len(lines))
	at := 0
	for _, b := range blocks {
		for at+len(b.lines) > len(lines) || !slices.Equal(lines[at:at+len(b.lines)], b.lines) {
			if at++; at >= len(lines) {
				return shown, false
			}
		}
		for range b.lines {
			shown[at] = true
			at++
		}
	}
	return shown, true
}

// repair finds what the blocks should be: what is left of each in the file,
// with the lines that are new behind it.
func repair(lines []string, optional []bool, blocks []*block) [][]string {
	var old []string
	var owner []int // of the old lines
	for i, b := range blocks {
		old = append(old, b.lines...)
		owner = append(owner, slices.Repeat([]int{i}, len(b.lines))...)
	}
	of := make([]int, len(lines)) // the block that a line belongs to, or -1
	for i := range of {
		of[i] = -1
	}
	for _, pair := range common(old, lines) {
		of[pair[1]] = owner[pair[0]]
	}
	first, last := make([]int, len(blocks)), make([]int, len(blocks))
	for i, current := 0, 0; i < len(lines); i++ {
		if of[i] >= 0 {
			current = of[i]
		} else if optional[i] {
			continue
		} else if i > 0 && lines[i-1] == "" { // a new paragraph: what follows decides
			for j := i; j < len(lines) && lines[j] != ""; j++ {
				if of[j] >= 0 {
					current = of[j]
					break
				}
			}
		}
		if last[current] == 0 {
			first[current] = i
		}
		last[current] = i + 1
	}
	want := make([][]string, len(blocks))
	for i := range blocks {
		want[i] = lines[first[i]:last[i]]
	}
	return want
}

// common finds a longest run of pairs (i, j), both rising, with a[i] == b[j].
func common(a, b []string) (pairs [][2]int) {
	length := make([][]int, len(a)+1) // of the longest run from a[i] and b[j] on
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			length[i][j] = max(length[i+1][j], length[i][j+1])
			if a[i] == b[j] {
				length[i][j] = length[i+1][j+1] + 1
			}
		}
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return pairs
}

// What the pictures may be made of, line by line.
var pictures = map[string]*regexp.Regexp{
	"sequenceDiagram":         regexp.MustCompile(`^(participant \w+( as [\w ,/.()-]+)?|\w+-?->>\w+: [^;#]+|Note (over|left of|right of) \w+(,\w+)?: [^;#]+|(loop|alt|else|opt) [^;#]+|end)$`),
	"flowchart TB":            regexp.MustCompile(`^(\w+(\["[^"]+"\])?( (-->|---|<-->)(\|"[^"]+"\|)? \w+(\["[^"]+"\])?)*|subgraph \w+(\["[^"]+"\])?|end)$`),
	"xychart-beta horizontal": regexp.MustCompile(`^(title "[^"]+"|x-axis \["[^"]+"(, "[^"]+")*\]|y-axis "[^"]+" \d+ --> \d+|bar \[\d+(\.\d+)?(, \d+(\.\d+)?)*\])$`),
}

// checkPicture checks that a Mermaid block is of a kind and of lines that are
// known to work, and that whoever speaks in it was introduced.
func (t *Text) checkPicture(b *block) {
	kind := pictures[strings.Join(b.lines[:min(1, len(b.lines))], "")]
	if kind == nil {
		t.problem(b.first, "the first line of a picture is sequenceDiagram, flowchart TB or xychart-beta horizontal")
		return
	}
	known := map[string]bool{}
	for i, line := range b.lines[1:] {
		line = strings.TrimSpace(line)
		if !kind.MatchString(line) {
			t.problem(b.first+1+i, "not a line for a picture: %s", line)
		}
		if words := strings.Fields(line); words[0] == "participant" {
			known[words[1]] = true
		} else if m := arrow.FindStringSubmatch(line); m != nil && !(known[m[1]] && known[m[2]]) {
			t.problem(b.first+1+i, "%s or %s is no participant", m[1], m[2])
		}
	}
}

var arrow = regexp.MustCompile(`^(\w+)-?->>(\w+):`)

// Repair returns the text with what its blocks should be, and whether that
// is something else.
func (t *Text) Repair() (repaired string, changed bool) {
	for _, b := range slices.Backward(t.blocks) {
		if b.want != nil {
			t.lines = slices.Replace(t.lines, b.first, b.first+len(b.lines), b.want...)
			changed = true
		}
	}
	return strings.Join(t.lines, "\n"), changed
}
