package sockets

import (
	"cmp"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/sockets/testdata/play"
	"example.com/sockets/testdata/text"
)

var update = flag.Bool("update", false, "rewrite the transcripts and the text from what the programs do")

func TestMain(m *testing.M) { play.Main(m) }

func Test01Phone(t *testing.T)   { testChapter(t, text.Chapters[0]) }
func Test02Loops(t *testing.T)   { testChapter(t, text.Chapters[1]) }
func Test03UDP(t *testing.T)     { testChapter(t, text.Chapters[2]) }
func Test04Unix(t *testing.T)    { testChapter(t, text.Chapters[3]) }
func Test05Options(t *testing.T) { testChapter(t, text.Chapters[4]) }

// testChapter plays the scripts of a chapter and checks its part of the text.
func testChapter(t *testing.T, c text.Chapter) {
	if !*update {
		t.Parallel()
	}
	folder := "./" + c.Stage + "/"
	scripts, err := filepath.Glob("testdata/" + c.Number() + "-*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	if server, client := *play.Yours["server"], *play.Yours["client"]; server+client != "" {
		exam := (&play.Exam{Title: "chapter " + c.Number()[1:], Run: c.Number()}).Add(play.Staging{Cast: play.Cast{folder + "server": server, folder + "client": client}}, scripts...)
		exam.Add(asAlso(c, cmp.Or(server, "go run "+folder+"server"), cmp.Or(client, "go run "+folder+"client")), alsoPlayedBy(c.Stage)...).Hold(t)
		return
	}
	t.Run("scripts", func(t *testing.T) { testScripts(t, c, scripts) })
	if *update && t.Failed() {
		t.Fatal("the text is not updated from programs that fail")
	}
	t.Run("text", func(t *testing.T) {
		checkText(t, "tutorial.md", func(text *text.Text) { text.CheckBlocks(c.Number()) })
	})
}

var alsoLine = regexp.MustCompile(`(?m)^# also: (.*)$`)

// alsoPlayedBy returns the scripts of other chapters that a program of a stage
// plays too: they say so, as in "# also: 04-unix 05-options/eventloop".
func alsoPlayedBy(name string) (scripts []string) {
	all, _ := filepath.Glob("testdata/*.txtar")
	for _, script := range all {
		data, _ := os.ReadFile(script)
		if m := alsoLine.FindSubmatch(data); m != nil && slices.Contains(strings.Fields(string(m[1])), name) {
			scripts = append(scripts, script)
		}
	}
	return scripts
}

// asAlso is how programs of a stage play the scripts of chapter 2.
func asAlso(c text.Chapter, server, client string) play.Staging {
	if c.Stage == "05-options" {
		client += " -timeout 1m"
	}
	return play.Staging{Unix: c.Stage == "04-unix", Cast: play.Cast{"./02-loops/server": server, "./02-loops/client": client}}
}

// thorough reports whether there is time for all: with the race detector. A
// plain `go test` plays no program in Python, not the event loop with poll, and
// no script with a program on which it has to fail.
func thorough() bool { return play.Race() }

func testScripts(t *testing.T, c text.Chapter, scripts []string) {
	folder := "./" + c.Stage + "/"
	t.Run("go", func(t *testing.T) {
		t.Parallel()
		play.Play(t, play.Staging{Ours: true, Update: *update}, scripts...)
	})
	for _, name := range []string{"server", "eventloop"} {
		also := alsoPlayedBy(strings.TrimSuffix(c.Stage+"/"+name, "/server"))
		if len(also) > 0 {
			t.Run("also-"+name, func(t *testing.T) {
				t.Parallel()
				play.Play(t, asAlso(c, "go run "+folder+name, "go run "+folder+"client"), also...)
			})
		}
	}
	if !thorough() {
		return
	}
	for _, name := range []string{"server", "client", "eventloop"} {
		program := folder + name
		if !play.IsFile(program + "/main.go") {
			continue
		}
		t.Run("python-"+name, func(t *testing.T) {
			t.Parallel()
			python, why := play.Python()
			if why != "" {
				play.Skip(t, why)
			}
			how := play.Staging{Cast: play.Cast{program: python + " testdata/python/" + program + ".py"}}
			play.Play(t, how, startedIn(scripts, program)...)
		})
	}
	if loop := folder + "eventloop"; play.IsFile(loop+"/main_linux.go") && runtime.GOOS == "linux" {
		t.Run("poll-eventloop", func(t *testing.T) {
			t.Parallel()
			how := play.Staging{Ours: true, Cast: play.Cast{loop: "go run -tags=poll " + loop}}
			play.Play(t, how, startedIn(scripts, loop)...)
		})
	}
	t.Run("broken", func(t *testing.T) {
		t.Parallel()
		testBroken(t, c, scripts)
	})
}

// startedIn returns those of the scripts that start a program, but for traces
// and programs that are wrong on purpose.
func startedIn(scripts []string, program string) (those []string) {
	for _, script := range scripts {
		data, _ := os.ReadFile(script)
		text := string(data)
		if strings.Contains(text, "go run "+program) && !strings.Contains(text, "go run ./testdata/broken") &&
			!strings.Contains(text, "-strace") {
			those = append(those, script)
		}
	}
	return those
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
	for _, problem := range checked.Problems {
		t.Error(problem)
	}
	if checked.Unchecked != "" {
		play.Skip(t, checked.Unchecked)
	}
}

