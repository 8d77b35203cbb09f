package play

import (
	"cmp"
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
	"unicode"
)

// A result is how a script went that a program of the reader's played.
type result struct {
	file, text, role string
	how              Staging
	failed, ran      bool // ran: the program
	hasty            bool // with little patience
	log              string
	words            [][]string // that were played; the last one failed if inWord
	inWord           bool
	screen           []string // of the program, with what was really typed
	known            string   // about it, a line each: "ended: exit status 1", "alive", "serves"
	ports            []string // shown and real
	expected, got    string
}

func (r *result) name() string { return strings.TrimSuffix(filepath.Base(r.file), ".txtar") }

// note takes down what there is at the end of a scene.
func (r *result) note(s *scene) {
	r.words, r.inWord, r.ran = s.words, s.failed, s.ranYours
	last := append(s.words, []string{"", ""})[max(0, len(s.words)-1)]
	var t *terminal
	for name, other := range s.terminals {
		if other.yours != "" && (t == nil || t.waited && !other.waited || name == last[1]) {
			t = other
		}
	}
	if t == nil {
		return
	}
	r.role = t.yours
	seen := len(t.look(&s.ports))
	defer func() {
		if last[0] == "await" && len(t.look(&s.ports)) > seen {
			r.known += "late\n"
		}
		for real, shown := range s.ports.byReal {
			r.ports = append(r.ports, ":"+shown, ":"+real)
		}
		r.screen = strings.Split(strings.TrimSuffix(strings.NewReplacer(r.ports...).Replace(t.look(&s.ports)), "\n"), "\n")
		for i, line := range r.screen {
			if strings.HasPrefix(line, "$ ") && len(t.typed) > 0 {
				r.screen[i], t.typed = "$ "+t.typed[0], t.typed[1:]
			}
		}
	}()
	used, _ := usage(t)
	select {
	case <-t.ended:
		r.known = "ended: " + statusOf(t.cmd, true, t.sent) + "\n"
		return
	case <-time.After(200 * time.Millisecond):
	}
	after, full := usage(t)
	if r.known = "alive\n" + full; after-used > 5 {
		r.known += "spins\n"
	}
	answers := func(conn net.Conn, err error) bool {
		if err == nil {
			conn.SetDeadline(time.Now().Add(time.Second / 2))
			conn.Write([]byte("\n"))
			_, err = conn.Read(make([]byte, 1))
		}
		return err == nil
	}
	if c := s.callers[last[1]]; s.failed && c != nil && c.conn != nil && c.conn.LocalAddr().Network() != "udp" && answers(c.conn, nil) {
		r.known += "answers a newline\n"
	}
	for _, addr := range []string{"127.0.0.1:8080", "127.0.0.1:8089"} {
		network, real := s.network(false, new(string), addr)
		if _, err := net.DialTimeout(network, real, time.Second); err == nil || network == "tcp" && answers(net.Dial("udp", real)) {
			r.known += "serves\n"
		}
	}
}

// usage is how many hundredths of a second of processor time a program has
// used, and whether it has all the descriptors that it may have, where the
// system tells.
func usage(t *terminal) (ticks int, full string) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, stat := range stats {
		text, _ := os.ReadFile(stat)
		if fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:])); len(fields) > 12 && fields[2] == strconv.Itoa(t.cmd.Process.Pid) && !t.hasEnded() {
			user, _ := strconv.Atoi(fields[11])
			system, _ := strconv.Atoi(fields[12])
			ticks += user + system
			open, _ := os.ReadDir(filepath.Dir(stat) + "/fd")
			limits, _ := os.ReadFile(filepath.Dir(stat) + "/limits")
			limit := 1 << 30
			if _, rest, ok := strings.Cut(string(limits), "Max open files"); ok {
				fmt.Sscan(rest, &limit)
			}
			if len(open) >= limit-1 {
				full = "descriptors used up\n"
			}
		}
	}
	return ticks, full
}

//go:embed told.data
var told string

