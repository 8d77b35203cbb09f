package play

import (
	"cmp"
	_ "embed"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// Yours are the reader's commands, by their role.
var Yours = map[string]*string{
	"server": flag.String("server", "", "play the scripts with this `command` as the server"),
	"client": flag.String("client", "", "play the scripts with this `command` as the client"),
	"relay":  new(string), "": new(string),
}

// An Exam is a chapter or an exercise, played with the reader's own programs.
type Exam struct {
	Title, Run string // "chapter 2", and what -run calls it
	scripts    []*sitting
}

// A sitting is a script, and how it went with a program of the reader's.
type sitting struct {
	name, file, log string
	how             Staging
	failed          bool
}

// Add adds those of the scripts that need one of the reader's programs, and
// show none that is wrong on purpose.
func (e *Exam) Add(how Staging, files ...string) *Exam {
	for _, file := range files {
		text, _ := os.ReadFile(file)
		for pkg := range how.Cast {
			if *Yours[Role(pkg)] != "" && strings.Contains(string(text), "go run "+pkg) && !strings.Contains(string(text), "go run ./testdata/broken") {
				e.scripts = append(e.scripts, &sitting{name: strings.TrimSuffix(filepath.Base(file), ".txtar"), file: file, how: how})
				break
			}
		}
	}
	return e
}

// Hold plays the scripts in the order in which the tutorial names them, and
// reports the first that fails. NN-start is the rehearsal: if it fails, the
// reader hears of nothing else. With -v all is told that each script says.
func (e *Exam) Hold(t *testing.T) {
	start, title, options, passed, also := time.Now(), "", "", 0, ""
	for _, role := range []string{"server", "client"} {
		if command := *Yours[role]; command != "" {
			title += "your " + role + ": " + command + "  "
			options += fmt.Sprintf(" -%s %q", role, command)
		}
	}
	report := func(r *sitting, what string) {
		fmt.Print(r.report(fmt.Sprintf("%-48s%s, %s %s", title, e.Title, what, r.name)), also)
		fmt.Printf("All of it: go test -v -run %s/%s%s\n", strings.TrimSuffix(e.Run, "/"+r.name), r.name, options)
		t.Fail()
	}
	tutorial, _ := os.ReadFile("tutorial.md")
	place := func(r *sitting) int { return strings.Index(string(tutorial), r.name) & (1<<30 - 1) } // that of none is high
	slices.SortStableFunc(e.scripts, func(a, b *sitting) int { return place(a) - place(b) })
	for _, r := range e.scripts {
		if strings.Contains(r.name, "-start") {
			if r.play(2 * time.Second); r.failed && tell("late", r.log) != "" {
				r.play(10 * time.Second) // perhaps it compiles something first, or the machine is busy
			}
			if r.failed {
				report(r, "rehearsal")
				return
			}
		}
	}
	for _, r := range e.scripts {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			r.play(4 * time.Second)
			t.Log(plain(r.log, 100_000))
		})
	}
	t.Cleanup(func() { // when all have been played
		first := slices.IndexFunc(e.scripts, func(r *sitting) bool {
			if r.failed {
				r.play(12 * time.Second) // alone, and with more patience
			}
			return r.failed
		})
		for i, r := range e.scripts {
			if r.failed && i > first {
				also += " " + r.name
			} else if !r.failed && tell("role", r.log) != "" {
				passed++
			}
		}
		if len(e.scripts) > 1 {
			also = fmt.Sprintf("also failing in 4 s:%s.  %d passed.  ", cmp.Or(also, " none"), passed)
		}
		if first >= 0 {
			report(e.scripts[first], fmt.Sprintf("script %d of %d:", first+1, len(e.scripts)))
		} else {
			fmt.Printf("%s%d scripts that need it passed, in %.1f s\n", title, passed, time.Since(start).Seconds())
		}
	})
}

// play plays a script, and waits so long for what has to come.
func (r *sitting) play(patience time.Duration) {
	how, t := r.how, rehearsal{verbose: true}
	how.patience = patience
	testscript.RunT(&t, params(how, r.file))
	r.failed, r.log = t.failed, environmentRE.ReplaceAllString(t.log.String(), "")
	played.graded.Add(1)
}

// testify adds to a script's log what is known at its end of a program of the
// reader's: the one that the last word names, or one that nobody waited for.
func (s *scene) testify() {
	var t *terminal
	for name, other := range s.terminals {
		better := t == nil || t.waited && !other.waited && t != s.terminals[s.last] || name == s.last
		if better && other.yours != "" && other.cmd != nil {
			t = other
		}
	}
	if t == nil {
		return
	}
	answers := func(conn net.Conn, err error) bool {
		if err != nil || conn == nil {
			return false
		}
		conn.SetDeadline(time.Now().Add(time.Second / 2))
		conn.Write([]byte("\n"))
		_, err = conn.Read(make([]byte, 1))
		return err == nil
	}
	network, addr := s.network(false, new(string), "127.0.0.1:8089")
	screen, ports := t.look(&s.ports), []string{}
	s.Logf("yours: the %s", t.yours)
	select {
	case <-t.ended.Done():
		screen = t.look(&s.ports)
		s.Logf("ended: %s", t.status())
	case <-time.After(time.Second / 5):
		if s.Logf("alive"); s.callers[s.last] != nil && answers(s.callers[s.last].conn, nil) {
			s.Logf("answers a newline")
		} else if answers(net.Dial(network, addr)) || answers(net.Dial("udp", addr)) {
			s.Logf("serves")
		}
		signal(t.cmd.Process, syscall.SIGKILL)
		if <-t.ended.Done(); t.cmd.ProcessState.UserTime()+t.cmd.ProcessState.SystemTime() > time.Second+s.patience/8 {
			s.Logf("spins")
		}
	}
	for real, shown := range s.ports.byReal {
		ports = append(ports, ":"+shown, ":"+real)
	}
	s.Logf("ports: %s\nscreen:\n%s", strings.Join(ports, " "), strings.NewReplacer(ports...).Replace(screen))
}

