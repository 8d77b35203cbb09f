package text

import (
	"cmp"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/txtar"
)

// The calls of the Python original, in its order.
var calls = strings.Fields(`socket bind listen accept connect connect_ex recv send sendall
	recvfrom sendto getpeername getsockname getsockopt setsockopt close setblocking settimeout
	gettimeout fileno makefile`)

// The system calls that have another name than the Python call.
var kernel = map[string]string{
	"accept": "accept4", "connect_ex": "connect", "recv": "read",
	"send": "write", "sendall": "write", "setblocking": "fcntl",
}

// A row of the table of calls: the Python call and where it is made, the Go
// call and where, and the system call that this line makes, or none.
var callRow = regexp.MustCompile("^" +
	"\\| \\[`(?<py>\\w+)`\\]\\((?<pyFile>testdata/python/\\S+)#L(?<pyLine>\\d+)\\) " +
	"\\| \\[`(?<go>[^`]+)`\\]\\((?<goFile>\\S+)#L(?<goLine>\\d+)\\), " +
	"(?:`(?<sys>\\w+)`|no call)(?:: (?<remark>.*))? \\|$")

// CheckCalls checks the table of calls: each of the calls has a row, the calls
// stand in the lines that it links to, which can be repaired, and a trace of
// the program shows the system call below that line, or none. Names in the
// remark stand in some program.
func (t *Text) CheckCalls() {
	left, sources := slices.Clone(calls), t.readSources()
	for i, line := range t.lines {
		if !strings.HasPrefix(line, "| [`") || !callRow.MatchString(line) {
			continue
		}
		m := callRow.FindStringSubmatch(line)
		row := func(name string) string { return m[callRow.SubexpIndex(name)] }
		left = slices.DeleteFunc(left, func(call string) bool { return call == row("py") })
		if sys := row("sys"); sys != "" && sys != row("py") && sys != kernel[row("py")] {
			t.problem(i, "the kernel has no %s for %s", sys, row("py"))
		}
		for _, code := range codeRE.FindAllString(row("remark"), -1) {
			name := `\b` + strings.Trim(code, "`") + `\b`
			if !regexp.MustCompile(name).MatchString(sources) {
				t.problem(i, "no program has %s", code)
			}
		}
		repaired := line
		for _, lang := range []string{"py", "go"} {
			call, file, was := row(lang), row(lang+"File"), row(lang+"Line")
			at, n := t.lineWith(file, call, was)
			switch {
			case n == "":
				t.problem(i, "%s has no line with %s", file, call)
			case n != was:
				t.problem(i, "%s stands in line %s of %s", call, n, file)
				repaired = strings.Replace(repaired, file+"#L"+was, file+"#L"+n, 1)
			case lang == "go" && !t.traced(file, at, row("sys")):
				shows := cmp.Or(row("sys"), "that there is no call")
				t.problem(i, "no trace of %s shows %s below %s", file, shows, at)
			}
		}
		if repaired != line {
			t.blocks = append(t.blocks, &block{first: i, lines: []string{line},
				want: []string{repaired}})
		}
	}
	if len(left) > 0 {
		t.problem(0, "the table of calls has no row for %s", strings.Join(left, ", "))
	}
	slices.SortFunc(t.blocks, func(a, b *block) int { return a.first - b.first })
}

// readSources reads all programs.
func (t *Text) readSources() string {
	var all strings.Builder
	for _, file := range programs(t.tree) {
		data, _ := fs.ReadFile(t.tree, file)
		all.Write(data)
	}
	return all.String()
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
	for _, script := range t.scripts() {
		if !strings.Contains(script, "go run ./"+path.Dir(file)+"\n") {
			continue
		}
		for _, f := range txtar.Parse([]byte(script)).Files {
			if !strings.HasSuffix(f.Name, ".trace.want") {
				continue
			}
			above := ""
			for l := range strings.Lines(string(f.Data)) {
				if !strings.HasPrefix(l, "    ") {
					above = strings.TrimSpace(l)
				} else if above == line && (call == "" || strings.HasPrefix(l, "    "+call+"(")) {
					return call != ""
				}
			}
		}
	}
	return call == ""
}

var comments = regexp.MustCompile(`(?m)^#.*\n`)

// readScripts reads each script below testdata/script, without comments.
func (t *Text) readScripts() (scripts []string) {
	names, _ := fs.Glob(t.tree, "testdata/script/*.txtar")
	for _, name := range names {
		data, _ := fs.ReadFile(t.tree, name)
		scripts = append(scripts, comments.ReplaceAllString(string(data), ""))
	}
	return scripts
}

// Go's own sources have what each error says on Linux, and its number on
// Windows, by its name in C.
var goErrors = sync.OnceValue(func() string {
	sys := filepath.Join(build.Default.GOROOT, "src/cmd/vendor/golang.org/x/sys")
	linux, _ := os.ReadFile(filepath.Join(sys, "unix/zerrors_linux_amd64.go"))
	windows, _ := os.ReadFile(filepath.Join(sys, "windows/zerrors_windows.go"))
	return string(linux) + string(windows)
})

// A row of the table of errors begins with what one sees, and may have its name in C
// and its number on Windows.
var (
	errorRow  = regexp.MustCompile("^\\| `([^`]+)`")
	cNameRE   = regexp.MustCompile("`(E[A-Z0-9]{4,})`")
	winsockRE = regexp.MustCompile(`\b1[01]\d{3}\b`)
	goErrorRE = regexp.MustCompile(`\{\d+, "E\w+", "(.*)"\}`)
)

// What programs in Go say and the system doesn't, and what the table leaves out: no
// error of a socket, and no error in the end.
var (
	ofGo     = []string{"EOF", "i/o timeout", "no such host", "use of closed network connection"}
	leaveOut = []string{"is a directory", "operation now in progress"}
)

// CheckErrors checks that a script has seen each message in the table of errors,
// that Go's sources have it for its name, and the number on Windows; and that
// the table has each message that a script has seen.
func (t *Text) CheckErrors() {
	seen, inGo := strings.Join(t.scripts(), ""), goErrors()
	from, known := slices.Index(t.lines, "### Every error"), slices.Clone(leaveOut)
	for i := max(from, 0) + 1; i < len(t.lines) && !strings.HasPrefix(t.lines[i], "#"); i++ {
		m := errorRow.FindStringSubmatch(t.lines[i])
		if m == nil {
			continue
		}
		known = append(known, m[1])
		if !strings.Contains(seen, m[1]) {
			t.problem(i, "no script has seen %s", m[1])
		}
		name, number := cNameRE.FindStringSubmatch(t.lines[i]), winsockRE.FindString(t.lines[i])
		if inGo == "" || name == nil {
			continue
		}
		if !strings.Contains(inGo, fmt.Sprintf("%q, %q}", name[1], m[1])) {
			t.problem(i, "in Go, %s does not say %s", name[1], m[1])
		}
		winsock := "WSA" + strings.Replace(name[1], "EAGAIN", "EWOULDBLOCK", 1)
		if number != "" && !regexp.MustCompile(winsock+` .*= `+number+`\n`).MatchString(inGo) {
			t.problem(i, "in Go, %s is not %s", winsock, number)
		}
	}
	messages := slices.Clone(ofGo)
	for _, m := range goErrorRE.FindAllStringSubmatch(inGo, -1) {
		messages = append(messages, m[1])
	}
	for _, message := range messages {
		if !slices.Contains(known, message) && strings.Contains(seen, ": "+message) {
			t.problem(max(from, 0), "a script has seen %s, and the table has no row for it",
				message)
		}
	}
}
