package play

import (
	"cmp"
	"fmt"
	"net"
	"os"
	"os/exec"
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
	for real, shown := range s.ports.byReal {
		r.ports = append(r.ports, ":"+shown, ":"+real)
	}
	r.screen = strings.Split(strings.TrimSuffix(strings.NewReplacer(r.ports...).Replace(t.look(&s.ports)), "\n"), "\n")
	for i, line := range r.screen {
		if strings.HasPrefix(line, "$ ") && len(t.typed) > 0 {
			r.screen[i], t.typed = "$ "+t.typed[0], t.typed[1:]
		}
	}
	before, full := usage(t.cmd)
	select {
	case <-t.ended:
	case <-time.After(200 * time.Millisecond):
	}
	if t.hasEnded() {
		r.known = "ended: " + statusOf(t.cmd, true, t.sent) + "\n"
		return
	}
	if after, _ := usage(t.cmd); after-before > 5 {
		r.known += "\nspins\n"
	}
	r.known += "alive\n" + full
	answers := func(conn net.Conn, err error, what string) bool {
		if err == nil {
			conn.SetDeadline(time.Now().Add(time.Second / 2))
			conn.Write([]byte(what))
			_, err = conn.Read(make([]byte, 1))
		}
		return err == nil
	}
	if c := s.callers[last[1]]; s.failed && c != nil && c.conn != nil && c.conn.LocalAddr().Network() != "udp" && answers(c.conn, nil, "\n") {
		r.known += "answers a newline\n"
	}
	for _, addr := range []string{"127.0.0.1:8080", "127.0.0.1:8089"} {
		var none string
		network, real := s.network(false, &none, addr)
		conn, err := net.DialTimeout(network, real, time.Second)
		if network == "tcp" && err != nil {
			conn, err = net.Dial("udp", real)
			if !answers(conn, err, "x") {
				continue
			}
		}
		if err == nil {
			r.known += "serves\n"
			break
		}
	}
}

// usage is how many hundredths of a second of processor time a program has
// used, and whether it has all the descriptors that it may have, where the
// system tells.
func usage(cmd *exec.Cmd) (ticks int, full string) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, stat := range stats {
		text, _ := os.ReadFile(stat)
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(fields) > 12 && fields[2] == strconv.Itoa(cmd.Process.Pid) {
			user, _ := strconv.Atoi(fields[11])
			system, _ := strconv.Atoi(fields[12])
			ticks += user + system
			open, _ := os.ReadDir(filepath.Dir(stat) + "/fd")
			limits, _ := os.ReadFile(filepath.Dir(stat) + "/limits")
			_, rest, _ := strings.Cut(string(limits), "Max open files")
			limit := 0
			if fmt.Sscan(rest, &limit); len(open) >= limit-1 {
				full = "descriptors used up\n"
			}
		}
	}
	return ticks, full
}

// What the words did, and what they want, in a report: {1} is the first
// argument, {text} the second one in quotes, {all} all of them from the second.
var told = map[string][2]string{
	"run":       {"", "it ends with status {1}"},
	"await":     {"", "{1} prints {pattern}"},
	"type":      {"typed {text} to {1}", "{1} reads what is typed"},
	"eof":       {"ended the input of {1}", "{1} ends then{status}"},
	"interrupt": {"{stop} {1}", "{1} ends then{status}"},
	"signal":    {"sent {2} to {1}", "{1} is alive"},
	"exit":      {"", "{1} ends{status}"},
	"until":     {"", "{1} {2}"},
	"memory":    {"", "{1} uses no more than {2} MiB"},
	"nobody":    {"", "nobody listens at {2}"},
	"dial":      {"{1} connected", "{1} can connect"},
	"send":      {"{1} sent {text}", "what {1} sends is taken"},
	"recv":      {"{1} received {text}", "{1} receives {text}"},
	"ask":       {"{1} sent {text} and received the answer", "{1} sent {text} and receives the answer"},
	"shutdown":  {"{1} shut down its sending end", ""},
	"close":     {"{1} closed{how}", ""},
	"crowd":     {"{2} peers connected, one after the other", "{2} peers connect, one after the other"},
}

