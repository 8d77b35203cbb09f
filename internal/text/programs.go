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
	"unicode"
)

// The stage programs, which the text shows whole. The relay and the try are
// tools, and the text shows what matters of them.
var stageRE = inChapter(`^NN-\w+/(server|client|eventloop|sockopt)/`)

// checkExcerpts checks the blocks that show a file: each is a run of its
// lines, they come in its order, and together they show the whole of a stage
// program, but for blank lines and what is as it was in the stage before, or if
// diffs show the rest.
func (t *Text) checkExcerpts(about []string, blocks []*block) {
	file := about[0]
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
			step = slices.Repeat([]string{" "}, len(lines))
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
		if isDiff && after == file &&
			(before[:2] < file[:2] || t.labelled("go "+before) != nil || t.climbed(before)) {
			return true
		}
	}
	return false
}

// checkDiff checks the blocks that show the step from one program to another:
// each is a run of lines of the difference, they come in its order, and
// together they show all that changes, but for blank lines and the file's head,
// to the end of the imports.
func (t *Text) checkDiff(about []string, blocks []*block) {
	before, after := about[0], about[1]
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
	if t.checkRuns(before+" "+after, lines, optional, blocks) {
		t.problem(blocks[0].first-1, "%s and %s have drifted apart, or a block is missing",
			before, after)
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
	err1, err2 = os.WriteFile(folder+"/a", a, 0o666), os.WriteFile(folder+"/b", b, 0o666)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	git := exec.Command("git", "diff", "--no-index", "--no-ext-diff", "--no-color",
		"--diff-algorithm=myers", "-w", "-U9999", "a", "b")
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

// indent moves each line that goes as far as the statement before it that stays
// was moved from where it stood in the old file.
func indent(lines, old []string) []string {
	at, moved := 0, 0
	for i, line := range lines {
		switch margin := width(line[1:]); {
		case line[0] == '+':
			continue
		case line[0] == '-':
			lines[i] = "-" + strings.Repeat(" ", max(0, margin+moved)) + line[1+margin:]
		case strings.ContainsFunc(line, unicode.IsLetter): // a bracket may close another block
			moved = margin - width(old[at])
		}
		at++
	}
	return lines
}

// width returns how far a line is indented.
func width(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// expand returns lines with four blanks for a tab, as the text shows them.
func expand(lines []string) []string {
	lines = slices.Clone(lines)
	for i, line := range lines {
		lines[i] = strings.ReplaceAll(line, "\t", "    ")
	}
	return lines
}
