package sockets

import (
	"cmp"
	"flag"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/sockets/internal/play"
	"example.com/sockets/internal/text"
)

var update = flag.Bool("update", false,
	"rewrite the transcripts and the text from what the programs do")

func TestMain(m *testing.M) { play.Main(m) }

// The last chapter has the longest scripts: they begin first.
func Test05Options(t *testing.T) { testChapter(t, text.Chapters[4]) }
func Test04Unix(t *testing.T)    { testChapter(t, text.Chapters[3]) }
func Test03UDP(t *testing.T)     { testChapter(t, text.Chapters[2]) }
func Test02Loops(t *testing.T)   { testChapter(t, text.Chapters[1]) }
func Test01Phone(t *testing.T)   { testChapter(t, text.Chapters[0]) }

var carried = sync.OnceValue(text.Carry)

// testChapter plays the scripts of a chapter and checks its part of the text.
func testChapter(t *testing.T, c text.Chapter) {
	if !*update {
		t.Parallel()
	}
	folder := "./" + c.Stage + "/"
	scripts := find(t, "testdata/script/"+c.Number()+"-*.txtar")
	if server, client := play.Yours("server"), play.Yours("client"); server+client != "" {
		exam := &play.Exam{Title: "chapter " + c.Number()[1:], Run: c.Number()}
		cast := play.Cast{folder + "server": server, folder + "client": client}
		exam.Add(play.Staging{Cast: cast}, scripts...)
		server = cmp.Or(server, "go run "+folder+"server")
		client = cmp.Or(client, "go run "+folder+"client")
		exam.Add(asAlso(c, server, client), alsoPlayedBy(t, c.Stage)...)
		exam.Hold(t)
		return
	}
	var hand []string
	if *update {
		hand = carried()
	}
	testScripts(t, c, scripts)
	check := func(t *testing.T) {
		checkText(t, "tutorial.md", func(text *text.Text) { text.CheckBlocks(c.Number()) })
	}
	if !*update {
		t.Run("text", check)
		return
	}
	t.Cleanup(func() { // when the scripts have been played
		if !t.Failed() {
			check(t)
		}
		for _, file := range hand {
			if strings.Contains(file, c.Number()+"-") {
				t.Errorf("%s needs a hand: a change of what it is built on does not fit", file)
			}
		}
	})
}

// also returns the programs that play a script of another chapter too, a stage
// or the event loop of one: its line "# also: 04-unix 05-options/eventloop" says so.
func also(t *testing.T, script string) []string {
	_, after, _ := strings.Cut("\n"+read(t, script), "\n# also: ")
	line, _, _ := strings.Cut(after, "\n")
	return strings.Fields(line)
}

// alsoPlayedBy returns the scripts of other chapters that a program plays too.
func alsoPlayedBy(t *testing.T, name string) []string {
	return slices.DeleteFunc(find(t, "testdata/script/*.txtar"), func(script string) bool {
		return !slices.Contains(also(t, script), name)
	})
}

// asAlso is how programs of a stage play the scripts of chapter 2.
func asAlso(c text.Chapter, server, client string) play.Staging {
	if c.Stage == "05-options" {
		client += " -timeout 1m"
	}
	cast := play.Cast{"./02-loops/server": server, "./02-loops/client": client}
	return play.Staging{Unix: c.Stage == "04-unix", Cast: cast}
}

// startedIn returns those of the scripts that start a program, but for traces
// and programs that are wrong on purpose.
func startedIn(t *testing.T, scripts []string, program string) []string {
	others := regexp.MustCompile(`go run \./testdata/broken|-strace`)
	return slices.DeleteFunc(slices.Clone(scripts), func(script string) bool {
		text := read(t, script)
		return !strings.Contains(text, "go run "+program) || others.MatchString(text)
	})
}

// A line of a script that a shell has to read, on the screen or after a word.
var shellLine = regexp.MustCompile(
	`(?m)^(?:\$ |(?:\[\S+\] )*(?:start|run) (?:-\S+ )*\S+ ')(.*?[^-\w\s./:,@=].*?)'?$`)

