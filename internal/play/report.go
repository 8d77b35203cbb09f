package play

import (
	"cmp"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// report tells what a script checked and how it failed, in at most 14 lines.
func (r *sitting) report(title, run string) string {
	text := fmt.Sprintf("%-48s%s\n", yourPrograms(), title)
	for _, field := range r.fields() {
		if said := strings.ReplaceAll(strings.TrimSpace(field[1]), "\n", " "); said != "" {
			text += fmt.Sprintf("  %-9s %s\n", field[0], plain(said, 200))
		}
	}
	if r.scene.fate.screen != "" {
		text += "  its screen, the last lines\n"
		lines := strings.Split(strings.TrimSpace(r.scene.fate.raw), "\n")
		for _, line := range lines[max(0, len(lines)-12+strings.Count(text, "\n")):] {
			text += "    " + plain(line, 120) + "\n"
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
	want, got, real := s.now.want, s.now.got, strings.NewReplacer(s.fate.ports...)
	return [][2]string{
		{"checked", r.rule() + s.checked()},
		{"we did", real.Replace(strings.Join(did[max(0, len(did)-3):], "; "))},
		{"expected", strings.ReplaceAll(real.Replace(want), ":8080", ":PORT")},
		{"got", real.Replace(got)},
		{"perhaps", cmp.Or(r.resembles(), s.now.perhaps, s.knows())},
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

var (
	controlRE = regexp.MustCompile(`[^\n\PC]|\x{fffd}`)
)

// plain makes text fit for any terminal: no control characters, and no more
// than so much.
func plain(text string, most int) string {
	text = controlRE.ReplaceAllStringFunc(text, func(c string) string {
		return strings.Trim(strconv.Quote(c), `"`)
	})
	if short := fmt.Sprintf("%.*s", most, text); short != text {
		return short + " ..."
	}
	return text
}

var (
	givenPort  = regexp.MustCompile(`listening on \S+:0\n`)
	everywhere = regexp.MustCompile(`listening on (0\.0\.0\.0|\[?::\]?|\*):`)
	tooMany    = regexp.MustCompile(`(?i)too many open files`)
)

// knows says what is perhaps wrong with the reader's program, where it shows
// without any script.
func (s *scene) knows() string {
	f, word := s.fate, s.now.word
	starts, first := strings.Contains(s.Name(), "-start"), strings.HasPrefix(s.Name(), "01-")
	ends := word == "exit" || word == "eof"
	switch {
	case f.status == "signal: broken pipe":
		return "SIGPIPE ended it: ignore this signal, and look at what the write returns"
	case starts && f.status == "exit status 2":
		return "it does not take the flag -addr"
	case starts && strings.Contains(f.raw, ":8080\n"):
		return "it does not use the address of -addr"
	case givenPort.MatchString(f.raw):
		return "it has to print the port that it got, not the one it was given (getsockname)"
	case everywhere.MatchString(f.screen), word == "listen":
		return "it listens at every address of the machine, and has to bind the one of -addr"
	case tooMany.MatchString(f.screen):
		return "it does not close its connections"
	case word == "await" && f.late():
		return "what it prints stays in a buffer: flush standard output after each line"
	case f.answers && s.now.got == received("", os.ErrDeadlineExceeded):
		return "it waits for a newline, and has to answer what one read brings. " +
			`See "A stream has no messages"`
	case f.spins:
		return "it uses a whole processor and waits for nothing: a read of 0 bytes is the end. " +
			`See "What the kernel sees"`
	case f.status == "exit status 0" && f.role == "server" && !first && !ends:
		return "it ended after one connection, and has to accept the next"
	}
	return ""
}

// A pattern of a //test:fails line that says too little to name a fault.
var tooLittle = regexp.MustCompile(`^\.$|differ|does not (print|end)|^status$|exit status \d`)

var wrongRE = regexp.MustCompile(`(?s)// Wrong on purpose: (.*?)\.?\n//\n`)

// resembles finds a program that is wrong on purpose and fails in the same way,
// and says what is wrong with it, and where the tutorial tells of it. The
// programs that are known to fail the script in some way are played.
func (r *sitting) resembles() string {
	files, _ := filepath.Glob("testdata/broken/*/main.go")
	for _, file := range files {
		folder := filepath.ToSlash(filepath.Dir(file))
		source, _ := os.ReadFile(file)
		says := wrongRE.FindSubmatch(source)
		if says == nil || Role("./"+folder) != r.scene.fate.role {
			continue
		}
		for _, m := range FailsLine.FindAllSubmatch(source, -1) {
			if string(m[2]) == r.name && (r.matches(string(m[3])) || r.failsAs(folder, source)) {
				return strings.ReplaceAll(string(says[1]), "\n// ", " ") + headingOf(folder)
			}
		}
	}
	return ""
}

// matches reports whether a pattern that says enough matches what the script
// said in the end.
func (r *sitting) matches(pattern string) bool {
	re, err := regexp.Compile(pattern)
	return err == nil && !tooLittle.MatchString(pattern) && re.MatchString(r.said)
}

// failsAs reports whether a wrong program fails the script in the same line, with
// the same that came.
func (r *sitting) failsAs(folder string, source []byte) bool {
	right := ReplacesLine.FindSubmatch(source)
	if right == nil || path.Base(folder)[:2] != r.name[:2] {
		return false
	}
	cast := Cast{"./" + string(right[1]): "go run ./" + folder}
	wrong := &sitting{name: r.name, file: r.file, how: Staging{Cast: cast}}
	wrong.play(2 * time.Second)
	a, b := wrong.scene, r.scene
	return wrong.failed && a.line == b.line && a.now.got == b.now.got
}

// headingOf says where the tutorial tells of a program.
func headingOf(folder string) string {
	tutorial, _ := os.ReadFile("tutorial.md")
	above, _, shown := strings.Cut(string(tutorial), folder)
	headings := headingRE.FindAllStringSubmatch(above, -1)
	if !shown || headings == nil {
		return ""
	}
	return fmt.Sprintf(". See %q", headings[len(headings)-1][1])
}

var headingRE = regexp.MustCompile(`(?m)^#+ (.*)$`)