func tell(line []string, which int) string {
	words := append(slices.Clone(line), "", "", "")
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
	return strings.NewReplacer("{1}", words[1], "{2}", words[2], "{text}", quoted, "{pattern}", pattern, "{status}", status, "{stop}", cmp.Or(map[string]string{"-KILL": "killed", "-TERM": "sent SIGTERM to"}[words[2]], "pressed Ctrl-C in"), "{how}", how).Replace(told[words[0]][which])
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
		if _, out, ok := strings.Cut(r.log[strings.LastIndex(r.log, "\n> run "):], "[stderr]\n"); ok && m[3] == "stderr" {
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

// What is perhaps wrong if something is known, and which heading of the
// tutorial tells of that.
var hints = []struct{ role, known, says, where string }{
	{"", `screen: (?s).*listening on \S+:0\n`, "it prints the address that it was given, and has to print the one that it got (getsockname)", "The server"},
	{"", `listening on (0\.0\.0\.0|\[?::\]?|\*):|somebody listens`, "it listens at every address of the machine, and has to bind the one of -addr", "The server"},
	{"server", `message: .*does not print "listening (?s).*\nserves\nscreen: .{0,9}\n`, "what it prints stays in a buffer: flush standard output after each line", ""},
	{"client", `message: .*does not print ">>: (?s).*\nscreen: .{0,9}\n`, "what it prints stays in a buffer: flush standard output after each prompt and line", ""},
	{"", `script: \S*-start(?s).*screen: .*:8080\b|message: accept .*timeout`, "it does not use the address of -addr", ""},
	{"server", `script: \S*-start(?s).*message: dial .*(refused|no such)`, "nobody listens there yet: it prints before it listens, or listens elsewhere", "The server"},
	{"server", `script: \S*-(stale|restart)\b(?s).*screen: .*listening on .*in use`, "it cannot start again: what a server before it left is in its way (the file, or without SO_REUSEADDR the address)", ""},
	{"server", `word: await server listening (?s).*ended: .*\nscreen: (?:.*\n)*$`, "it ended before it said where it listens: what it printed says why", ""},
	{"server", `script: 01-start(?s).*does not end`, "it does not end after the connection: it has to close both sockets and exit", "The server"},
	{"", `word: interrupt \w+ -TERM(?s).*does not end|script: 04-early(?s).*does not end`, "SIGTERM does not end it", ""},
	{"", `word: run 2 `, "a flag that it does not know has to give a usage that names -addr, and exit status 2", ""},
	{"", `script: \S*(bad-input|busy|nobody|live|others|stale)\b(?s).*screen: .*(Traceback |\bpanic: |goroutine \d|\.rb:\d+:in |\n +at .*:\d+\)?\n)`, "it ends in a stack trace, and has to print one line that names the address and the cause", ""},
	{"", `(heard|said|replied) "[^"\n]*\n|unexpected match for .*\\x00`, "it prints what it received as it is: write newlines and control characters as escapes", "A caller who means no good"},
	{"server", `sent: (".*")\ngot: same`, "it sends back what it received as it is, not in capital letters", "The server"},
	{"server", `receives ".*(\\x00){9}`, "it sends its whole buffer, not only what it read", "More than the part that was read"},
	{"server", `got: .*(\x{fffd}|É|Ü|\\xc3\\x83|SS)`, "it puts letters in capitals, and has to do it with bytes: all but a to z come back as they are", "Half a letter"},
	{"server", `script: \S*-bytes(?s).*receives ".+" \(\d+ bytes, <nil>`, "it puts letters in capitals, and has to do it with bytes: all but a to z come back as they are", "Half a letter"},
	{"server", `receives "" \(0 bytes(?s).*answers a newline`, "it waits for a newline, and has to answer what one read brings", "A stream has no messages"},
	{"server", `heard ""\n(?s).*heard ""\n`, "it takes the end, a read of 0 bytes, for a message", "What the kernel sees"},
	{"server", `script: \S*-(start|loops|queue|five|nc|stream)\b(?s).*before: close \w+\n.*ended: exit status [1-9]`, "it ends when a peer closes: the end ends that connection alone", "One client ends it for all"},
	{"server", `ended: exit status 0\nscreen: (?s).*(hung up|heard ".*")\n(exit|got|$)`, "it ended after one connection, and has to accept the next", "The server"},
	{"server", `ann ended(?s).*alive(?s).*heard .*hung up`, "it closes the connection after one message", "The server"},
	{"", `ended: signal: broken pipe`, "SIGPIPE ended it: ignore this signal, and look at what the write returns", ""},
	{"server", `descriptors used up|caller does not end`, "it does not close its connections", "The server"},
	{"", `\nspins\n`, "it uses a whole processor and waits for nothing: a read of 0 bytes is the end", "What the kernel sees"},
	{"server", `word: dial (?s).*message: dial .*(timeout|temporarily)(?s).*alive`, "its queue is full: it has to accept sooner, or let more wait (the argument of listen)", "Who waits, and how many"},
	{"server", `wants the end .*timeout`, "it does not close the connection", "The server"},
	{"server", `script: 03-(udp|interleaved|nc)\b(?s).*(bob|peer)`, "it does not send each answer to the sender of that datagram", "The server"},
	{"server", `script: 03-empty(?s).*receives "" \(0 bytes, .*timeout`, "it does not answer an empty datagram", "An empty datagram"},
	{"server", `phone\.sock unexpectedly exists`, "it leaves its file, and has to remove it when it ends", ""},
	{"server", `script: 04-file(?s).*differ`, "its file is open to others: set the umask before bind", ""},
	{"server", `script: 05-idle(?s).*does not print`, "it does not close a connection that is silent for -idle", ""},
	{"server", `script: 05-(stuck|silent)(?s).*message: \w+ (does not print|receives "")`, "it serves one connection at a time", ""},
	{"client", `message: server receives "[^\\]*" .*timeout\), want "[^\\]*\\n"`, "it sends the line without a newline at its end", "The client"},
	{"client", `got: on its screen: server replied " `, "it sends the spaces at the ends of a line: trim them", "The client"},
	{"client", `script: \S*-(\d-mib|early-reply|send-first)\b(?s).*(does not (print|end)|timeout|queues stay)`, "it sends a whole line before it receives anything", "Both send, and nobody receives"},
	{"client", `script: \S*-(hangs-up|no-reply)\b(?s).*exit status 0`, "it does not report that the server closed too soon", "The client"},
	{"server", `script: 02-queue(?s).*call from .*\n(heard .*\n)*call from `, "it serves two at once, and here the next one waits until the first is closed", "The server"},
	{"client", `script: 03-nobody(?s).*does not print`, "its socket is not connected, so nobody tells it of a refusal", "Connected or not"},
	{"client", `script: 03-long(?s).*exit status [1-9]`, "a line that is too long ends it", "Too long a line"},
}

var docComment = regexp.MustCompile(`(?s)// Wrong on purpose: (.*?)\.?\n//\n`)

// hint says what is perhaps wrong, by what is known, or by a program that is
// wrong on purpose and fails in the same way. No hint is better than a wrong
// one: if two of them do, it gives none.
func (r *result) hint() (says string) {
	text, _ := os.ReadFile("tutorial.md")
	where := func(at []int) string { // the heading at or above it
		m := headingRE.FindAllStringSubmatch(string(text[:append(at, 0, 0)[1]]), -1)
		if len(at) == 0 || m == nil || at[1] == 0 {
			return ""
		}
		return ": " + m[len(m)-1][1]
	}
	for _, h := range hints {
		if (h.role == "" || h.role == r.role) && regexp.MustCompile(h.known).MatchString(r.known) {
			at := regexp.MustCompile(`(?m)^### ` + strings.Trim(r.name()[:2], "0") + `\.\d+ ` + cmp.Or(h.where, "$^") + `$`).FindIndex(text)
			if at == nil {
				at = regexp.MustCompile(`(?m)^#+ .*` + cmp.Or(h.where, "$^") + `$`).FindIndex(text)
			}
			return h.says + where(at)
		}
	}
	programs, _ := filepath.Glob("testdata/broken/*/main.go")
	for _, program := range programs {
		source, _ := os.ReadFile(program)
		says, folder := docComment.FindSubmatch(source), filepath.ToSlash(filepath.Dir(program))
		for _, m := range FailsLine.FindAllSubmatch(source, -1) {
			if says != nil && string(m[2]) == r.name() && !tooLittle.MatchString(string(m[3])) && Role("./"+folder) == r.role && regexp.MustCompile(string(m[3])).MatchString(r.log) {
				return strings.ReplaceAll(string(says[1]), "\n// ", " ") + where(regexp.MustCompile(regexp.QuoteMeta(folder)).FindIndex(text))
			}
		}
	}
	return ""
}

// HintPlaces returns the headings that the hints lead to.
func HintPlaces() (places []string) {
	for _, h := range hints {
		places = append(places, h.where)
	}
	return places
}

// What too many faults have in common to name one of them.
var tooLittle = regexp.MustCompile(`^\.$|differ|does not (print|end)|exit status \d`)

var headingRE = regexp.MustCompile(`(?m)^#+ (.*)$`)
