// Package text checks the texts of this repository against its programs and
// scripts, and repairs what it can.
package text

import (
	"cmp"
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
	label string
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
			open = &block{label: m[2], first: i + 1}
			t.blocks = append(t.blocks, open)
		default:
			open = nil
		}
	}
	return t
}

func (t *Text) problem(i int, format string, args ...any) {
	t.Problems = append(t.Problems, fmt.Sprintf("%s:%d: ", t.name, i+1)+fmt.Sprintf(format, args...))
}

// CheckBlocks checks the blocks whose label speaks of a chapter ("01"), or
// with "" those that speak of none. It finds what each should be.
func (t *Text) CheckBlocks(chapter string) {
	for _, b := range t.blocks {
		if chapterOf(b.label) != chapter {
			continue
		}
		kind, rest, _ := strings.Cut(b.label, " ")
		about, blocks := strings.Fields(rest), t.labelled(b.label)
		form := fmt.Sprint(kind, len(about))
		switch {
		case sessions[b.label] != nil:
			if !sessions[b.label].MatchString(strings.Join(b.lines, "\n")) {
				t.problem(b.first, "this is not what %s prints when all is well", rest)
			}
		case form == "mermaid0":
			t.checkPicture(b)
		case form == "console2":
			t.checkTranscript(about[0], about[1], []*block{b})
		case b != blocks[0]: // it was checked with the first
		case form == "text2":
			t.checkTranscript(about[0], about[1], blocks)
		case form == "go1", form == "python1":
			t.checkExcerpts(about[0], blocks)
		case form == "diff2":
			t.checkDiff(about[0], about[1], blocks)
		default:
			t.problem(b.first-1, "nothing checks a block with the label %q", b.label)
		}
	}
	programs, _ := fs.Glob(t.tree, chapter+"-*/*/*.go")
	for _, name := range programs {
		if t.name == "tutorial.md" && stageRE.MatchString(name) && t.labelled("go "+name) == nil && !t.climbed(name) {
			t.problem(0, "no block shows %s", name)
		}
	}
}

var chapterRE = regexp.MustCompile(`.*[ /](0[1-9])-`)

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
	"console go-bench": regexp.MustCompile(`^\$ go test -run none -bench ([\w/]+)(\nBenchmark\S+ +\t +\d+(\t +\S+ [\w/-]+)+)+$`),
	"console go-test":  regexp.MustCompile(`^\$ go test.*\n(?:PASS\n\d+ scripts played.*\n)?ok  \texample.com/sockets\t\d+\.\d{3}s$`),
}

// checkTranscript checks blocks against NAME.want of a script, which has to
// compare it with the real screen. A trace may be shown in several blocks.
func (t *Text) checkTranscript(script, name string, blocks []*block) {
	script = "testdata/script/" + script + ".txtar"
	data, err := fs.ReadFile(t.tree, script)
	if err != nil {
		t.problem(blocks[0].first-1, "%v", err)
		return
	}
	for _, file := range txtar.Parse(data).Files {
		if file.Name == name+".want" {
			want := split(file.Data)
			if len(blocks) == 1 {
				t.expect(blocks[0], want)
			} else {
				t.checkRuns(script, want, make([]bool, len(want)), blocks)
			}
			return
		}
	}
	t.problem(blocks[0].first-1, "%s has no %s.want", script, name)
}

