package play

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// report tells what a script checked and how it failed, in at most 14 lines.
func (r *sitting) report(title, run string) string {
	text := fmt.Sprintf("%-48s%s\n", yourPrograms(), title)
	for _, field := range r.fields() {
		said := strings.Split(strings.TrimSpace(field[1]), "\n")
		name := field[0]
		for _, line := range said[:min(len(said), 4)] {
			if line != "" {
				text += fmt.Sprintf("  %-9s %s\n", name, plain(line, 200))
			}
			name = ""
		}
	}
	screen := strings.TrimSpace(ofStrace.ReplaceAllString(r.scene.fate.screen, ""))
	if screen != "" {
		text += "  its screen, the last lines\n"
		lines := strings.Split(screen, "\n")
		for _, line := range lines[max(0, len(lines)-12+strings.Count(text, "\n")):] {
			if !strings.HasPrefix(line, "$ ") {
				line = around(line, "")
			}
			text += "    " + plain(line, 200) + "\n"
		}
	}
	text += "All of it: go test -v -run " + strings.TrimSuffix(run, "/"+r.name) + "/" + r.name
	for _, role := range []string{"server", "client"} {
		if command := Yours(role); command != "" {
			text += fmt.Sprintf(" -%s %q", role, command)
		}
	}
	return text + "\n"
}

// fields are those of the report: what they are called, and what they say.
func (r *sitting) fields() [][2]string {
	s := r.scene
	var did []string
	for _, act := range s.done {
		if act.did != "" {
			did = append(did, act.did)
		}
	}
	want := s.ports.undo(s.now.want)
	perhaps := cmp.Or(s.now.perhaps, s.knows())
	if perhaps == "" {
		perhaps = r.resembles()
	}
	return [][2]string{
		{"checked", r.rule() + s.checked()},
		{"we did", s.ports.undo(strings.Join(did[max(0, len(did)-3):], "; "))},
		{"expected", anyPort.ReplaceAllString(want, ":PORT")},
		{"got", s.ports.undo(s.now.got)},
		{"perhaps", perhaps},
	}
}

// yourPrograms names the reader's commands.
func yourPrograms() (said string) {
	for _, role := range []string{"server", "client"} {
		if command := Yours(role); command != "" {
			said += "your " + role + ": " + command + "  "
		}
	}
	return said
}

// checked is the comment above the line that the scene has come to.
func (s *scene) checked() string {
	above := s.lines[:max(0, s.line-1)]
	isComment := func(line string) bool { return strings.HasPrefix(line, "#") }
	for len(above) > 0 && !isComment(above[len(above)-1]) {
		above = above[:len(above)-1]
	}
	first := len(above)
	for first > 0 && isComment(above[first-1]) {
		first--
	}
	var said []string
	for _, line := range above[first:] {
		if !strings.HasPrefix(line, "# also: ") {
			said = append(said, strings.TrimPrefix(line, "# "))
		}
	}
	return strings.Join(said, " ")
}

// What a terminal obeys, or does not show as what it is.
var unseenRE = regexp.MustCompile(`[^\n\PC]|[^ \PZ]|\x{fffd}`)

// plain makes text fit for any terminal, and short enough. What cannot be seen
// is told in a way in which no program prints it.
func plain(text string, most int) string {
	text = unseenRE.ReplaceAllStringFunc(text, func(c string) string {
		if r, size := utf8.DecodeRuneInString(c); r != utf8.RuneError || size > 1 {
			return fmt.Sprintf("<%U>", r)
		}
		return fmt.Sprintf("<byte %x>", c)
	})
	if short := fmt.Sprintf("%.*s", most, text); short != text {
		return short + " ..."
	}
	return text
}

var (
	givenPort   = regexp.MustCompile(`listening on \S+:0\n`)
	everywhere  = regexp.MustCompile(`listening on (0\.0\.0\.0|\[?::\]?|\*):`)
	tooMany     = regexp.MustCompile(`(?i)too many open files`)
	inUse       = regexp.MustCompile(`(?i)listening on|in use|EADDRINUSE`)
	refused     = regexp.MustCompile(`(?i)refused|ECONNREFUSED`)
	interrupted = regexp.MustCompile(`(?i)interrupted (system|func)|EINTR`)
	resetRE     = regexp.MustCompile(`(?i)(connection|forcibly).*(reset|closed) by|ECONNRESET`)
	anyPort     = regexp.MustCompile(`:(8080|5000\d)\b`)
	unknown     = regexp.MustCompile(
		`(?i)(?:unrecogni|unknown|not defined|illegal).*?(addr|timeout)`)
	ofStrace = regexp.MustCompile(`(?m)^(\[pid +\d+\] |strace: Process \d+ |---|\+\+\+).*\n?`)
	ofShell  = regexp.MustCompile(`(?m)^\$ .*`)
)