// typedIn returns those of the scripts that type such a line as the text shows it:
// half of all readers have another shell than sh.
func typedIn(t *testing.T, scripts []string) []string {
	shown := read(t, "tutorial.md")
	typed := slices.DeleteFunc(slices.Clone(scripts), func(script string) bool {
		lines := shellLine.FindAllStringSubmatch(read(t, script), -1)
		return !slices.ContainsFunc(lines, func(m []string) bool {
			return strings.Contains(shown, strings.ReplaceAll(m[1], "''", "'"))
		})
	})
	require.NotEmpty(t, typed)
	return typed
}

// find returns the files that match a pattern. Without one, the test fails.
func find(t *testing.T, pattern string) []string {
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

// read returns the text of a file. Without one, the test fails.
func read(t testing.TB, file string) string {
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(data)
}

// replaced returns the stage program whose place a program takes, as it says.
func replaced(t *testing.T, program string) string {
	m := play.ReplacesLine.FindStringSubmatch(read(t, program+"/main.go"))
	require.NotEmpty(t, m, "%s does not say which program it //test:replaces", program)
	return "./" + m[1]
}

// The languages in which there are programs too, in folders of testdata.
var languages = []struct {
	name, ext string
	command   func() (command, why string) // that runs a program, or why there is none
}{
	{"python", ".py", play.Python},
}

func testScripts(t *testing.T, c text.Chapter, scripts []string) {
	play.Play(t, play.Staging{Ours: true, Update: *update}, scripts...)
	folder := "./" + c.Stage + "/"
	others := func(name string, how play.Staging, scripts []string) {
		if len(scripts) > 0 {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				play.Play(t, how, scripts...)
			})
		}
	}
	if !play.Thorough() {
		return
	}
	for _, name := range []string{"server", "eventloop"} {
		if name == "eventloop" && runtime.GOOS == "windows" {
			continue // it says there that it is for Unix
		}
		how := asAlso(c, "go run "+folder+name, "go run "+folder+"client")
		others("also-"+name, how, alsoPlayedBy(t, strings.TrimSuffix(c.Stage+"/"+name, "/server")))
	}
	if runtime.GOOS == "linux" {
		loop := folder + "eventloop"
		how := play.Staging{Ours: true, Cast: play.Cast{loop: "go run -tags=poll " + loop}}
		others("poll-eventloop", how, startedIn(t, scripts, loop))
	}
	if _, err := exec.LookPath("zsh"); err != nil {
		t.Run("zsh", func(t *testing.T) { play.Skip(t, "there is no zsh") })
	} else {
		others("zsh", play.Staging{Ours: true, Shell: "zsh -f"}, typedIn(t, scripts))
	}
	t.Run("broken", func(t *testing.T) {
		t.Parallel()
		testBroken(t, c, scripts)
	})
	for _, l := range languages {
		command, why := l.command()
		if why != "" {
			t.Run(l.name, func(t *testing.T) { play.Skip(t, why) })
			continue
		}
		for _, name := range []string{"server", "client", "eventloop"} {
			program := command + " testdata/" + l.name + "/" + c.Stage + "/" + name + l.ext
			how := play.Staging{Cast: play.Cast{folder + name: program}}
			others(l.name+"-"+name, how, startedIn(t, scripts, folder+name))
		}
	}
}

// checkText checks a text, and with -update repairs first what it can.
func checkText(t *testing.T, name string, checks ...func(*text.Text)) {
	check := func() *text.Text {
		text := text.Read(os.DirFS("."), name)
		for _, check := range checks {
			check(text)
		}
		return text
	}
	checked := check()
	if repaired, changed := checked.Repair(); *update && changed {
		require.NoError(t, os.WriteFile(name, []byte(repaired), 0o666))
		checked = check()
	}
	if checked.Unchecked != "" { // then it may have taken right blocks for wrong ones
		play.Skip(t, checked.Unchecked)
	}
	for _, problem := range checked.Problems {
		t.Error(problem)
	}
}

// A program in a script that is wrong on purpose.
var shownRE = regexp.MustCompile(`go run (?:-\S+ )*(\./testdata/broken/[\w-]+)`)

