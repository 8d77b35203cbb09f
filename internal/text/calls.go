package text

import (
	"cmp"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/txtar"
)

// The calls of the Python original, in its order.
var calls = strings.Fields("socket bind listen accept connect connect_ex recv send sendall recvfrom sendto getpeername getsockname getsockopt setsockopt close setblocking settimeout gettimeout fileno makefile")

// The system calls that have another name than the Python call.
var kernel = map[string]string{"accept": "accept4", "connect_ex": "connect", "recv": "read", "send": "write", "sendall": "write", "setblocking": "fcntl"}

// A row of the table of calls: the Python call and where it is made, the Go
// call and where, and the system call that this line makes, or none.
var callRow = regexp.MustCompile("^\\| \\[`(\\w+)`\\]\\((testdata/python/\\S+)#L(\\d+)\\) \\| \\[`([^`]+)`\\]\\((\\S+)#L(\\d+)\\) \\| (?:`(\\w+)`|none) \\| (.*)\\|$")

// CheckCalls checks the table of calls: each of the calls has a row, the calls
// stand in the lines that it links to, which can be repaired, and a trace of
// the program shows the system call below that line, or none. Names in the
// remark stand in some program.
func (t *Text) CheckCalls() {
	left := slices.Clone(calls)
	for i, line := range t.lines {
		m := callRow.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		left = slices.DeleteFunc(left, func(call string) bool { return call == m[1] })
		repaired := line
		if m[7] != "" && m[7] != m[1] && m[7] != kernel[m[1]] {
			t.problem(i, "the kernel has no %s for %s", m[7], m[1])
		}
		for _, code := range codeRE.FindAllString(m[8], -1) {
			if !t.inSomeProgram(strings.Trim(code, "`")) {
				t.problem(i, "no program has %s", code)
			}
		}
		for j, code := range map[int]string{2: m[1], 5: m[4]} {
			if at, n := t.lineWith(m[j], code, m[j+1]); n == "" {
				t.problem(i, "%s has no line with %s", m[j], code)
			} else if n != m[j+1] {
				t.problem(i, "%s stands in line %s of %s", code, n, m[j])
				repaired = strings.Replace(repaired, m[j]+"#L"+m[j+1], m[j]+"#L"+n, 1)
			} else if j == 5 && !t.traced(m[5], at, m[7]) {
				t.problem(i, "no trace of %s shows %s below %s", m[5], cmp.Or(m[7], "that there is no call"), at)
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

// inSomeProgram reports whether a name stands in a program.
func (t *Text) inSomeProgram(name string) bool {
	word := regexp.MustCompile(`\b` + name + `\b`)
	for _, pattern := range []string{"0*/*/*.go", "testdata/*/*/*.go"} {
		files, _ := fs.Glob(t.tree, pattern)
		for _, file := range files {
			if data, _ := fs.ReadFile(t.tree, file); word.Match(data) {
				return true
			}
		}
	}
	return false
}

// lineWith returns the line n of a file if it makes the call, or the first that
// does, and its number, or "".
func (t *Text) lineWith(file, call, n string) (line, number string) {
	data, _ := fs.ReadFile(t.tree, file)
	code := regexp.MustCompile(`\b` + call + `\(`)
	if strings.Contains(call, " ") { // is declared
		code = regexp.MustCompile(`\b` + call + `\b`)
	}
	for i, l := range split(data) {
		if code.MatchString(l) && (number == "" || fmt.Sprint(i+1) == n) {
			line, number = strings.TrimSpace(l), fmt.Sprint(i+1)
		}
	}
	return line, number
}

// traced reports whether a script's trace of the file's program shows the
// system call below the line; or, without one, that none shows any.
func (t *Text) traced(file, line, call string) bool {
	program := file[:strings.LastIndexByte(file, '/')]
	for _, script := range t.scripts() {
		if !strings.Contains(script, "go run ./"+program+"\n") {
			continue
		}
		for _, f := range txtar.Parse([]byte(script)).Files {
			above := ""
			for l := range strings.Lines(string(f.Data)) {
				if !strings.HasPrefix(l, "    ") {
					above = strings.TrimSpace(l)
				} else if above == line && strings.HasSuffix(f.Name, ".trace.want") && (call == "" || strings.HasPrefix(l, "    "+call+"(")) {
					return call != ""
				}
			}
		}
	}
	return call == ""
}

var comments = regexp.MustCompile(`(?m)^#.*\n`)

// scripts returns the text of each script below testdata/script, without comments.
func (t *Text) scripts() []string {
	if t.played == nil {
		names, _ := fs.Glob(t.tree, "testdata/script/*.txtar")
		for _, name := range names {
			data, _ := fs.ReadFile(t.tree, name)
			t.played = append(t.played, comments.ReplaceAllString(string(data), ""))
		}
	}
	return t.played
}

// A row of the table of errors: what it says that one sees, its name in C, and
// its number on Windows.
var errorRow = regexp.MustCompile("^\\| `([^`]+)` \\| (?:`(E\\w+)`)?[^|]*\\| [^|]*?(?:\\((\\d{5})\\)[^|]*)?\\|")

// Go's own sources have what each error says on Linux, and its number on
// Windows, by its name in C.
var goErrors = sync.OnceValue(func() string {
	sys := filepath.Join(build.Default.GOROOT, "src/cmd/vendor/golang.org/x/sys")
	linux, _ := os.ReadFile(filepath.Join(sys, "unix/zerrors_linux_amd64.go"))
	windows, _ := os.ReadFile(filepath.Join(sys, "windows/zerrors_windows.go"))
	return string(linux) + string(windows)
})

// CheckErrors checks that a script has seen each message in the table of errors,
// and that Go's sources have it for its name, and the number on Windows.
func (t *Text) CheckErrors() {
	seen, inGo := strings.Join(t.scripts(), ""), goErrors()
	from := slices.Index(t.lines, "### Every error")
	for i, line := range t.lines {
		m := errorRow.FindStringSubmatch(line)
		if m == nil || from < 0 || i < from {
			continue
		}
		if !strings.Contains(seen, m[1]) {
			t.problem(i, "no script has seen %s", m[1])
		}
		if m[2] != "" && inGo != "" && !strings.Contains(inGo, fmt.Sprintf("%q, %q}", m[2], m[1])) {
			t.problem(i, "in Go, %s does not say %s", m[2], m[1])
		}
		winsock := "WSA" + strings.Replace(m[2], "EAGAIN", "EWOULDBLOCK", 1)
		if m[3] != "" && inGo != "" && !regexp.MustCompile(winsock+` .*= `+m[3]+`\n`).MatchString(inGo) {
			t.problem(i, "in Go, %s is not %s", winsock, m[3])
		}
	}
}
