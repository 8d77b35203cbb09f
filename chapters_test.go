package sockets

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	update = flag.Bool("update", false, "rewrite the transcripts and the text from what the programs do")
	server = flag.String("server", "", "play the scripts with this `command` as the server")
	client = flag.String("client", "", "play the scripts with this `command` as the client")
)

// A chapter has the number of its stage, the folder of its programs. They
// build on those of another stage, except for the first.
type chapter struct{ stage, base string }

var chapters = []chapter{
	{"01-phone", ""},
	{"02-loops", "01-phone"},
	{"03-udp", "02-loops"},
	{"04-unix", "02-loops"},
	{"05-options", "02-loops"},
}

func Test01Phone(t *testing.T)   { chapters[0].test(t) }
func Test02Loops(t *testing.T)   { chapters[1].test(t) }
func Test03UDP(t *testing.T)     { chapters[2].test(t) }
func Test04Unix(t *testing.T)    { chapters[3].test(t) }
func Test05Options(t *testing.T) { chapters[4].test(t) }

func (c chapter) number() string { return c.stage[:2] }

// test plays the scripts of a chapter and checks its part of the text.
func (c chapter) test(t *testing.T) {
	if !*update {
		t.Parallel()
	}
	scripts, err := filepath.Glob("testdata/" + c.number() + "-*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	if *server != "" || *client != "" {
		testscript.Run(t, play(staging{cast: cast{"./" + c.stage + "/server": *server, "./" + c.stage + "/client": *client}}, scripts...))
		return
	}
	t.Run("scripts", func(t *testing.T) { c.testScripts(t, scripts) })
	if *update && t.Failed() {
		t.Fatal("the text is not updated from programs that fail")
	}
	t.Run("text", func(t *testing.T) {
		checkText(t, "tutorial.md", func(text *text) { text.checkBlocks(c.number()) })
	})
}

// thorough reports whether there is time for all: with the race detector. In
// a plain `go test`, Python plays a few scripts of each chapter, and those that
// no program of their own fails are not played with the stage before.
func thorough() bool { return raceDetector() }

var python3Plays = regexp.MustCompile(`-(phone|loops|udp|unix|networks|idle|eventloop|bytes|input|queue|empty|stop|lost)\.txtar$`)

func (c chapter) testScripts(t *testing.T, scripts []string) {
	theServer, theClient := "./"+c.stage+"/server", "./"+c.stage+"/client"
	t.Run("go", func(t *testing.T) {
		t.Parallel()
		testscript.Run(t, play(staging{ours: true}, scripts...))
	})
	programs := []string{theServer, theClient}
	if loop := "./" + c.stage + "/eventloop"; isFile(loop + "/main.go") {
		programs = append(programs, loop)
	}
	for _, program := range programs {
		t.Run("python-"+filepath.Base(program), func(t *testing.T) {
			t.Parallel()
			if python() == "" {
				t.Skip("there is no python3")
			}
			of := slices.DeleteFunc(slices.Clone(scripts), func(script string) bool {
				text, err := os.ReadFile(script)
				return err == nil && (!thorough() && !python3Plays.MatchString(script) || !strings.Contains(string(text), "go run "+program) || strings.Contains(string(text), "go run ./testdata/broken"))
			})
			testscript.Run(t, play(staging{cast: cast{program: python() + " testdata/python/" + program + ".py"}}, of...))
		})
	}
	t.Run("broken", func(t *testing.T) {
		t.Parallel()
		c.testBroken(t, scripts)
	})
}

// checkText checks a text, and with -update repairs first what it can.
func checkText(t *testing.T, name string, checks ...func(*text)) {
	read := func() *text {
		text := readText(".", name)
		for _, check := range checks {
			check(text)
		}
		return text
	}
	text := read()
	if *update {
		require.NoError(t, text.save())
		text = read()
	}
	for _, problem := range text.problems {
		t.Error(problem)
	}
}

