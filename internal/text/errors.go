package text

import (
	"fmt"
	"go/build"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

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
			t.problem(max(from, 0), "a script has seen %s, and the table has no row for it", message)
		}
	}
}