// split returns the lines of a file.
func split(data []byte) []string {
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

// expand returns lines with four blanks for a tab, as the text shows them.
func expand(lines []string) []string {
	if len(lines) == 0 {
		return nil
	}
	return strings.Split(strings.ReplaceAll(strings.Join(lines, "\n"), "\t", "    "), "\n")
}

// expect notes what a block should be, and the difference as a problem.
func (t *Text) expect(b *block, want []string) {
	if slices.Equal(b.lines, want) {
		return
	}
	b.want = want
	join := func(lines []string) []byte { return []byte(strings.Join(lines, "\n") + "\n") }
	t.problem(b.first-1, "the block is not what it says:\n%s", diff.Diff("text", join(b.lines), b.label, join(want)))
}

// The stage programs, which the text shows whole. The relay and the try are
// tools, and the text shows what matters of them.
var stageRE = regexp.MustCompile(`^0\d-\w+/(server|client|eventloop|sockopt)/`)

// checkExcerpts checks the blocks that show a file: each is a run of its
// lines, they come in its order, and together they show the whole of a stage
// program, but for blank lines and what is as it was in the stage before, or if
// diffs show the rest.
func (t *Text) checkExcerpts(file string, blocks []*block) {
	data, err := fs.ReadFile(t.tree, file)
	if err != nil {
		t.problem(blocks[0].first-1, "%v", err)
		return
	}
	lines := expand(split(data))
	optional, rest := make([]bool, len(lines)), !stageRE.MatchString(file) || t.climbed(file)
	for i, line := range lines {
		optional[i] = line == "" || rest
	}
	for _, c := range Chapters {
		before := strings.Replace(file, c.Stage+"/", c.Base+"/", 1)
		if _, err := fs.Stat(t.tree, before); err != nil || before == file || rest {
			continue
		}
		step, err := t.difference(before, file)
		if err != nil {
			t.unable(blocks[0], err)
		}
		step = slices.DeleteFunc(step, func(line string) bool { return line[0] == '-' })
		for i, line := range step {
			optional[i] = optional[i] || line[0] == ' '
		}
	}
	t.checkRuns(file, lines, optional, blocks)
}

// climbed reports whether diffs lead to a program, each shown whole, from one
// of an earlier chapter or from one that blocks show.
func (t *Text) climbed(file string) bool {
	for _, b := range t.blocks {
		pair, isDiff := strings.CutPrefix(b.label, "diff ")
		before, after, _ := strings.Cut(pair, " ")
		if isDiff && after == file && (before[:2] < file[:2] || t.labelled("go "+before) != nil || t.climbed(before)) {
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
	if err != nil {
		t.unable(blocks[0], err)
		return
	}
	head := strings.Count(headRE.FindString(strings.Join(lines, "\n")), "\n")
	optional := make([]bool, len(lines))
	for i, line := range lines {
		optional[i] = line[0] == ' ' || strings.TrimSpace(line[1:]) == "" || i <= head
	}
	apart := t.checkRuns(before+" "+after, lines, optional, blocks)
	for _, b := range blocks {
		for _, line := range expand(b.lines) {
			if changes := func(line string) bool { return slices.Contains(b.want, line) }; b.want != nil &&
				strings.HasPrefix(line, " ") && !changes(line) && (changes("-"+line[1:]) || changes("+"+line[1:])) {
				apart = true
			}
		}
	}
	if apart {
		t.problem(blocks[0].first-1, "%s and %s have drifted apart, or a block is missing", before, after)
	}
	for _, b := range blocks {
		if apart {
			b.want = nil
		}
	}
}

// The head of a program in a diff: all up to the end of the imports.
var headRE = regexp.MustCompile(`^(?s:.*\n)?.(package|import \((?s:.*?\n.)\)|import ".*")`)

// unable notes why a block could not be checked: a problem, unless it is git that
// is not here.
func (t *Text) unable(b *block, err error) {
	if errors.Is(err, exec.ErrNotFound) {
		t.Unchecked = "git is not installed"
		return
	}
	t.problem(b.first-1, "%v", err)
}

// difference returns the whole of two files with what changes marked by - and
// +, as git shows it if it ignores how lines are indented: what stays has the new
// indentation, and so gets what goes. It fails if there is no such file.
func (t *Text) difference(before, after string) ([]string, error) {
	a, err1 := fs.ReadFile(t.tree, before)
	b, err2 := fs.ReadFile(t.tree, after)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	key := string(a) + string(b)
	if known, ok := differences.Load(key); ok {
		return slices.Clone(known.([]string)), nil
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
		return nil, cmp.Or(err, fmt.Errorf("git shows no difference of %s and %s", before, after))
	}
	lines := indent(expand(split([]byte(text))), expand(split(a)))
	differences.Store(key, lines)
	return slices.Clone(lines), nil
}

var differences sync.Map // of two texts: []string

// indent moves each line that goes as far as the line before it that stays was
// moved from where it stood in the old file.
func indent(lines, old []string) []string {
	at, moved := 0, 0
	for i, line := range lines {
		switch margin := width(line[1:]); {
		case line[0] == '+':
			continue
		case line[0] == '-':
			lines[i] = "-" + strings.Repeat(" ", max(0, margin+moved)) + line[1+margin:]
		case margin < len(line)-1: // not blank
			moved = margin - width(old[at])
		}
		at++
	}
	return lines
}

// width returns how far a line is indented.
func width(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

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
		if who, ok := strings.CutPrefix(line, "participant "); ok {
			known[strings.Fields(who)[0]] = true
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
