package play

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"example.com/sockets/internal/proc"
)

// whose says whose program one in a terminal of this name is.
func (t *terminal) whose(name string) string {
	role := t.yours
	if role == "" {
		role = t.role
	}
	switch {
	case role == "":
		return name
	case t.yours != "":
		role = "your " + role
	default:
		role = "our " + role
	}
	if strings.HasSuffix(role, name) || name <= "9" { // run calls it by its exit status
		return role
	}
	return role + " " + name
}

// suspect finds the program of the reader's that the last word names, or one
// that nobody waited for, or any.
func (s *scene) suspect() (found *terminal) {
	for name, t := range s.terminals {
		if t.yours == "" || t.cmd == nil {
			continue
		}
		if name == s.now.name {
			return t
		}
		if found == nil || found.waited {
			found = t
		}
	}
	return found
}

// testify finds at the end of a script what one of testscript's words wanted, and
// what became of the reader's program.
func (s *scene) testify() {
	if s.now.word == "" {
		s.now.want, s.now.got = s.again()
	}
	t := s.suspect()
	if t == nil {
		return
	}
	f := &s.fate
	f.role = t.yours
	select {
	case <-t.ended.Done():
		f.status = t.status()
	default:
		wanted := wants(t.processes())
		f.screen = t.printed()
		before := t.bytes()
		select {
		case <-t.ended.Done():
			f.status = t.status()
		case <-time.After(time.Second / 5):
			all := wants(t.processes())
			f.spins = all > time.Second && all-wanted > time.Second/7
			f.screen = t.printed()
			f.answers = answers(s.peers[s.now.name])
			itsState, _ := stat(fmt.Sprint("/proc/", t.cmd.Process.Pid))
			ours, _ := stat("/proc/self")
			f.holds = itsState == 0 && ours != 0 // it has ended, and left others
			for i := 0; i < 20 && s.now.word == "await" && before > 1<<12 && !f.floods; i++ {
				f.floods = t.bytes() > before
				time.Sleep(time.Second / 10) // the machine is busy
			}
			proc.Signal(t.cmd, syscall.SIGKILL)
			<-t.ended.Done()
		}
	}
	if f.status != "" {
		f.screen = t.printed()
	}
	hidden, _ := os.ReadFile(s.MkAbs("errors")) // where a script has its standard error
	f.screen += string(hidden)
	f.screen = f.screen[max(0, len(f.screen)-1<<14):]
}

// starts reports whether the reader's program may not have started when the script
// ended: it runs, and had printed nothing, or called nobody.
func (s *scene) starts() bool {
	return s.fate.status == "" && (s.now.got == "nothing" || s.now.got == noCall)
}

const noCall = "nobody called it"

// wants returns how long processes have run or waited for a processor.
func wants(processes []string) (all time.Duration) {
	for _, process := range processes {
		threads, _ := filepath.Glob(process + "/task/*/schedstat")
		for _, thread := range threads {
			var ran, waited time.Duration
			text, _ := os.ReadFile(thread)
			fmt.Sscan(string(text), (*int64)(&ran), (*int64)(&waited))
			all += ran + waited
		}
	}
	return all
}

// answers reports whether a server answers a newline.
func answers(p *peer) bool {
	if p == nil || p.conn == nil || p.conn.LocalAddr().Network() == "udp" {
		return false
	}
	p.conn.SetDeadline(time.Now().Add(time.Second / 2))
	p.conn.Write([]byte("\n"))
	_, err := p.conn.Read(make([]byte, 1))
	return err == nil
}