// testBroken checks that each script can fail. The programs that are wrong on
// purpose say which scripts fail on them, and why. A script that shows such a
// program has to fail on the right one. And what is left has to fail on the
// programs of the stage before.
func (c chapter) testBroken(t *testing.T, scripts []string) {
	programs, err := filepath.Glob("testdata/broken/" + c.number() + "-*/main.go")
	require.NoError(t, err)
	var fail []string
	for _, program := range programs {
		source, err := os.ReadFile(program)
		require.NoError(t, err)
		replaces := replacesLine.FindSubmatch(source)
		fails := failsLine.FindAllSubmatch(source, -1)
		require.NotEmpty(t, replaces, "%s does not say which program it //test:replaces", program)
		require.NotEmpty(t, fails, "%s does not say which script it //test:fails", program)
		right, wrong := "./"+string(replaces[1]), "./"+filepath.Dir(program)
		for _, m := range fails {
			script := "testdata/" + string(m[2]) + ".txtar"
			fail = append(fail, script)
			how := staging{cast: cast{right: "go run " + wrong}}
			if string(m[1]) == "hangs" {
				how.patience = time.Second
			}
			t.Run(filepath.Base(wrong)+"/"+string(m[2]), func(t *testing.T) {
				t.Parallel()
				mustFail(t, script, how, string(m[3]))
			})
		}
		for _, script := range scripts {
			if text, err := os.ReadFile(script); err == nil && strings.Contains(string(text), "go run "+wrong) {
				fail = append(fail, script)
				t.Run(filepath.Base(wrong)+"/repaired", func(t *testing.T) {
					t.Parallel()
					mustFail(t, script, staging{cast: cast{wrong: "go run " + right}, patience: time.Second / 2}, ".")
				})
			}
		}
	}
	for _, script := range scripts {
		if slices.Contains(fail, script) || !thorough() {
			continue
		}
		assert.NotEmpty(t, c.base, "no program is known to fail %s", script)
		t.Run(c.base+"/"+filepath.Base(script), func(t *testing.T) {
			t.Parallel()
			before := cast{"./" + c.stage + "/server": "go run ./" + c.base + "/server", "./" + c.stage + "/client": "go run ./" + c.base + "/client"}
			before["./"+c.stage+"/eventloop"] = before["./"+c.stage+"/server"]
			mustFail(t, script, staging{cast: before, patience: time.Second / 2}, ".")
		})
	}
}

// mustFail plays a script that has to fail, and to say why.
func mustFail(t *testing.T, script string, how staging, why string) {
	how.ours = true
	var r rehearsal
	testscript.RunT(&r, play(how, script))
	switch said := r.log.String(); {
	case r.skipped:
		t.Skip(said)
	case !r.failed:
		t.Errorf("%s does not fail with %v", script, how.cast)
	case !regexp.MustCompile(why).MatchString(said):
		t.Errorf("%s fails with %v, but does not say %q:\n%s", script, how.cast, why, said)
	}
}

// TestExercises plays the scripts of the exercises with their solutions, or
// with the reader's own program, and checks that the stage alone fails them.
func TestExercises(t *testing.T) {
	if !*update {
		t.Parallel()
	}
	scripts, err := filepath.Glob("testdata/exercises/*.txtar")
	require.NoError(t, err)
	for _, script := range scripts {
		name := strings.TrimSuffix(filepath.Base(script), ".txtar")
		solution := "./testdata/exercises/" + name
		source, err := os.ReadFile(solution + "/main.go")
		require.NoError(t, err)
		m := replacesLine.FindSubmatch(source)
		require.NotEmpty(t, m, "%s does not say which program it //test:replaces", solution)
		_, role := partOf(solution)
		yours := map[string]string{"server": *server, "client": *client}[role]
		t.Run(name, func(t *testing.T) {
			if !*update {
				t.Parallel()
			}
			if yours != "" {
				testscript.Run(t, play(staging{cast: cast{solution: yours}}, script))
				return
			}
			require.Empty(t, *server+*client, "this exercise is played with -%s", role)
			testscript.Run(t, play(staging{ours: true}, script))
			t.Run("unsolved", func(t *testing.T) {
				mustFail(t, script, staging{cast: cast{solution: "go run ./" + string(m[1])}, patience: time.Second / 2}, ".")
			})
		})
	}
}

// TestText checks what belongs to no chapter: the README, links, contents.
func TestText(t *testing.T) {
	noChapter := func(text *text) { text.checkBlocks("") }
	checkText(t, "tutorial.md", noChapter, (*text).checkLinks, (*text).checkContents)
	checkText(t, "README.md", noChapter, (*text).checkLinks, func(text *text) { text.checkBlocks("01") })
	for _, problem := range checkScripts(".") {
		t.Error(problem)
	}
}
