package sockets

import (
	"cmp"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/sockets/internal/play"
	"example.com/sockets/internal/programs"
	"example.com/sockets/internal/text"
)

// A fault is a change of a file that the checks have to find, and what they say.
type fault struct{ what, old, new, says string }

const differs = "the block is not what it says"

// The faults in each file, and whether -update repairs them.
var faults = []struct {
	file     string
	repaired bool
	faults   []fault
}{
	{"tutorial.md", true, []fault{
		{"nothing", "", "", ""},
		{"a character of a block", "listener.Accept()\n", "listener.accept()\n", differs},
		{"a block dropped",
			"```go 01-phone/client/main.go\n    // Buy a phone (socket) and dial (connect).\n" +
				"    conn, err := net.Dial(\"tcp\", *addr)\n    if err != nil {\n" +
				"        log.Fatal(err)\n    }\n```\n", "",
			"client/main.go:23: no block of tutorial.md shows this line"},
		{"a packet of a listing", "->\n                            <-               RST\n",
			"->\n                            <-               FIN\n", differs},
		{"a packet left out", "->\n                            <-               RST\n", "->\n",
			differs},
		{"a call at the other side", "FIN  close(4)\nclose(3) ", "FIN  close(3)\nclose(4) ",
			differs},
		{"a packet more", "\nshutdown(3, SHUT_WR)        FIN               ->\n",
			"\nshutdown(3, SHUT_WR)        FIN               ->\n" +
				"                            <-               ACK\n", differs},
		{"a heading", "### 1.4 Run it", "### 1.4 Run them", "1.4 Run them"},
		{"a line of a step", "-func stale(path string) bool {\n", "", differs},
		{"a tab", "    conn.Close()\n", "\tconn.Close()\n", differs},
		{"an empty line above a block",
			"```diff 02-loops/server/main.go testdata/broken/05-one-buffer/main.go\n",
			"```diff 02-loops/server/main.go testdata/broken/05-one-buffer/main.go\n \n", differs},
		{"nothing left out", "-    for { // the link loop: one connection after the other\n",
			"     // ...\n-    for { // the link loop: one connection after the other\n", differs},
		{"a call's line", "(01-phone/server/main.go#L31)", "(01-phone/server/main.go#L32)",
			"listener.Accept stands in line 31"},
		{"a term more", "\nTwo programs talk", "\nTwo programs *talk aloud*", differs},
	}},
	{"tutorial.md", false, []fault{
		{"two blocks swapped", "```go 01-phone/client/main.go\n    // Speak (send).",
			"```go 01-phone/client/main.go\n    // Hang up (close).\n```\n\n" +
				"```go 01-phone/client/main.go\n    // Speak (send).",
			"nothing like this block at this place"},
		{"a program renamed", "```go 01-phone/server/main.go\nfunc",
			"```go 01-phone/server/server.go\nfunc", "no such file"},
		{"a script renamed", "```console 01-phone server", "```console 01-call server",
			"no such file"},
		{"a terminal renamed", "```console 01-phone server", "```console 01-phone phone",
			"has no phone.want"},
		{"an unknown label", "```console 01-phone server", "```sh",
			`nothing checks a block with the label "sh"`},
		{"a fence hidden", "```console 01-phone server", "  ```console 01-phone server",
			"three backquotes at the beginning"},
		{"a block without end", "```text 01-trace server.trace",
			"```text 01-trace server.trace\n```\n```text 01-trace", "nothing checks a block"},
		{"a program to run", "`go build -o server ./01-phone/server`",
			"`go build -o server ./01-phone/srever`", "srever"},
		{"an exercise's check", "Exercises/01-polite", "Exercises/01-rude", "01-rude"},
		{"a picture's kind", "flowchart TB", "flowchart", "the first line of a picture is one of"},
		{"a picture's line", "    C->>S: hello", "    C-S: hello", "not a line for a picture"},
		{"a picture's speaker", "    C->>S: hello", "    K->>S: hello", "K or S is no participant"},
		{"a file that is not shown", "```go 04-unix/server/caller_other.go",
			"```go 04-unix/server/caller_none.go", "no block shows 04-unix/server/caller_other.go"},
		{"a benchmark", "BenchmarkIdle/server/8000-2 ", "Idle/server/8000-2 ",
			"not what go-bench prints"},
		{"a benchmark's name", "-bench Idle", "-bench Idol", "-run Idol//8000 matches no test"},
		{"a call in Go", "[`listener.Accept`]", "[`listener.Receive`]",
			"has no line with listener.Receive"},
		{"a system call", ", `accept4` |", ", `accept` |",
			"no trace of 01-phone/server/main.go shows accept below"},
		{"another system call", ", `bind` |", ", `listen` |", "the kernel has no listen for bind"},
		{"no system call", ", `accept4` |", ", no call |", "shows that there is no call below"},
		{"a part of a call, row 21", "[`bufio.NewReader`]", "[`bufio.New`]",
			"has no line with bufio.New"},
		{"a name in a remark", "such as `SetLinger`", "such as `SetLingers`",
			"no program has `SetLingers`"},
		{"a call in Python", "[`recv`]", "[`receive`]", "has no row for recv"},
		{"an error", "\n| `connection refused` |", "\n| `connection refuted` |",
			"no script has seen connection refuted"},
		{"an error's name", "| `ECONNRESET`, 1", "| `ECONNABORTED`, 1",
			"in Go, ECONNABORTED does not say connection reset by peer"},
		{"an error's number", "10054", "10053", "in Go, WSAECONNRESET is not 10053"},
		{"an error left out", "| `too many open files` |", "| `permission denied` |",
			"a script has seen too many open files, and the table has no row"},
		{"a participant more", "    participant C as client\n",
			"    participant C as client\n    participant D\n    participant E\n" +
				"    participant F\n    participant G\n", "four participants at most"},
		{"what a block holds", "```go 01-phone/client/main.go\n",
			"```go 01-phone/client/main.go holds net.Listen\n",
			"the block does not hold net.Listen"},
		{"a term again", "called *Happy Eyeballs*", "called *Happy Eyeballs*, *Happy Eyeballs*",
			"Happy Eyeballs is introduced again"},
		{"a term before its time", "\nTwo programs talk", "\nTwo programs in a deadlock talk",
			"uses deadlock before line"},
		{"a proof", "[proof](testdata/script/01-bytes.txtar)", "[proof](testdata/README.md)",
			"testdata/README.md is no script of a chapter"},
		{"a script behind a proof", "[proof](testdata/script/01-bytes.txtar)",
			"[proof](testdata/script/01-words.txtar)", "no such file"},
	}},
	{"05-options/sockopt/main.go", true, []fault{
		{"a line more in a program", "\tconn.Close()\n", "\tconn.Close()\n\tprintln()\n",
			"println()"},
	}},
	{"testdata/script/01-phone.txtar", true, []fault{
		{"a transcript", "server replied", "server answered", "server answered"},
	}},
	{"testdata/script/01-wire-call.txtar", false, []fault{
		{"a wide listing", "the caller  ", "the caller" + strings.Repeat(" ", 50),
			"at most 14 lines of 88 columns"},
	}},
	{"testdata/script/01-phone.txtar", false, []fault{
		{"no cmp", "cmp server server.want\n", "", "no cmp server server.want"},
	}},
	{"README.md", false, []fault{
		{"a link to a file", "](01-phone)", "](01-telephone)", "01-telephone"},
		{"a link to a heading", "tutorial.md#1-one-phone-call", "tutorial.md#1-one-call",
			"has no heading #1-one-call"},
		{"a link to elsewhere", "](01-phone)", "](https://example.com)",
			"only links into this repository"},
		{"a command", "`go test -run 01`", "`go test -run 99`", "-run 99 matches no test"},
		{"go test fails", "ok  \t", "FAIL\t", "not what go-test prints"},
	}},
	{"testdata/broken/02-to-upper/main.go", false, []fault{
		{"a step grown elsewhere", "4096", "8192",
			"02-loops/server/main.go and testdata/broken/02-to-upper/main.go have drifted apart"},
	}},
	{"02-loops/server/main.go", false, []fault{
		{"a step grown in a block", "4096", "8192",
			"02-loops/server/main.go and testdata/broken/05-one-buffer/main.go have drifted apart"},
	}},
}