// again finds what one of testscript's own words wanted and got in the line
// that the scene has come to.
func (s *scene) again() (want, got string) {
	line := conditionRE.ReplaceAllString(s.lines[s.line-1], "")
	line, not := strings.CutPrefix(line, "! ")
	words := strings.Fields(line)
	last := words[len(words)-1]
	text, err := os.ReadFile(s.MkAbs(last))
	switch words[0] {
	case "cmp":
		return s.differ(words[1], words[2])
	case "exists":
		there := map[bool]string{true: last + " is there", false: last + " isn't there"}
		return there[!not], there[not]
	case "stdout":
		want, got = "on standard output: ", s.stdout
	case "stderr":
		want, got = "on standard error: ", s.stderr
	case "grep":
		want, got = "in "+last+": ", string(text)
		if last == "errors" {
			want = "on standard error: "
		}
		line = strings.TrimSuffix(line, " "+last)
	default:
		return line, fmt.Sprint("it fails ", err)
	}
	line = countRE.ReplaceAllString(strings.TrimPrefix(line, words[0]+" "), "")
	pattern := strings.Trim(line, "'")
	if strings.HasPrefix(pattern, `\A`) && strings.HasSuffix(pattern, `\n\z`) {
		want = strings.Replace(want, ": ", ", one line: ", 1)
	}
	shown := s.read(pattern)
	if strings.HasPrefix(pattern, `[\x00`) {
		shown = "control character"
	}
	if not && pattern == "." {
		shown = "nothing"
	} else if re, err := regexp.Compile("(?m)" + pattern); not && err == nil {
		shown, got = "no "+shown, re.FindString(got)
	}
	if words[0] == "grep" && !not {
		got = "no such text"
	}
	return want + shown, cmp.Or(strings.TrimSpace(got), "nothing")
}

// read is a pattern as one reads it: the first of several texts, or the path in the
// place of an address.
func (s *scene) read(pattern string) string {
	which, pattern := "$1", strings.TrimSuffix(pattern, "$")
	if s.Unix && strings.Contains(pattern, ":80") {
		which = "$3"
	}
	pattern = optionRE.ReplaceAllString(pattern, "")
	pattern = severalRE.ReplaceAllString(pattern, which)
	text := readable.Replace(timesRE.ReplaceAllString(pattern, "$1, $2 times"))
	return cmp.Or(strings.Trim(text, ".\n"), "something")
}

var (
	countRE   = regexp.MustCompile(`^-count=\d+ `)
	optionRE  = regexp.MustCompile(`\([^()]*\)\?`)
	severalRE = regexp.MustCompile(`\(([^()|?]*)(\|([^()|]*))+\)`)
	timesRE   = regexp.MustCompile(`\(([^()]*)\)\{(\d+)\}`)
	readable  = strings.NewReplacer(`\\`, `\`, `\n`, "\n", "^", "", "(?s)", "", "(?i)", "",
		"(?m)", "",
		`\A`, "", `\z`, "", `\b`, "", `[^\n]*`, "...", `[^\n]+`, "...", `\d+`, "N",
		`\.`, ".", ".*", "...", ".+", "...", `\`, "")
)

// differ returns the first lines in which two files differ.
func (s *scene) differ(got, want string) (wants, gets string) {
	a, _ := os.ReadFile(s.MkAbs(got))
	b, _ := os.ReadFile(s.MkAbs(want))
	gotten, wanted := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	i := 0
	for i < min(len(gotten), len(wanted))-1 && gotten[i] == wanted[i] {
		i++
	}
	whose := got + " holds "
	if t := s.terminals[got]; t != nil {
		whose = t.whose(got) + " prints "
	}
	shown := func(lines []string, other string) string {
		line := whose + cmp.Or(around(lines[i], other), "no more")
		if i == len(lines)-1 && lines[i] != "" {
			line += " (no newline)"
		}
		return line
	}
	return shown(wanted, gotten[i]), shown(gotten, wanted[i])
}

// around is a text, or if it is long what is around its first byte that is not
// as in another one, and its length.
func around(text, other string) string {
	if len(text) <= 100 {
		return text
	}
	i := 0
	for i < min(len(text), len(other)) && text[i] == other[i] {
		i++
	}
	if i == len(other) && i == len(text) {
		i = 0 // to its beginning
	}
	from, to := max(0, i-30), min(len(text), i+60)
	if from == 0 {
		return fmt.Sprintf("%s... (%d characters)", text[:to], len(text))
	}
	return fmt.Sprintf("...%s (from character %d of %d on)", text[from:to], from+1, len(text))
}

// The conditions of a line.
var conditionRE = regexp.MustCompile(`^(\[[^]]+\] )+`)