// knows says what is perhaps wrong with the reader's program, where it shows
// without any script.
func (s *scene) knows() string {
	f, word := s.fate, s.now.word
	starts, first := strings.Contains(s.Name(), "-start"), strings.HasPrefix(s.Name(), "01-")
	ended := func(act act) bool { return act.word == "close" || act.word == "shutdown" }
	acted := slices.ContainsFunc(s.done, func(act act) bool { return act.did != "" })
	said := ofShell.ReplaceAllString(f.screen, "")
	switch {
	case f.status == "signal: broken pipe":
		return "SIGPIPE ended it: ignore this signal, and look at what the write returns"
	case starts && f.status == "exit status 2" && unknown.MatchString(said):
		return "it does not take the flag -" + unknown.FindStringSubmatch(said)[1]
	case starts && f.role == "client" && inUse.MatchString(said):
		return "it is a server: give it to -server"
	case starts && f.role == "server" && refused.MatchString(said):
		return "it is a client: give it to -client"
	case starts && strings.Contains(said, ":8080\n"),
		starts && word == "recv" && refused.MatchString(said):
		return "it does not use the address of -addr"
	case givenPort.MatchString(said):
		return "it has to print the port that it got, not the one it was given (getsockname)"
	case starts && (everywhere.MatchString(said) || word == "listen"):
		return "it listens at every address of the machine, and has to bind the one of -addr"
	case tooMany.MatchString(said):
		return "it has run out of descriptors: it has to close what has ended, and to go on"
	case f.status != "" && interrupted.MatchString(lastLine(said)):
		return "a signal interrupts a call that waits, and ends it: make the call again. " +
			`See 5.5, "Wait for all of them"`
	case f.status != "" && f.role == "server" && !first && resetRE.MatchString(lastLine(said)):
		return "one client resets its connection, and it ends. " +
			`See 2.7, "One client ends it for all"`
	case f.answers && s.now.got == received("", os.ErrDeadlineExceeded):
		return "it waits for a newline, and has to answer what one read brings. " +
			`See 2.7, "A stream has no messages"`
	case f.floods:
		return "it prints without end"
	case (f.spins || word == "until") && slices.ContainsFunc(s.done, ended):
		return "it uses a whole processor and waits for nothing: a read of 0 bytes is the end. " +
			`See 1.5, "What the kernel sees"`
	case f.spins || word == "until":
		return "it uses a whole processor and waits for nothing"
	case f.holds:
		return "it has ended, but what it has started has not, and can still print"
	case word == "await" && s.starts() && !acted && strings.TrimSpace(said) == "":
		return "it has printed nothing. If it should have, flush standard output after each line"
	case f.status == "exit status 0" && f.role == "server" && !first &&
		slices.ContainsFunc(s.done, ended):
		return "it ended after a connection, and has to accept the next"
	}
	return ""
}

var wrongRE = regexp.MustCompile(`(?s)// Wrong on purpose: (.*?)\.?\n//\n`)

// resembles finds a program that is wrong on purpose and fails in the same way,
// and says what is wrong with it, and where the tutorial tells of it. The
// programs that are known to fail the script are played, side by side.
func (r *sitting) resembles() string {
	files, _ := filepath.Glob("testdata/broken/*/main.go")
	hints := make([]string, len(files))
	var all sync.WaitGroup
	for i, file := range files {
		folder := filepath.ToSlash(filepath.Dir(file))
		source, _ := os.ReadFile(file)
		says, right := wrongRE.FindSubmatch(source), ReplacesLine.FindSubmatch(source)
		fails := slices.ContainsFunc(FailsLine.FindAllSubmatch(source, -1),
			func(m [][]byte) bool { return string(m[2]) == r.name })
		if says == nil || !fails || Role("./"+folder) != r.scene.fate.role {
			continue
		}
		all.Go(func() {
			cast := Cast{"./" + string(right[1]): "go run ./" + folder}
			for pkg := range r.how.Cast {
				if strings.HasPrefix(pkg, "./testdata/exercises/") {
					cast[pkg] = "go run ./" + folder
				}
			}
			wrong := &sitting{name: r.name, file: r.file, how: Staging{Cast: cast}}
			wrong.how.tried = "./" + folder
			wrong.play(time.Duration(float64(2*time.Second) * busy()))
			if wrong.failed && wrong.looks() == r.looks() {
				hints[i] = strings.ReplaceAll(string(says[1]), "\n// ", " ") + headingOf(folder)
			}
		})
	}
	all.Wait()
	return cmp.Or(hints...)
}

// looks is all by which two failures of a script look alike. When a program has
// ended is luck, and so is how that looks from a connection's other end.
func (r *sitting) looks() fate {
	s := r.scene
	looks, line := s.fate, s.line
	got, _ := s.ports.show(s.now.got, "")
	if looks.status != "" {
		got = broken.ReplaceAllString(got, "it breaks")
	}
	if s.now.word == "signal" {
		line = 0 // any of several
	}
	looks.role = ofCrowd.ReplaceAllString(fmt.Sprint(line, s.now.word, s.now.want), "")
	looks.screen = got + strings.ToLower(causes.FindString(lastLine(s.fate.screen)))
	return looks
}

var (
	broken = regexp.MustCompile(`then the end|(then read|dial) \S+ .*|write .*broken pipe.*`)
	causes = regexp.MustCompile(`(?i)in use|reset|broken pipe|refused|too many|no such|denied|` +
		`interrupted|timed? ?out|unavailable|too long|cannot assign|unreachable`)
	ofCrowd = regexp.MustCompile(`(?i)peer \d+`)
)

// headingOf says where the tutorial tells of a program: where it repairs it, or
// where it speaks of it first.
func headingOf(folder string) string {
	tutorial, _ := os.ReadFile("tutorial.md")
	above, _, shown := strings.Cut(string(tutorial), "\n```diff "+folder+"/")
	if !shown {
		above, _, shown = strings.Cut(string(tutorial), folder)
	}
	number, title := "", ""
	for _, m := range headingRE.FindAllStringSubmatch(above, -1) {
		number, title = cmp.Or(m[1], number), m[2]
	}
	if !shown || number == "" {
		return ""
	}
	return fmt.Sprintf(". See %s, %q", number, title)
}

var headingRE = regexp.MustCompile(`(?m)^##+ (?:(\d(?:\.\d+)?)\.? )?(.*)$`)