// TestChecksFail breaks a copy of the repository in one place after the
// other, and expects the checks to say where and what. What -update can
// repair, it has to repair.
func TestChecksFail(t *testing.T) {
	onlyThorough(t)
	if !*update {
		t.Parallel()
	}
	for _, in := range faults {
		for _, f := range in.faults {
			t.Run(f.what, func(t *testing.T) { checksFail(t, in.file, f, in.repaired) })
		}
	}
}

// checksFail puts a fault into a file, and expects the checks to find it.
func checksFail(t *testing.T, file string, f fault, repairs bool) {
	whole := read(t, file)
	require.True(t, strings.Contains(whole, f.old),
		"%s has no %q any more: break something else", file, f.old)
	broken := strings.Replace(whole, f.old, f.new, 1)
	tree := changed{os.DirFS("."), map[string]string{file: broken}}
	repaired := false
	check := func() string {
		problems := text.CheckScripts(tree)
		for _, name := range []string{"README.md", "tutorial.md"} {
			text := text.Read(tree, name)
			for _, check := range checksOf(name) {
				check(text)
			}
			problems = append(problems, text.Problems...)
			fixed, changed := text.Repair()
			tree.files[name] = fixed
			repaired = repaired || changed
		}
		return strings.Join(problems, "\n")
	}
	problems := check()
	if f.says == "" {
		assert.Empty(t, problems)
		return
	}
	assert.Contains(t, problems, f.says)
	assert.Equal(t, repairs, repaired && check() == "", "whether -update repairs it")
}

