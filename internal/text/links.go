package text

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

var (
	headingRE     = regexp.MustCompile(`^(#{1,6}) (.+)$`)
	linkRE        = regexp.MustCompile(`\]\(([^)]*)\)|<a\s[^>]*|^\[[^\]]+\]: .*`)
	proofRE       = regexp.MustCompile(`\[proof\]\(([^)]*)\)`)
	playedRE      = inChapter(`^testdata/script/NN-[\w-]+\.txtar$`)
	lineRE        = regexp.MustCompile(`\.(go|py|c)#L\d+$`)
	fileRE        = regexp.MustCompile(`(?: |^)((?:\./|testdata/|internal/|\d\d-)[\w-]+/[\w./-]+)`)
	codeRE        = regexp.MustCompile("`[^`]*`")
	punctuationRE = regexp.MustCompile(`[^\pL\pN _-]`)
	goTestRE      = regexp.MustCompile(`\bgo test\b.* -(?:run|bench) ([\w/-]+)`) // the last of them
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

// withoutCode returns a text without what stands in backquotes.
func withoutCode(text string) string {
	parts := strings.Split(text, "`")
	for i := 1; i < len(parts); i += 2 {
		parts[i] = strings.Repeat("\n", strings.Count(parts[i], "\n"))
	}
	return strings.Join(parts, "`")
}

// findAnchors finds the headings of the text and the anchor that the
// code-hosting site makes of each: lower case, punctuation gone, spaces
// turned into hyphens. Of a heading that comes twice it makes another, but
// nothing here leads there.
func (t *Text) findAnchors() (headings, anchors []string) {
	for _, line := range t.prose() {
		if strings.HasPrefix(line, "#") && headingRE.MatchString(line) {
			_, title, _ := strings.Cut(line, " ")
			anchor := punctuationRE.ReplaceAllString(strings.ToLower(title), "")
			headings = append(headings, line)
			anchors = append(anchors, strings.ReplaceAll(anchor, " ", "-"))
		}
	}
	return headings, anchors
}

// CheckLinks checks that each link leads to something: a file or folder, a line
// of a file, a heading of a text; and a proof to a script that is played. What
// lies outside cannot be proved. And it checks the commands in the text, which may
// run tests of these names.
func (t *Text) CheckLinks(tests string) {
	for i, line := range t.prose() {
		if !strings.ContainsAny(line, "]<`") && !strings.HasPrefix(t.lines[i], "$") {
			continue // soon
		}
		for _, m := range linkRE.FindAllStringSubmatch(withoutCode(line), -1) {
			if err := t.resolve(m[1]); err != nil {
				t.problem(i, "%s: %v", m[0], err)
			}
		}
		for _, m := range proofRE.FindAllStringSubmatch(line, -1) {
			if !playedRE.MatchString(m[1]) {
				t.problem(i, "%s is no script of a chapter", m[1])
			}
		}
		commands := codeRE.FindAllString(line, -1)
		if strings.HasPrefix(t.lines[i], "$ ") {
			commands = append(commands, t.lines[i])
		}
		for _, command := range commands {
			if err := t.checkCommand(strings.Trim(command, "`"), tests); err != nil {
				t.problem(i, "%s: %v", command, err)
			}
		}
	}
}

// resolve says why a link leads nowhere, or nil.
func (t *Text) resolve(target string) error {
	file, anchor, _ := strings.Cut(target, "#")
	if target == "" || strings.Contains(target, "://") {
		return fmt.Errorf("only links into this repository can be checked")
	}
	if _, err := fs.Stat(t.tree, path.Clean(file)); err != nil {
		return err
	}
	if anchor == "" || lineRE.MatchString(target) {
		return nil // CheckCalls looks at the line
	}
	to := t
	if file != "" {
		to = t.others[file]
	}
	if to == nil {
		to = Read(t.tree, file)
		t.others[file] = to
	}
	if _, anchors := to.anchors(); !slices.Contains(anchors, anchor) {
		return fmt.Errorf("%s has no heading #%s", to.name, anchor)
	}
	return nil
}

// checkCommand says why a command cannot work, or nil: a file or folder of this
// repository that it names, a test, or the script of an exercise does not exist.
func (t *Text) checkCommand(command, tests string) error {
	if !strings.ContainsAny(command, "/ ") {
		return nil
	}
	for _, m := range fileRE.FindAllStringSubmatch(command, -1) {
		_, err := fs.Stat(t.tree, path.Clean(m[1]))
		if err != nil && !strings.HasPrefix(m[1], "./mine/") {
			return err
		}
	}
	m := goTestRE.FindStringSubmatch(command)
	if m == nil {
		return nil
	}
	test, script, _ := strings.Cut(m[1], "/")
	if !strings.Contains(tests, test) {
		return fmt.Errorf("-run %s matches no test", m[1])
	}
	if test == "Exercises" {
		_, err := fs.Stat(t.tree, path.Join("testdata/exercises", script))
		return err
	}
	return nil
}

// CheckContents checks the folded list below "## Contents": a link to each
// heading behind it.
func (t *Text) CheckContents() {
	start, end := slices.Index(t.lines, "## Contents")+3, slices.Index(t.lines, "</details>")
	if start < 3 || end < start {
		t.problem(0, "there is no heading ## Contents, or no folded list below it")
		return
	}
	headings, anchors := t.anchors()
	want := []string{""}
	for i := slices.Index(headings, "## Contents") + 1; i < len(headings); i++ {
		if m := headingRE.FindStringSubmatch(headings[i]); len(m[1]) <= 3 {
			margin := strings.Repeat("  ", len(m[1])-2)
			want = append(want, fmt.Sprintf("%s- [%s](#%s)", margin, m[2], anchors[i]))
		}
	}
	contents := &block{label: "the headings", first: start, lines: t.lines[start:end]}
	t.blocks = append([]*block{contents}, t.blocks...)
	t.expect(contents, append(want, ""))
}

// CheckScripts looks for what a script shows and nobody compares. It returns
// what is wrong.
func CheckScripts(tree fs.FS) (problems []string) {
	scripts, _ := fs.Glob(tree, "testdata/script/*.txtar")
	more, _ := fs.Glob(tree, "testdata/exercises/*.txtar")
	for _, script := range append(scripts, more...) {
		data, err := fs.ReadFile(tree, script)
		if err != nil {
			problems = append(problems, err.Error())
		}
		archive := txtar.Parse(data)
		for _, file := range archive.Files {
			name, shown := strings.CutSuffix(file.Name, ".want")
			compare := "cmp " + name + " " + file.Name
			if shown && !strings.Contains(string(archive.Comment), compare+"\n") {
				problems = append(problems, fmt.Sprintf("%s: no %s: nothing proves it", script,
					compare))
			}
		}
	}
	return problems
}
