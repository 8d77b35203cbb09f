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
func (e *Exam) report(r *sitting, title string) string {
	text := fmt.Sprintf("%-48s%s, %s\n", yourPrograms(), e.Title, title)
	for _, field := range r.fields() {
		if said := strings.TrimSpace(field[1]); said != "" {
			text += fmt.Sprintf("  %-9s %s\n", field[0], plain(strings.ReplaceAll(said, "\n", " "), 200))
		}
	}
	if r.scene != nil && r.scene.fate.screen != "" {
		text += "  its screen, the last lines\n"
		lines := strings.Split(strings.TrimSpace(r.scene.fate.raw), "\n")
		for _, line := range lines[max(0, len(lines)-12+strings.Count(text, "\n")):] {
			text += "    " + plain(line, 120) + "\n"
		}
	}
	text += fmt.Sprintf("All of it: go test -v -run %s/%s", strings.TrimSuffix(e.Run, "/"+r.name), r.name)
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
	if s == nil {
		return [][2]string{{"got", r.log}}
	}
	var did []string
	for _, act := range s.done {
		if act.did != "" {
			did = append(did, act.did)
		}
	}
	want, got, real := s.now.want, s.now.got, strings.NewReplacer(s.fate.ports...)
	return [][2]string{
		{"checked", s.checked()},
		{"we did", real.Replace(strings.Join(did[max(0, len(did)-3):], "; "))},
		{"expected", strings.ReplaceAll(real.Replace(want), ":8080", ":PORT")},
		{"got", real.Replace(got)},
		{"perhaps", cmp.Or(r.resembles(), s.now.perhaps, s.knows())},
	}
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

// again finds what one of testscript's own words wanted and got in the line
// that the scene has come to.
func (s *scene) again() (want, got string) {
	words := wordRE.FindAllString(s.lines[s.line-1], -1)
	for i, word := range words {
		words[i] = strings.Trim(word, "'")
	}
	for len(words) > 0 && strings.HasPrefix(words[0], "[") {
		words = words[1:]
	}
	no := ""
	if len(words) > 0 && words[0] == "!" {
		no, words = "no ", words[1:]
	}
	if len(words) < 2 {
		return "", ""
	}
	in, text := words[0], ""
	switch words[0] {
	case "stdout":
		text = s.stdout
	case "stderr":
		text = s.stderr
	case "grep":
		in = words[len(words)-1]
		data, _ := os.ReadFile(s.MkAbs(in))
		text = string(data)
	case "cmp":
		return s.differ(words[1], words[2])
	case "exists":
		if no != "" {
			return "there is no " + words[1], "it is there"
		}
		return "there is " + words[1], "it isn't there"
	default:
		return no + strings.Join(words, " "), ""
	}
	pattern := words[len(words)-1]
	if words[0] == "grep" {
		pattern = words[len(words)-2]
	}
	re, err := regexp.Compile("(?m)" + pattern)
	if err == nil && no != "" {
		text = strings.Join(re.FindAllString(text, 1), "")
	}
	return no + readable.Replace(pattern) + " in " + in, cmp.Or(strings.TrimSpace(text), "nothing")
}

// differ returns the first lines in which two files differ.
func (s *scene) differ(got, want string) (wants, gets string) {
	line := func(lines []string, i int) string {
		if i < len(lines) && (i < len(lines)-1 || lines[i] != "") {
			return "on its screen: " + lines[i]
		}
		return "on its screen: no more"
	}
	a, _ := os.ReadFile(s.MkAbs(got))
	b, _ := os.ReadFile(s.MkAbs(want))
	gotten, wanted := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	for i := range max(len(gotten), len(wanted)) {
		if wants, gets = line(wanted, i), line(gotten, i); wants != gets {
			return wants, gets
		}
	}
	return want, got
}

var (
	environmentRE = regexp.MustCompile(`(?s)WORK=.*?\n\n`)
	numberRE      = regexp.MustCompile(`\[line:\d+\] `)
	controlRE     = regexp.MustCompile(`[^\n\PC]|\x{fffd}`)
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
	crashed    = regexp.MustCompile(`(?m)^Traceback |\bpanic: |^goroutine \d`)
)

// knows says what is perhaps wrong with the reader's program, where it shows
// without any script.
func (s *scene) knows() string {
	f, word := s.fate, s.now.word
	runs, starts := f.status == "", strings.Contains(s.Name(), "-start")
	awaited := word == "await" && s.now.name == f.role
	ends := word == "exit" || word == "eof"
	for _, hint := range []struct {
		so   bool
		says string
	}{
		{f.status == "signal: broken pipe",
			"SIGPIPE ended it: ignore this signal, and look at what the write returns"},
		{starts && f.status == "exit status 2", "it does not take the flag -addr"},
		{givenPort.MatchString(f.raw), "it prints the address that it was given, and has to " +
			`print the one that it got (getsockname). See "The server"`},
		{everywhere.MatchString(f.screen) || word == "listen", "it listens at every address of " +
			`the machine, and has to bind the one of -addr. See "The server"`},
		{starts && strings.Contains(f.raw, ":8080\n"), "it does not use the address of -addr"},
		{crashed.MatchString(f.screen), "it ends in a stack trace, and has to print one line that " +
			"names the address and the cause"},
		{strings.Contains(strings.ToLower(f.screen), "too many open files"),
			`it does not close its connections. See "The server"`},
		{f.answers && s.now.got == received("", os.ErrDeadlineExceeded), "it waits for a newline, and has to answer what one read brings. " +
			`See "A stream has no messages"`},
		{awaited && runs && f.role == "server" && f.serves && f.late(),
			"what it prints stays in a buffer: flush standard output after each line"},
		{awaited && runs && f.role == "client" && f.late(), "what it prints stays in a buffer: " +
			"flush standard output after each prompt and line"},
		{word == "await" && !runs && len(s.done) < 2,
			"it ended before it said where it listens: what it printed says why"},
		{word == "dial" && starts && runs, "nobody listens there yet: it prints before it listens, " +
			`or listens elsewhere. See "The server"`},
		{f.spins, "it uses a whole processor and waits for nothing: a read of 0 bytes is the end. " +
			`See "What the kernel sees"`},
		{f.status == "exit status 0" && f.role == "server" && !ends && !strings.HasPrefix(s.Name(), "01"),
			`it ended after one connection, and has to accept the next. See "The server"`},
	} {
		if hint.so {
			return hint.says
		}
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
	return wrong.failed && wrong.scene.line == r.scene.line && wrong.scene.now.got == r.scene.now.got
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