// onlyThorough leaves a check of the checks to go test -race.
func onlyThorough(t *testing.T) {
	if !play.Thorough() {
		t.Skip("go test -race checks it")
	}
}

// checksOf returns what there is to check in a text.
func checksOf(name string) []func(*text.Text) {
	checks := []func(*text.Text){checkLinks, func(t *text.Text) { t.CheckBlocks("") }}
	for _, c := range text.Chapters {
		checks = append(checks, func(t *text.Text) { t.CheckBlocks(c.Number()) })
	}
	if name == "tutorial.md" {
		checks = append(checks, (*text.Text).CheckContents, (*text.Text).CheckCalls,
			(*text.Text).CheckErrors, (*text.Text).CheckIndex)
	}
	return checks
}

// A changed tree has other files in the place of some.
type changed struct {
	fs.FS
	files map[string]string
}

func (c changed) Open(name string) (fs.File, error) {
	if text, ok := c.files[name]; ok {
		return fstest.MapFS{name: {Data: []byte(text)}}.Open(name)
	}
	return c.FS.Open(name)
}

// TestScriptsFail plays scripts that are wrong, and expects them to say why.
func TestScriptsFail(t *testing.T) {
	onlyThorough(t)
	const client = "start client go run ./01-phone/client\n"
	const server = "start server go run ./01-phone/server\nawait server 'listening on .*\\n'\n"
	const called = server + "dial ann 127.0.0.1:8080\nsend ann x\n"
	const onWire = "[!wire] skip 'no packets can be taken'\n" +
		"start -wire client go run ./01-phone/client\n" +
		"exit client 1\nwire 'the client' nobody\ncmp wire wire.want\n-- wire.want --\n"
	const names = "the client                      on the wire       nobody\n"
	const asks = "connect(3, 127.0.0.1:8080)  SYN               ->\n"
	const answers = "                            <-               RST\n"
	const fin = "                            <-               FIN\n"
	const wrongSide = "                            " +
		"SYN               ->  connect(3, 127.0.0.1:8080)\n"
	t.Parallel()
	for _, c := range []struct{ what, script, says string }{
		{"nobody waits for a program", server, "did not wait for the end of server"},
		{"nobody waits for one that has ended", client + "await client refused\n",
			"did not wait for the end of client"},
		{"it ends without the line", client + "await client replied\n",
			`client ended (exit status 1) without "replied"`},
		{"another exit status", client + "exit client\n", "exit status 1, want 0"},
		{"a call before the line", "start server go run ./01-phone/server\n" + client,
			"await the server before you call it"},
		{"a busy terminal", server + server, "server is busy"},
		{"an unknown terminal", "await phone x\n", "no program runs in phone"},
		{"a screen before the end", server + "cmp server server.want\n-- server.want --\n",
			"no such file"},
		{"a program that does not build", "start client go run ./01-phone/none\n", "01-phone/none"},
		{"a command without arguments", "await server\n", "usage: await NAME PATTERN"},
		{"another text", called + "recv ann Y\nexit server\n", `ann receives "X"`},
		{"an end that is none", called + "recv ann -eof\nexit server\n",
			`ann wants the end (-eof), and receives "X", then <nil>`},
		{"Ctrl-C where it should be clean", server + "interrupt server 0\n",
			"exit status signal: interrupt, want 0"},
		{"another packet", onWire + names + asks + fin, "+" + fin},
		{"a packet less", onWire + names + asks, "-" + answers},
		{"a packet more", onWire + names + asks + answers + answers, "+" + answers},
		{"a call at the wrong side", onWire + names + wrongSide + answers, "+" + wrongSide},
		{"a host that there is not", "[!hosts] skip 'no second machine'\nhosts ann bob\n" + client,
			"no host is called client"},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			script := filepath.Join(t.TempDir(), "script.txtar")
			require.NoError(t, os.WriteFile(script, []byte(c.script), 0o666))
			play.MustFail(t, script, play.Staging{}, regexp.QuoteMeta(c.says), false)
		})
	}
}

