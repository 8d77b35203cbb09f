package text

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"example.com/sockets/testdata/play"
)

var (
	headingRE = regexp.MustCompile(`^(#{1,6}) (.+)$`)
	linkRE    = regexp.MustCompile(`\]\(([^)]*)\)|<a\s[^>]*|^\[[^\]]+\]: .*`)
	proofRE   = regexp.MustCompile(`\[proof\]\(([^)]*)\)`)
	playedRE  = regexp.MustCompile(`^testdata/0[1-5]-[\w-]+\.txtar$`)
	lineRE    = regexp.MustCompile(`^L\d+$`)
	codeRE    = regexp.MustCompile("`[^`]*`")
	goTestRE  = regexp.MustCompile(`\bgo test\b.* -(?:run|bench) ([\w/-]+)`) // the last of them
)

// prose returns the lines of the text with those of its blocks blanked.
func (t *Text) prose() []string {
	prose := slices.Clone(t.lines)
	for _, b := range t.blocks {
		for i := b.first - 1; i <= b.first+len(b.lines) && i < len(prose); i++ {
			prose[i] = ""
		}
	}
	return prose
}

// anchors finds the headings of the text and the anchor that the
// code-hosting site makes of each: lower case, punctuation gone, spaces
// turned into hyphens, and a number behind one that was there before.
func (t *Text) anchors() (headings, anchors []string) {
	if t.headings != nil {
		return t.headings, t.anchorsOf
	}
	defer func() { t.headings, t.anchorsOf = headings, anchors }()
	for _, line := range t.prose() {
		m := headingRE.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r):
				return unicode.ToLower(r)
			}
			return -1
		}, m[2])
		for base, n := anchor, 1; slices.Contains(anchors, anchor); n++ {
			anchor = fmt.Sprintf("%s-%d", base, n)
		}
		headings, anchors = append(headings, line), append(anchors, anchor)
	}
	return headings, anchors
}

// CheckLinks checks that each link leads to something: a file or folder, a
// line of a file, a heading of a text; and a proof to a script that is played. What lies outside cannot be proved.
func (t *Text) CheckLinks() {
	for i, line := range t.prose() {
		if !strings.ContainsAny(line, "]<`") {
			continue
		}
		for _, m := range linkRE.FindAllStringSubmatch(codeRE.ReplaceAllString(line, ""), -1) {
			if err := t.resolve(m[1]); err != nil {
				t.problem(i, "%s: %v", m[0], err)
			}
		}
		for _, m := range proofRE.FindAllStringSubmatch(line, -1) {
			if !playedRE.MatchString(m[1]) {
				t.problem(i, "%s is no script of a chapter", m[1])
			}
		}
		for _, code := range codeRE.FindAllString(line, -1) {
			if err := t.checkCommand(strings.Trim(code, "`")); err != nil {
				t.problem(i, "%s: %v", code, err)
			}
		}
	}
	for _, b := range t.blocks {
		for i, line := range b.lines {
			if command, typed := strings.CutPrefix(line, "$ "); typed {
				if err := t.checkCommand(command); err != nil {
					t.problem(b.first+i, "%v", err)
				}
			}
		}
	}
}

// resolve says why a link leads nowhere, or nil.
func (t *Text) resolve(target string) error {
	path, anchor, _ := strings.Cut(target, "#")
	if target == "" || strings.Contains(target, "://") {
		return fmt.Errorf("only links into this repository can be checked")
	}
	to := t
	if path != "" {
		if strings.HasSuffix(path, ".md") {
			if to = t.others[path]; to == nil {
				to = Read(t.tree, path)
				t.others[path] = to
			}
		}
		if _, err := fs.Stat(t.tree, strings.TrimSuffix(path, "/")); err != nil {
			return err
		}
	}
	if lineRE.MatchString(anchor) && to == t {
		return nil // CheckCalls looks at the line
	}
	if _, anchors := to.anchors(); anchor != "" && !slices.Contains(anchors, anchor) {
		return fmt.Errorf("%s has no heading #%s", to.name, anchor)
	}
	return nil
}

var tests = sync.OnceValue(func() string { return play.Tests(".") })

// checkCommand says why a `go run`, `go test` or `python3` command cannot
// work, or nil: its package, its test or its file does not exist.
func (t *Text) checkCommand(command string) error {
	words := strings.Fields(command)
	if len(words) < 2 || !slices.Contains([]string{"go", "python3", "diff"}, words[0]) {
		return nil
	}
	for _, word := range words {
		if elsewhere := strings.Contains(word, "mine") || strings.Contains(command, "@"); strings.Contains(word, "/") && !elsewhere && words[1] != "test" {
			if _, err := fs.Stat(t.tree, strings.Trim(filepath.ToSlash(filepath.Clean(word)), "/")); err != nil {
				return err
			}
		}
	}
	m := goTestRE.FindStringSubmatch(command)
	if m == nil {
		return nil
	}
	if test, script, _ := strings.Cut(m[1], "/"); strings.Contains(tests(), test) {
		if strings.HasPrefix(test, "Cost") {
			return nil // a part of a benchmark
		}
		_, err := fs.Stat(t.tree, strings.Trim("testdata/exercises/"+script, "/"))
		return err
	}
	return fmt.Errorf("-run %s matches no test", m[1])
}

// CheckContents checks the list below "## Contents": a link to each heading
// behind it.
func (t *Text) CheckContents() {
	start := slices.Index(t.lines, "## Contents") + 1
	if start == 0 {
		t.problem(0, "there is no heading ## Contents")
		return
	}
	end := start
	for end < len(t.lines) && !strings.HasPrefix(t.lines[end], "#") {
		end++
	}
	headings, anchors := t.anchors()
	want := []string{""}
	if folded := slices.Index(t.lines[start:end], "</details>"); folded > 2 {
		start, end = start+2, start+folded // below the summary
	}
	for i := slices.Index(headings, "## Contents") + 1; i < len(headings); i++ {
		m := headingRE.FindStringSubmatch(headings[i])
		if len(m[1]) <= 3 {
			want = append(want, fmt.Sprintf("%s- [%s](#%s)", strings.Repeat("  ", len(m[1])-2), m[2], anchors[i]))
		}
	}
	contents := &block{label: []string{"", "the headings"}, first: start, lines: t.lines[start:end]}
	t.blocks = append([]*block{contents}, t.blocks...)
	t.expect(contents, append(want, ""))
}

// CheckScripts looks for what a script shows and nobody compares, and for a
// script that no wrong program fails on. It returns what is wrong.
func CheckScripts(tree fs.FS) (problems []string) {
	scripts, _ := fs.Glob(tree, "testdata/*.txtar")
	more, _ := fs.Glob(tree, "testdata/exercises/*.txtar")
	for _, script := range append(scripts, more...) {
		data, err := fs.ReadFile(tree, script)
		if err != nil {
			problems = append(problems, err.Error())
		}
		commands, _, _ := strings.Cut(string(data), "\n-- ")
		for _, m := range wantRE.FindAllStringSubmatch(string(data), -1) {
			if !strings.Contains(commands+"\n", "cmp "+m[1]+" "+m[1]+".want\n") {
				problems = append(problems, fmt.Sprintf("%s: no cmp %s %s.want: nothing proves it", script, m[1], m[1]))
			}
		}
	}
	return problems
}

var wantRE = regexp.MustCompile(`(?m)^-- (.+)\.want --$`)