// testBroken checks that each script can fail. The programs that are wrong on
// purpose say which scripts fail on them, and why. A script that shows such a
// program has to fail on the right one; or, if that may be the repair of another
// that it shows first, on that one. And what is left has to fail on the programs
// of the stage before.
func testBroken(t *testing.T, c text.Chapter, scripts []string) {
	var fail []string
	for _, program := range find(t, "testdata/broken/"+c.Number()+"-*/main.go") {
		wrong := "./" + path.Dir(filepath.ToSlash(program))
		right := replaced(t, wrong)
		fails := play.FailsLine.FindAllStringSubmatch(read(t, program), -1)
		instead := map[string]string{} // by script that shows it
		for _, script := range scripts {
			shown := shownRE.FindAllStringSubmatch(read(t, script), -1)
			if slices.ContainsFunc(shown, func(m []string) bool { return m[1] == wrong }) {
				instead[script] = right
				if first := shown[0][1]; first != wrong && play.Role(first) == play.Role(wrong) {
					instead[script] = first
				}
				fail = append(fail, script)
			}
			if slices.ContainsFunc(fails, func(m []string) bool { return m[2] == nameOf(script) }) {
				fail = append(fail, script)
			}
		}
		t.Run(path.Base(wrong), func(t *testing.T) {
			t.Parallel()
			for _, m := range fails {
				how := play.Staging{Cast: play.Cast{right: "go run " + wrong}}
				if m[2][:2] != c.Number() {
					program := map[string]string{play.Role(wrong): "go run " + wrong}
					how = asAlso(c, cmp.Or(program["server"], "go run ./"+c.Stage+"/server"),
						cmp.Or(program["client"], "go run ./"+c.Stage+"/client"))
				}
				mustFail(t, m[2], "testdata/script/"+m[2]+".txtar", how, m[3], m[1] == "hangs")
			}
			for script, other := range instead {
				how := play.Staging{Cast: play.Cast{wrong: "go run " + other}}
				mustFail(t, "replaced/"+nameOf(script), script, how, ".", false)
			}
		})
	}
	for _, script := range scripts {
		if slices.Contains(fail, script) {
			continue
		}
		assert.NotEmpty(t, c.Base, "no program is known to fail %s", script)
		stage, base := "./"+c.Stage+"/", "go run ./"+c.Base+"/"
		how := play.Staging{Cast: play.Cast{stage + "server": base + "server",
			stage + "eventloop": base + "server", stage + "client": base + "client"}}
		mustFail(t, c.Base+"/"+nameOf(script), script, how, ".", false)
	}
}

// mustFail plays a script that has to fail, as a subtest.
func mustFail(t *testing.T, name, script string, how play.Staging, why string, hangs bool) {
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		play.MustFail(t, script, how, why, hangs)
	})
}

func nameOf(script string) string { return strings.TrimSuffix(filepath.Base(script), ".txtar") }

// TestExercises plays the scripts of the exercises with their solutions, or
// with the reader's own program, and checks that the stage alone fails them.
func TestExercises(t *testing.T) {
	if !*update {
		t.Parallel()
	}
	for _, script := range find(t, "testdata/exercises/*.txtar") {
		name := nameOf(script)
		solution := "./testdata/exercises/" + name
		unsolved, role := replaced(t, solution), play.Role(solution)
		t.Run(name, func(t *testing.T) {
			if !*update {
				t.Parallel()
			}
			if play.Yours("server")+play.Yours("client") != "" {
				if play.Yours(role) == "" {
					t.Fatalf("exercise %s is for a %[2]s: play it with -%[2]s", name, role)
				}
				how := play.Staging{Cast: play.Cast{solution: play.Yours(role)}}
				exam := &play.Exam{Title: "exercise", Run: "Exercises/" + name}
				exam.Add(how, script).Hold(t)
				return
			}
			play.Play(t, play.Staging{Ours: true, Update: *update}, script)
			if !play.Thorough() {
				return
			}
			how := play.Staging{Cast: play.Cast{solution: "go run " + unsolved}}
			mustFail(t, "unsolved", script, how, ".", false)
		})
	}
}

var tests = sync.OnceValue(func() string { return play.Tests(".") })

func checkLinks(text *text.Text) { text.CheckLinks(tests()) }

// TestText checks what belongs to no chapter: the README, links, contents.
func TestText(t *testing.T) {
	noChapter := func(text *text.Text) { text.CheckBlocks("") }
	checkText(t, "tutorial.md", noChapter, checkLinks, (*text.Text).CheckContents,
		(*text.Text).CheckCalls, (*text.Text).CheckErrors, (*text.Text).CheckIndex)
	checkText(t, "README.md", noChapter, checkLinks,
		func(text *text.Text) { text.CheckBlocks("01") })
	for _, problem := range text.CheckScripts(os.DirFS(".")) {
		t.Error(problem)
	}
}