// TestEverythingIsPlayed looks for what no test would miss: a chapter without a
// test, a script or an exercise that nobody plays, a program that is wrong on
// purpose and does not say how it fails.
func TestEverythingIsPlayed(t *testing.T) {
	must := func(holds bool, format string, args ...any) {
		if !holds {
			t.Errorf(format, args...)
		}
	}
	tutorial := strings.ReplaceAll(read(t, "tutorial.md"), "\n", " ")
	chapters, stages, plays := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, c := range text.Chapters {
		chapters[c.Number()], stages[c.Stage] = true, true
		stages[c.Stage+"/eventloop"] = programs.IsFile(c.Stage + "/eventloop/main.go")
		must(strings.Contains(tests(), "Test"+c.Number()), "no test plays chapter %s", c.Stage)
	}
	for _, script := range find(t, "testdata/script/*") {
		number, _, _ := strings.Cut(filepath.Base(script), "-")
		must(chapters[number] && filepath.Ext(script) == ".txtar", "no test plays %s", script)
		for _, name := range also(t, script) {
			must(stages[name], "%s: also: %s is no stage", script, name)
		}
	}
	for _, file := range find(t, "testdata/exercises/*") {
		name := "testdata/exercises/" + nameOf(file)
		must(programs.IsFile(name+".txtar"), "no script plays %s", file)
		must(programs.IsFile(name+"/main.go"), "%s has no solution", file)
		must(strings.Contains(tutorial, "-run Exercises/"+nameOf(file)+" "),
			"no exercise in the text for %s", file)
	}
	for _, c := range text.Chapters {
		for _, script := range find(t, "testdata/script/"+c.Number()+"-*") {
			for _, role := range []string{"server", "client"} {
				needs := play.Plays(script, "./"+c.Stage+"/"+role)
				plays[role+nameOf(script)] = needs
				must(!needs || play.RulesOf(nameOf(script), role) != nil,
					"no rule of a %s has %s in brackets", role, nameOf(script))
			}
		}
	}
	for _, rule := range play.Rules() {
		must(rule.Scripts != nil, "no script checks rule %s", rule.Number)
		for _, s := range rule.Scripts {
			must(plays["server"+s] && rule.Role != "client" ||
				plays["client"+s] && rule.Role != "server", "rule %s: %s plays no %s of a reader's",
				rule.Number, s, cmp.Or(rule.Role, "program"))
		}
	}
	for _, folder := range find(t, "testdata/broken/*") {
		number, _, _ := strings.Cut(filepath.Base(folder), "-")
		must(chapters[number], "no test plays %s", folder)
		source := read(t, folder+"/main.go")
		replaces := play.ReplacesLine.FindStringSubmatch(source)
		must(replaces != nil && programs.IsFile(replaces[1]+"/main.go"),
			"%s does not say which program it //test:replaces", folder)
		fails := play.FailsLine.FindAllStringSubmatch(source, -1)
		must(fails != nil, "%s does not say which script it //test:fails", folder)
		for _, m := range fails {
			must(programs.IsFile("testdata/script/"+m[2]+".txtar"),
				"%s //test:fails no script %s", folder, m[2])
		}
	}
}

