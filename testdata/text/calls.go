package text

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// The calls of the Python original, in its order.
var calls = strings.Fields("socket bind listen accept connect connect_ex recv send sendall recvfrom sendto getpeername getsockname getsockopt setsockopt close setblocking settimeout gettimeout fileno makefile")

// A row of the table of calls: the Python call and where it is made, the Go
// call and where, and the system call that this line makes, or none.
var callRow = regexp.MustCompile("^\\| \\[`(\\w+)`\\]\\((testdata/python/\\S+)#L(\\d+)\\) \\| \\[`([^`]+)`\\]\\((\\S+)#L(\\d+)\\) \\| (?:`(\\w+)`|none) \\| ")

// CheckCalls checks the table of calls: each of the calls has a row, the calls
// stand in the lines that it links to, which can be repaired, and a trace of
// the program shows the system call below that line.
func (t *Text) CheckCalls() {
	left := slices.Clone(calls)
	for i, line := range t.lines {
		m := callRow.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		left = slices.DeleteFunc(left, func(call string) bool { return call == m[1] })
		repaired := line
		for j, code := range map[int]string{2: m[1] + "(", 5: m[4]} {
			if at, n := t.lineWith(m[j], code, m[j+1]); n == "" {
				t.problem(i, "%s has no line with %s", m[j], code)
			} else if n != m[j+1] {
				t.problem(i, "%s stands in line %s of %s", code, n, m[j])
				repaired = strings.Replace(repaired, m[j]+"#L"+m[j+1], m[j]+"#L"+n, 1)
			} else if j == 5 && !t.traced(m[5], at, m[7]) {
				t.problem(i, "no trace of %s shows %s below %s", m[5], m[7], at)
			}
		}
		if repaired != line {
			t.blocks = append(t.blocks, &block{first: i, lines: []string{line}, want: []string{repaired}})
		}
	}
	if len(left) > 0 {
		t.problem(0, "the table of calls has no row for %s", strings.Join(left, ", "))
	}
	slices.SortFunc(t.blocks, func(a, b *block) int { return a.first - b.first })
}

// lineWith returns the line n of a file if it has the code, or the first that
// has, and its number, or "".
func (t *Text) lineWith(file, code, n string) (line, number string) {
	data, _ := fs.ReadFile(t.tree, file)
	for i, l := range strings.Split(string(data), "\n") {
		if !strings.Contains(l, code) {
			continue
		}
		if number == "" || fmt.Sprint(i+1) == n {
			line, number = strings.TrimSpace(l), fmt.Sprint(i+1)
		}
	}
	return line, number
}

// traced reports whether a script's trace of the file's program shows the
// system call below the line. None needs no trace.
func (t *Text) traced(file, line, call string) bool {
	program := file[:strings.LastIndexByte(file, '/')]
	for _, script := range t.scripts() {
		if !strings.Contains(script, "go run ./"+program+"\n") || call == "" {
			continue
		}
		for _, f := range txtar.Parse([]byte(script)).Files {
			above := ""
			for l := range strings.Lines(string(f.Data)) {
				if !strings.HasPrefix(l, "    ") {
					above = strings.TrimSpace(l)
				} else if above == line && strings.HasSuffix(f.Name, ".trace.want") && strings.HasPrefix(l, "    "+call+"(") {
					return true
				}
			}
		}
	}
	return call == ""
}

// scripts returns the text of each script below testdata.
func (t *Text) scripts() []string {
	if t.played == nil {
		names, _ := fs.Glob(t.tree, "testdata/*.txtar")
		for _, name := range names {
			data, _ := fs.ReadFile(t.tree, name)
			t.played = append(t.played, string(data))
		}
	}
	return t.played
}

// A row of the table of errors, and what it says that one sees.
var errorRow = regexp.MustCompile("^\\| `([^`]+)` \\|")

// CheckErrors checks that a script has seen each message in the table of errors.
func (t *Text) CheckErrors() {
	seen := strings.Join(t.scripts(), "")
	from := slices.Index(t.lines, "### Every error")
	for i, line := range t.lines {
		if m := errorRow.FindStringSubmatch(line); m != nil && from >= 0 && i > from && !strings.Contains(seen, m[1]) {
			t.problem(i, "no script has seen %s", m[1])
		}
	}
}