func tell(line []string, which int) string {
	words := append(slices.Clone(line), "", "", "")
	phrase := regexp.MustCompile(`(?m)^` + words[0] + ` \| (.*)\| (.*)$`).FindStringSubmatch(told)
	if phrase == nil {
		return ""
	}
	quoted := words[2]
	if text, err := strconv.Unquote(`"` + strings.ReplaceAll(words[2], `"`, `\"`) + `"`); err == nil {
		if quoted = strconv.Quote(text); words[0] == "send" && !strings.HasSuffix(text, "\n") && len(text) < 40 {
			quoted += ", without a newline"
		}
	}
	if n, err := strconv.Atoi(words[3]); err == nil && (words[0] == "send" || words[0] == "recv") {
		quoted += fmt.Sprintf(", %d times", n)
	}
	quoted = cmp.Or(map[string]string{"-eof": "the end", "-reset": "a reset"}[words[2]], quoted)
	how := map[bool]string{true: " (" + strings.Trim(words[len(line)-1], "-") + ")"}[strings.HasPrefix(words[len(line)-1], "-")]
	status := words[2]
	if words[0] == "interrupt" && status == "" || strings.HasPrefix(status, "-") {
		status = ""
	} else {
		status = ", with status " + cmp.Or(status, "0")
	}
	pattern := strings.NewReplacer(`\n`, "", `(?s)`, "", `(?i)`, "", `\.`, ".", ".*", "...", `\`, "").Replace(words[2])
	return strings.NewReplacer("{1}", words[1], "{2}", words[2], "{text}", quoted, "{pattern}", pattern, "{status}", status, "{stop}", cmp.Or(map[string]string{"-KILL": "killed", "-TERM": "sent SIGTERM to"}[words[2]], "pressed Ctrl-C in"), "{how}", how).Replace(strings.TrimSpace(phrase[which+1]))
}

var (
	failRE      = regexp.MustCompile(`(?m)^FAIL: \S+?:(\d+): (.*)`)
	receivesRE  = regexp.MustCompile(`receives (".*?") \(\d+ bytes, (.*)\), want (".*")|receives (".*"), then (.*)`)
	matchRE     = regexp.MustCompile("^(no|unexpected) match for `(.*)` found in (\\w+):? ?(.*)")
	differRE    = regexp.MustCompile(`(?m)^-($|[^-].*)`)
	statusRE    = regexp.MustCompile(`^(.*?)(?: without .*|, want .*|); (?:its|the) screen|^(.*), want `)
	conditionRE = regexp.MustCompile(`^(\[\S+\] )*`)
	causes      = strings.NewReplacer("<nil>", "no more", "unexpected EOF", "the end", "EOF", "the end", "i/o timeout", "nothing")
	causeRE     = regexp.MustCompile(`(read|write) (tcp|udp|unix) \S+: `)
)

// read finds out from the log what was checked, what was expected and what came.
func (r *result) read() (checked string) {
	m := failRE.FindStringSubmatch(r.log)
	if m == nil {
		return ""
	}
	n, _ := strconv.Atoi(m[1])
	for _, line := range strings.Split(r.text, "\n")[:n] {
		if comment, ok := strings.CutPrefix(line, "# "); !ok {
			checked += "\n"
		} else if !strings.HasPrefix(comment, "also: ") {
			checked += comment + " "
		}
	}
	blocks := strings.Split(strings.TrimRight(checked, "\n"), "\n")
	line := strings.Fields(conditionRE.ReplaceAllString(strings.Split(r.text, "\n")[n-1], ""))
	if r.got = m[2]; r.inWord {
		line = r.words[len(r.words)-1]
		r.words = r.words[:len(r.words)-1]
	}
	r.expected = cmp.Or(tell(line, 1), strings.Join(line, " "))
	r.known = "script: " + r.name() + "\nbefore: " + strings.Join(append(slices.Clone(r.words), nil)[max(0, len(r.words)-1)], " ") + "\nword: " + strings.Join(line, " ") + "\nmessage: " + r.got + "\n" + r.known + "screen: " + strings.Join(r.screen[min(1, len(r.screen)):], "\n") + "\n"
	if m := receivesRE.FindStringSubmatch(r.got); m != nil {
		r.expected = line[1] + " receives " + cmp.Or(m[3], "the end")
		if sent, _ := strconv.Unquote(cmp.Or(m[1], m[4])); line[0] == "ask" && strings.HasPrefix(sent, strings.NewReplacer(`\n`, "\n").Replace(line[2])) && line[2] != "" {
			r.known += "sent: " + m[1] + "\ngot: same\n"
		}
		r.known += "got: " + m[1] + m[4] + "\n"
		r.got = m[1] + m[4] + ", then " + causes.Replace(causeRE.ReplaceAllString(m[2]+m[5], ""))
	} else if m := matchRE.FindStringSubmatch(r.got); m != nil {
		r.expected = map[string]string{"no": "", "unexpected": "no "}[m[1]] + m[2] + " in " + m[3]
		r.got = strconv.Quote(m[4])
		if _, out, ok := strings.Cut(r.log[max(0, strings.LastIndex(r.log, "> run ")):], "[stderr]\n"); ok && m[3] == "stderr" {
			out, _, _ = strings.Cut(out, "\n\n")
			r.got = out
		}
	} else if line[0] == "await" && strings.Contains(r.got, " does not print ") {
		r.got = cmp.Or(strings.Join(r.screen[max(min(1, len(r.screen)), len(r.screen)-1):], ""), "nothing")
	} else if m := statusRE.FindStringSubmatch(r.got); m != nil {
		r.got = cmp.Or(m[1], m[2])
	} else if at := differRE.FindStringSubmatchIndex(r.log); at != nil && strings.HasSuffix(r.got, " differ") {
		r.got = "on its screen: " + r.log[at[2]:at[3]]
		_, want, _ := strings.Cut(r.log[at[0]:], "\n+")
		r.expected, _, _ = strings.Cut("on its screen: "+want, "\n")
	}
	r.known += "got: " + r.got + "\n"
	for at := range r.got { // what long texts have in common is left out
		if want := strings.TrimPrefix(r.expected, line[1]+" receives "); at > 40 && strings.HasPrefix(want, r.got[:at]) && !strings.HasPrefix(want, r.got[:at+1]) {
			r.got, r.expected = "..."+r.got[at-10:], "..."+want[at-10:]
			break
		}
	}
	return blocks[len(blocks)-1]
}

// report tells what a script checked and how it failed, in at most 15 lines.
func (r *result) report(title, more string) string {
	b, did, checked := title+"\n", []string{}, r.read()
	for _, words := range r.words {
		if said := tell(words, 0); said != "" {
			did = append(did, said)
		}
	}
	for _, field := range [][2]string{{"checked", checked}, {"we did", strings.Join(did[max(0, len(did)-3):], "; ")}, {"expected", r.expected}, {"got", r.got}, {"perhaps", r.hint()}} {
		if field[1] != "" {
			b += fmt.Sprintf("  %-9s %s\n", field[0], plain(strings.NewReplacer(append(r.ports, "\n", " ")...).Replace(strings.TrimSpace(field[1])), 200))
		}
	}
	if len(r.screen) > 0 {
		b += "  its screen, the last lines\n"
		for _, line := range r.screen[max(0, len(r.screen)-12+strings.Count(b, "\n")):] {
			b += "    " + plain(line, 100) + "\n"
		}
	}
	return b + more
}

// plain makes text fit for any terminal: no control characters, and no more
// than so much.
func plain(text string, most int) string {
	var b strings.Builder
	for _, c := range text {
		if b.Len() > most {
			return b.String() + " ..."
		} else if c == '\n' || unicode.IsPrint(c) {
			b.WriteRune(c)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRune(c), "'"))
		}
	}
	return b.String()
}

//go:embed hints.data
var hintsText string

// hints are those of hints.data: role, what is known, what is perhaps wrong, heading.
var hints = regexp.MustCompile(`(?m)^(program|server|client)  (.*)\n  (.*)\n(?:  (.*)\n)?`).FindAllStringSubmatch(hintsText, -1)

var (
	docComment = regexp.MustCompile(`(?s)// Wrong on purpose: (.*?)\.?\n//\n`)
	tooLittle  = regexp.MustCompile(`^\.$|differ|does not (print|end)|^status$|exit status \d`) // to name a fault
	headingRE  = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// hint says what is perhaps wrong, by what is known, or by a program that is
// wrong on purpose and fails in the same way, and where the tutorial tells of it.
func (r *result) hint() (says string) {
	text, _ := os.ReadFile("tutorial.md")
	where := func(pattern string) string { // the heading at or above it
		if at := regexp.MustCompile(pattern).FindIndex(text); at != nil {
			above := headingRE.FindAllSubmatch(text[:at[1]], -1)
			return ": " + string(above[len(above)-1][1])
		}
		return ""
	}
	for _, h := range hints {
		if (h[1] == "program" || h[1] == r.role) && regexp.MustCompile(h[2]).MatchString(r.known) {
			if h[4] == "" {
				return h[3]
			}
			return h[3] + cmp.Or(where(`(?m)^### `+strings.Trim(r.name()[:2], "0")+`\.\d+ `+h[4]+`$`), where(`(?m)^#+ .*`+h[4]+`$`))
		}
	}
	programs, _ := filepath.Glob("testdata/broken/*/main.go")
	for _, program := range programs {
		source, _ := os.ReadFile(program)
		says, folder := docComment.FindSubmatch(source), filepath.ToSlash(filepath.Dir(program))
		for _, m := range FailsLine.FindAllSubmatch(source, -1) {
			if says != nil && string(m[2]) == r.name() && !tooLittle.Match(m[3]) && Role("./"+folder) == r.role && regexp.MustCompile(string(m[3])).MatchString(r.log) {
				return strings.ReplaceAll(string(says[1]), "\n// ", " ") + where(regexp.QuoteMeta(folder))
			}
		}
	}
	return ""
}

// HintPlaces returns the headings that the hints lead to.
func HintPlaces() (places []string) {
	for _, h := range hints {
		places = append(places, h[4])
	}
	return places
}
