package play

import (
	"bytes"
	_ "embed"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// testify adds to a script's log what is known at its end of a program of the
// reader's: the one that the last word names, or one that nobody waited for.
func (s *scene) testify() {
	var t *terminal
	for name, other := range s.terminals {
		if other.yours != "" && (t == nil || t.waited && !other.waited || name == s.last) {
			if t = other; name == s.last {
				break
			}
		}
	}
	if t == nil {
		return
	}
	answers := func(conn net.Conn, err error) bool {
		if err == nil && conn != nil {
			conn.SetDeadline(time.Now().Add(time.Second / 2))
			conn.Write([]byte("\n"))
			_, err = conn.Read(make([]byte, 1))
		}
		return err == nil && conn != nil
	}
	network, addr := s.network(false, new(string), "127.0.0.1:8089")
	screen, ports := t.look(&s.ports), []string{}
	s.Logf("yours: the %s", t.yours)
	select {
	case <-t.ended:
		s.Logf("ended: %s", statusOf(t.cmd, true, t.sent))
	case <-time.After(time.Second / 5):
		if s.Logf("alive"); s.callers[s.last] != nil && answers(s.callers[s.last].conn, nil) {
			s.Logf("answers a newline")
		} else if answers(net.Dial(network, addr)) || answers(net.Dial("udp", addr)) {
			s.Logf("serves")
		}
		signal(t.cmd, kill)
		if <-t.ended; t.cmd.ProcessState.UserTime()+t.cmd.ProcessState.SystemTime() > time.Second+s.patience/8 {
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
	playedRE    = regexp.MustCompile(`(?m)^> .*`)
	conditionRE = regexp.MustCompile(`(?m)^> (?:\[\S+\] )+(.*\n(?:[^>].*\n)*FAIL: )`) // before the word that fails
	commentsRE  = regexp.MustCompile(`(?m)(?:^# .*\n)+`)
	commentRE   = regexp.MustCompile(`(?m)^# (?:also: .*)?| \(\d+\.\d+s\)$`)
	plainRE     = regexp.MustCompile(`[^\n\PC]|\x{fffd}`)
	readable    = strings.NewReplacer("'", "", `\n`, "", "(?s)", "", "(?i)", "", `\.`, ".", ".*", "...", `\`, "")
)

// report tells what a script checked and how it failed, in at most 14 lines.
func (r *sitting) report(title string) string {
	_, log, _ := strings.Cut(r.log, "\n\n") // without the environment
	log = playedRE.ReplaceAllStringFunc(conditionRE.ReplaceAllString(log, "> $1"), func(word string) string {
		if strings.HasPrefix(word, "> await ") {
			return readable.Replace(word)
		}
		return strings.ReplaceAll(word, "'", `"`)
	})
	before, _, _ := strings.Cut(log, "\nFAIL: ")
	last := log[max(0, strings.LastIndex(before, "\n> ")):] // the word that failed, and all that came then
	_, screen, _ := strings.Cut(log, "\nscreen:\n")
	var did []string
	for _, word := range playedRE.FindAllString(before, -1) {
		did = append(did, tell("did", word))
	}
	did = slices.DeleteFunc(did[:max(0, len(did)-1)], func(said string) bool { return said == "" })
	comments := append(commentsRE.FindAllString(before, -1), "")
	ports := strings.NewReplacer(append(strings.Fields(tell("ports", log)), "\n", " ")...)
	b := title + "\n"
	for _, field := range [][2]string{
		{"checked", commentRE.ReplaceAllString(comments[max(0, len(comments)-2)], "")},
		{"we did", strings.Join(did[max(0, len(did)-3):], "; ")},
		{"expected", strings.ReplaceAll(ports.Replace(tell("expected", last)), ":8080", ":PORT")}, {"got", tell("got", log)}, {"perhaps", r.hint(log, last)},
	} {
		if field[1] != "" {
			b += fmt.Sprintf("  %-9s %s\n", field[0], plain(ports.Replace(strings.TrimSpace(field[1])), 200))
		}
	}
	if lines := strings.Split(strings.TrimSpace(screen), "\n"); screen != "" {
		b += "  its screen, the last lines\n"
		for _, line := range lines[max(0, len(lines)-12+strings.Count(b, "\n")):] {
			b += "    " + plain(line, 120) + "\n"
		}
	}
	return b
}

// plain makes text fit for any terminal: no control characters, and no more
// than so much.
func plain(text string, most int) string {
	text = plainRE.ReplaceAllStringFunc(text, func(c string) string { return strings.Trim(strconv.Quote(c), `"`) })
	if short := fmt.Sprintf("%.*s", most, text); short != text {
		return short + " ..."
	}
	return text
}

//go:embed report.data
var data string

// The rules of report.data: a kind, a pattern, and what is said of text that matches it.
var rules = regexp.MustCompile(`(?m)^(\w+)  (.*)\n  (.*)$`).FindAllStringSubmatch(data, -1)

// tell says of a text what the first rule says of the kinds that matches it.
func tell(kinds, text string) string {
	for _, rule := range rules {
		if strings.Contains(kinds, rule[1]) {
			re := regexp.MustCompile("(?m)" + rule[2])
			if m := re.FindStringSubmatchIndex(text); m != nil {
				return string(re.ExpandString(nil, rule[3], text, m))
			}
		}
	}
	return ""
}

var (
	docComment = regexp.MustCompile(`(?s)// Wrong on purpose: (.*?)\.?\n//\n`)
	tooLittle  = regexp.MustCompile(`^\.$|differ|does not (print|end)|^status$|exit status \d`) // to name a fault
	headingRE  = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// hint says what is perhaps wrong, by a rule, or by a program that is wrong on
// purpose and fails in the same way, and where the tutorial tells of it.
func (r *sitting) hint(log, last string) string {
	text, _ := os.ReadFile("tutorial.md")
	chapter := max(0, bytes.Index(text, []byte("\n## "+strings.Trim(r.name[:2], "0")+".")))
	text = append(text[chapter:], text[:chapter]...) // its own chapter first
	where := func(pattern string) string {
		at := regexp.MustCompile("(?m)" + pattern).FindIndex(text)
		if at == nil {
			return ""
		}
		above := headingRE.FindAllSubmatch(text[:at[1]], -1)
		return ": " + string(above[len(above)-1][1])
	}
	role := tell("role", log)
	if says, place, _ := strings.Cut(tell("program "+role, r.name+"\n"+log), " -> "); place != "" {
		return says + where("^#+ .*"+place+"$")
	} else if says != "" {
		return says
	}
	programs, _ := filepath.Glob("testdata/broken/*/main.go")
	for _, program := range programs {
		source, _ := os.ReadFile(program)
		says, folder := docComment.FindSubmatch(source), filepath.ToSlash(filepath.Dir(program))
		for _, m := range FailsLine.FindAllSubmatch(source, -1) {
			if says != nil && string(m[2]) == r.name && !tooLittle.Match(m[3]) && Role("./"+folder) == role && regexp.MustCompile(string(m[3])).MatchString(last) {
				return strings.ReplaceAll(string(says[1]), "\n// ", " ") + where(regexp.QuoteMeta(folder))
			}
		}
	}
	return ""
}