// What a screen shows that no script asks of the reader's program.
var unasked = regexp.MustCompile(`(?s)\^C.*?(?:\n?\$ [^\n]*|\z)|(?m:^)\$ [^\n]*`)

var (
	environmentRE = regexp.MustCompile(`(?s)WORK=.*?\n\n`)
	wordLineRE    = regexp.MustCompile(`(?m)^> .*`)
	conditionRE   = regexp.MustCompile(`(?m)^> (?:\[\S+\] )+(.*\n(?:[^>].*\n)*FAIL: )`) // before the word that fails
	commentRE     = regexp.MustCompile(`(?m)^# (?:also: .*)?| \(\d+\.\d+s\)$`)
	readable      = strings.NewReplacer("'", "", `\n`, "", "(?s)", "", "(?i)", "", `\.`, ".", ".*", "...", `\`, "")
)

// report tells what a script checked and how it failed, in at most 14 lines.
func (r *sitting) report(title string) string {
	log := wordLineRE.ReplaceAllStringFunc(conditionRE.ReplaceAllString(r.log, "> $1"), func(word string) string {
		if strings.HasPrefix(word, "> await ") {
			return readable.Replace(word)
		}
		return strings.ReplaceAll(word, "'", `"`)
	})
	before, _, _ := strings.Cut(log, "\nFAIL: ")
	last := log[max(0, strings.LastIndex(before, "\n> ")):] // the word that failed, and all that came then
	var did []string
	for _, word := range wordLineRE.FindAllString(strings.TrimSuffix(log, last), -1) {
		if said := tell("did", word); said != "" {
			did = append(did, said)
		}
	}
	ports := strings.NewReplacer(append(strings.Fields(tell("ports", log)), "\n", " ")...)
	text := title + "\n"
	for _, field := range [][2]string{
		{"checked", commentRE.ReplaceAllString(tell("checked", "\n"+before), "")},
		{"we did", strings.Join(did[max(0, len(did)-3):], "; ")},
		{"expected", strings.ReplaceAll(ports.Replace(tell("expected", last)), ":8080", ":PORT")},
		{"got", tell("got", log)},
		{"perhaps", cmp.Or(tell("program "+tell("role", log), r.name+"\n"+log), r.resembles(tell("role", log), last))},
	} {
		if field[1] != "" {
			text += fmt.Sprintf("  %-9s %s\n", field[0], plain(ports.Replace(strings.TrimSpace(field[1])), 200))
		}
	}
	if _, screen, ok := strings.Cut(log, "\nscreen:\n"); ok {
		text += "  its screen, the last lines\n"
		lines := strings.Split(strings.TrimSpace(screen), "\n")
		for _, line := range lines[max(0, len(lines)-13+strings.Count(text, "\n")):] {
			text += "    " + plain(line, 120) + "\n"
		}
	}
	return text
}

// plain makes text fit for any terminal: no control characters, and no more
// than so much.
func plain(text string, most int) string {
	text = regexp.MustCompile(`[^\n\PC]|\x{fffd}`).ReplaceAllStringFunc(text, func(c string) string { return strings.Trim(strconv.Quote(c), `"`) })
	if short := fmt.Sprintf("%.*s", most, text); short != text {
		return short + " ..."
	}
	return text
}

//go:embed report.data
var data string

// The rules of report.data: a kind, a pattern, and what is said of text that matches it.
var rules = regexp.MustCompile(`(?m)^(\w+)  (.*)\n  (.*)$`).FindAllStringSubmatch(data, -1)

// tell says of a text what the first rule of these kinds says that matches it.
func tell(kinds, text string) string {
	for _, rule := range rules {
		if !strings.Contains(kinds, rule[1]) {
			continue
		}
		re := regexp.MustCompile("(?m)" + rule[2])
		if m := re.FindStringSubmatchIndex(text); m != nil {
			return string(re.ExpandString(nil, rule[3], text, m))
		}
	}
	return ""
}

// A pattern of a //test:fails line that says too little to name a fault.
var tooLittle = regexp.MustCompile(`^\.$|differ|does not (print|end)|^status$|exit status \d`)

// resembles says what is wrong with a program that is wrong on purpose and that
// fails in the same way, and where the tutorial tells of it.
func (r *sitting) resembles(role, last string) string {
	tutorial, _ := os.ReadFile("tutorial.md")
	programs, _ := filepath.Glob("testdata/broken/*/main.go")
	for _, program := range programs {
		source, _ := os.ReadFile(program)
		says := regexp.MustCompile(`(?s)// Wrong on purpose: (.*?)\.?\n//\n`).FindSubmatch(source)
		folder := filepath.ToSlash(filepath.Dir(program))
		for _, m := range FailsLine.FindAllSubmatch(source, -1) {
			if says != nil && string(m[2]) == r.name && !tooLittle.Match(m[3]) && Role("./"+folder) == role && regexp.MustCompile(string(m[3])).MatchString(last) {
				fault := strings.ReplaceAll(string(says[1]), "\n// ", " ")
				if above, _, shown := strings.Cut(string(tutorial), folder); shown {
					headings := regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(above, -1)
					fault += fmt.Sprintf(". See %q", headings[len(headings)-1][1])
				}
				return fault
			}
		}
	}
	return ""
}