// TestWords checks that testdata/README.md says what each word of the scripts means.
func TestWords(t *testing.T) {
	page := read(t, "testdata/README.md")
	for _, row := range play.Words() {
		assert.Contains(t, page, "\n"+row)
	}
	_, table, _ := strings.Cut(page, "| word |")
	assert.Len(t, play.Words(), strings.Count(table, "\n| `"), "the page has a word too many")
}

// TestReport plays scripts with programs that are wrong, as the reader does, and
// expects the report to name the fault, in at most 15 lines, and with nothing
// in it that a terminal obeys. Right ones in other languages pass.
func TestReport(t *testing.T) {
	onlyThorough(t)
	t.Parallel()
	c := filepath.Join(t.TempDir(), "server")
	if _, err := exec.LookPath("cc"); err == nil {
		out, err := exec.Command("cc", "-o", c, "testdata/others/02-server.c").CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	_, noPerl := exec.LookPath("perl")
	temp, unfinished := filepath.Join(t.TempDir(), "temp"), filepath.Join(t.TempDir(), "main.go")
	source := []byte("package main\n\nfunc main() { listen() }\n")
	require.NoError(t, os.WriteFile(unfinished, source, 0o666))
	const broken, wrong = "./testdata/broken/", "perl testdata/others/02-wrong.pl "
	const passed = `\b[1-9]\d* scripts? that needs? it passed`
	for _, r := range []struct{ run, option, command, says string }{
		{"02/02-resets", "-server", "perl testdata/others/02-server.pl", passed},
		{"01", "-server", "perl nosuch.pl", "got .* there is no file nosuch.pl in /"},
		{"01", "-server", "nothere", `"nothere": executable file not found`},
		{"02/02-bytes", "-server", broken + "02-to-upper", `See 2.7, "Half a letter"`},
		{"02/02-resets", "-server", c, passed},
		{"01", "-server", "go version", "it does not take the flag -addr"},
		{"01/01-bytes", "-server", broken + "01-whole-buffer", "perhaps   it sends"},
		{"01/01-no-reply", "-client", broken + "01-no-errors-client", "it ignores what may fail"},
		{"02/02-queue", "-server", "./01-phone/server", "it ended after a connection"},
		{"02/02-resets", "-server", broken + "02-exit-on-reset",
			`one client resets its connection, and it ends. See 2.7, "One client ends it for all"`},
		{"02/02-restart", "-server", broken + "02-no-reuseaddr", `it takes back SO_REUSEADDR`},
		{"02/02-pieces", "-client", broken + "02-one-read", "it takes what one Read brings"},
		{"03/03-long", "-server", broken + "03-small-buffer",
			`its buffer has 1,024 bytes only. See 3.6, "A small buffer"`},
		{"03/03-empty", "-server", broken + "03-empty-ends",
			"it takes an empty datagram for the end"},
		{"05/05-signal", "-server", "perl testdata/others/05-signal.pl",
			"a signal interrupts a call that waits"},
		{"04/04-stale", "-client", "go run ./05-options/client -network unix", passed},
		{"02/02-loops", "-server", wrong + "spins",
			"it uses a whole processor and waits for nothing"},
		{"02/02-loops", "-server", wrong + "floods", "it prints without end"},
		{"02/02-five", "-server", wrong + "holds", "it has ended, but what it has started has not"},
		{"02", "-server", wrong + "open", `got +listening on \S+ \(no newline\)`},
		{"02/02-escape", "-server", wrong + "raw", `got +<U\+001B>(.*\n)*.*<U\+001B>\[2J`},
		{"02/02-long-lines", "-server", wrong + "chops",
			`\(1048576 bytes\)\n +got .*\.\.\. \(\d+ bytes\), then nothing\n`},
		{"02/02-resets", "-server", wrong + "keeps",
			`it has run out of descriptors.*\n(.*\n)* +accept: Too many open files\n`},
		{"02/02-five", "-server", wrong + "queues", `its queue is full: .* See 2.7, "Who waits`},
		{"02/02-loops", "-client", wrong + "chomps",
			`replied "HELLO\\n"\n +got +server replied "HELLO"\n`},
		{"02", "-client", "go run ./02-loops/server", "it is a server: give it to -server"},
		{"02", "-server", "go run ./02-loops/client", "it is a client: give it to -client"},
		{"02", "-server", "", "^-server needs a command"},
		{"02", "-server", "go run 02-loops/server", `write ./02-loops/server\n`},
		{"02", "-server", "go run " + unfinished, "undefined: listen"},
		{"02", "-server", "./02-loops", "./02-loops is a folder"},
		{"02/02-resets", "-server", "cd testdata/others; X=1 perl 02-server.pl", passed},
		{"02/02-resets", "-server",
			"X=1 perl -I testdata/others -e 'do \"02-server.pl\"' --", passed},
		{"04", "-server", "cd mine && ./server", "use no cd"},
		{"04/04-early", "-server", broken + "04-path", "got +status signal: .*\n +its screen"},
		{"Exercises/04-successor", "-server", broken + "04-probe", `See 4.3, "Only your own`},
		{"02", "-server", "sh -c 'echo $TMPDIR >" + temp + "; kill -INT $PPID; sleep 99'",
			"stopped: 0 scripts passed, and failed: none"},
		{"Exercises/02-bye", "-server", "./02-loops/server",
			"go test -v -run Exercises/02-bye -server"},
		{"Exercises/02-bye", "-server", "./testdata/exercises/02-bye", passed},
	} {
		command := r.command
		if command == c && !programs.IsFile(c) ||
			strings.Contains(command, "perl ") && noPerl != nil {
			continue
		}
		t.Run(r.run+" "+filepath.Base(command), func(t *testing.T) {
			t.Parallel()
			if programs.IsFile(command + "/main.go") {
				program, err := programs.Build(command)
				require.NoError(t, err)
				command = "'" + program + "'" // its folder may have a space
			}
			cmd := exec.Command(os.Args[0], "-test.run", r.run, r.option, command)
			out, _ := cmd.CombinedOutput()
			report, _, _ := strings.Cut(string(out), "\n---")
			assert.Regexp(t, r.says, report)
			assert.LessOrEqual(t, strings.Count(report, "\n"), 14, "%s", report)
			assert.NotRegexp(t, "[\x00-\x09\x0b-\x1f\x7f]", report)
			if folder, _ := os.ReadFile(temp); strings.Contains(command, temp) {
				assert.NoDirExists(t, strings.TrimSpace(string(folder)), "nothing is left behind")
			}
		})
	}
	rules := read(t, "internal/play/report.go") + read(t, "internal/play/calling.go")
	for _, m := range regexp.MustCompile(`See ([\d.]+), "(.*)"`).FindAllStringSubmatch(rules, -1) {
		_, section, _ := strings.Cut(read(t, "tutorial.md"), "\n### "+m[1])
		section, _, _ = strings.Cut(section, "\n### ")
		assert.True(t, regexp.MustCompile("(?m)^(#### | )"+m[2]+"$").MatchString(section),
			"%s: a hint leads there", m[0])
	}
}

// TestClass grades submissions that are right, wrong, and worse, and looks for
// what they leave behind.
func TestClass(t *testing.T) {
	onlyThorough(t)
	t.Parallel()
	folder := t.TempDir()
	write := func(name, text string) {
		file := filepath.Join(folder, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o666))
	}
	grade := func(file string) string {
		cmd := exec.Command(os.Args[0], "-test.timeout", "0", "-class", filepath.Join(folder, file))
		out, _ := cmd.CombinedOutput()
		return strings.ReplaceAll(string(out), folder+string(filepath.Separator), "")
	}
	solution, err := programs.Build("./testdata/exercises/02-bye")
	require.NoError(t, err)
	client, err := programs.Build("./01-phone/client")
	require.NoError(t, err)
	write("eve/server.go", "package main\n\nfunc main() { nothing }\n")
	write("leaves.sh", `setsid sh -c 'echo $$ > "$1"; exec sleep 4000' sh "$1" > /dev/null 2>&1 &
mkdir -m 0 "$TMPDIR/left"
shift
exec "$@"
`)
	write("pid", "")
	write("class.txt", "# name, chapter, role, command\n"+
		"ann 1 client '"+client+"'\n"+
		"bob 02-bye server '"+client+"'\n"+
		"cyd 02-bye server sh leaves.sh pid '"+solution+"'\n"+
		"dee 02-bye server nowhere\n"+
		"eve 01 server go run server.go\n")
	said := grade("class.txt")
	assert.Contains(t, said, "\n2 of 5  bob  02-bye server: 0 of 1 rules, in ")
	rows := strings.Split(read(t, folder+"/class-results/table.csv"), "\n")
	require.Len(t, rows, 7, "%s", said)
	assert.Regexp(t, `^name,chapter,role,kept,of,02-bye,1\.1,1\.2,.*,1\.11$`, rows[0])
	assert.NotRegexp(t, `fail|not tried`, rows[1])
	assert.Regexp(t, `^ann,01,client,\d+,\d+,,pass,`, rows[1])
	assert.Regexp(t, `^bob,02-bye,server,0,1,fail,,`, rows[2])
	assert.Regexp(t, `^cyd,02-bye,server,1,1,pass,,`, rows[3])
	assert.Regexp(t, `^dee,02-bye,server,0,1,fail,,`, rows[4])
	assert.Regexp(t, `^eve,01,server,0,\d+,,(not tried|fail),`, rows[5])
	table := read(t, folder+"/class-results/table.md")
	assert.Contains(t, table, "\n| [eve](eve-01-server.txt) | 01 |")
	assert.Contains(t, read(t, folder+"/class-results/eve-01-server.txt"), "undefined: nothing")
	left, _ := filepath.Glob(os.TempDir() + "/c[0-9]*")
	assert.Empty(t, left)
	if pid := strings.TrimSpace(read(t, folder+"/pid")); runtime.GOOS == "linux" {
		assert.NotEmpty(t, pid)
		assert.NoDirExists(t, "/proc/"+pid)
	}
	write("bad.txt", "ann 9 server cat\nbob 02-bye client cat\ncyd server cat\n"+
		"\ndee 1 server cat\ndee 01 server cat\n")
	assert.Equal(t, "bad.txt:1: there is no chapter or exercise 09\n"+
		"bad.txt:2: 02-bye is for a server\n"+
		"bad.txt:3: it is not NAME CHAPTER server|client COMMAND\n"+
		"bad.txt:6: another line has this name, chapter and role\n", grade("bad.txt"))
}