// testBroken checks that each script can fail. The programs that are wrong on
// purpose say which scripts fail on them, and why. A script that shows such a
// program has to fail on the right one. And what is left has to fail on the
// programs of the stage before.
func testBroken(t *testing.T, c text.Chapter, scripts []string) {
	programs, err := filepath.Glob("testdata/broken/" + c.Number() + "-*/main.go")
	require.NoError(t, err)
	var fail []string
	for _, program := range programs {
		source, err := os.ReadFile(program)
		require.NoError(t, err)
		replaces := play.ReplacesLine.FindSubmatch(source)
		fails := play.FailsLine.FindAllSubmatch(source, -1)
		require.NotEmpty(t, replaces, "%s does not say which program it //test:replaces", program)
		require.NotEmpty(t, fails, "%s does not say which script it //test:fails", program)
		right, wrong := "./"+string(replaces[1]), "./"+filepath.ToSlash(filepath.Dir(program))
		for _, m := range fails {
			name := string(m[2])
			fail = append(fail, name)
			how := play.Staging{Cast: play.Cast{right: "go run " + wrong}}
			if name[:2] != c.Number() {
				how = asAlso(c, "go run ./"+c.Stage+"/server", "go run ./"+c.Stage+"/client")
				of := "./02-loops/" + play.Role(wrong)
				how.Cast[of] = strings.Replace(how.Cast[of], "./"+c.Stage+"/"+play.Role(wrong), wrong, 1)
			}
			t.Run(filepath.Base(wrong)+"/"+name, func(t *testing.T) {
				t.Parallel()
				play.MustFail(t, "testdata/"+name+".txtar", how, string(m[3]), string(m[1]) == "hangs")
			})
		}
		for _, script := range scripts {
			if text, err := os.ReadFile(script); err == nil && strings.Contains(string(text), "go run "+wrong) {
				fail = append(fail, nameOf(script))
				t.Run(filepath.Base(wrong)+"/repaired", func(t *testing.T) {
					t.Parallel()
					play.MustFail(t, script, play.Staging{Cast: play.Cast{wrong: "go run " + right}}, ".", false)
				})
			}
		}
	}
	for _, script := range scripts {
		if slices.Contains(fail, nameOf(script)) {
			continue
		}
		assert.NotEmpty(t, c.Base, "no program is known to fail %s", script)
		t.Run(c.Base+"/"+nameOf(script), func(t *testing.T) {
			t.Parallel()
			before := play.Cast{"./" + c.Stage + "/server": "go run ./" + c.Base + "/server", "./" + c.Stage + "/client": "go run ./" + c.Base + "/client"}
			before["./"+c.Stage+"/eventloop"] = before["./"+c.Stage+"/server"]
			play.MustFail(t, script, play.Staging{Cast: before}, ".", false)
		})
	}
}

func nameOf(script string) string { return strings.TrimSuffix(filepath.Base(script), ".txtar") }

// TestExercises plays the scripts of the exercises with their solutions, or
// with the reader's own program, and checks that the stage alone fails them.
func TestExercises(t *testing.T) {
	if !*update {
		t.Parallel()
	}
	scripts, err := filepath.Glob("testdata/exercises/*.txtar")
	require.NoError(t, err)
	for _, script := range scripts {
		name := nameOf(script)
		solution := "./testdata/exercises/" + name
		source, err := os.ReadFile(solution + "/main.go")
		require.NoError(t, err)
		m := play.ReplacesLine.FindSubmatch(source)
		require.NotEmpty(t, m, "%s does not say which program it //test:replaces", solution)
		role := play.Role(solution)
		t.Run(name, func(t *testing.T) {
			if !*update {
				t.Parallel()
			}
			if *play.Yours["server"]+*play.Yours["client"] != "" {
				require.NotEmpty(t, *play.Yours[role], "this exercise is played with -%s", role)
				(&play.Exam{Title: "exercise", Run: "Exercises/" + name}).Add(play.Staging{Cast: play.Cast{solution: *play.Yours[role]}}, script).Hold(t)
				return
			}
			play.Play(t, play.Staging{Ours: true, Update: *update}, script)
			if !thorough() {
				return
			}
			t.Run("unsolved", func(t *testing.T) {
				play.MustFail(t, script, play.Staging{Cast: play.Cast{solution: "go run ./" + string(m[1])}}, ".", false)
			})
		})
	}
}

// TestText checks what belongs to no chapter: the README, links, contents.
func TestText(t *testing.T) {
	noChapter := func(text *text.Text) { text.CheckBlocks("") }
	checkText(t, "tutorial.md", noChapter, (*text.Text).CheckLinks, (*text.Text).CheckContents, (*text.Text).CheckCalls, (*text.Text).CheckErrors)
	checkText(t, "README.md", noChapter, (*text.Text).CheckLinks, func(text *text.Text) { text.CheckBlocks("01") })
	for _, problem := range text.CheckScripts(os.DirFS(".")) {
		t.Error(problem)
	}
}
