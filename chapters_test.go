package sockets

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	update = flag.Bool("update", false, "rewrite the transcripts and the text from what the programs do")
	server = flag.String("server", "", "play the scripts with this `command` as the server")
	client = flag.String("client", "", "play the scripts with this `command` as the client")
)

func Test01Phone(t *testing.T) { testChapter(t, "01-phone") }

// testChapter plays the scripts of a chapter and checks its part of the text.
func testChapter(t *testing.T, stage string) {
	chapter := stage[:2]
	scripts, err := filepath.Glob("testdata/" + chapter + "-*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	theServer, theClient := "./"+stage+"/server", "./"+stage+"/client"
	if *server != "" || *client != "" {
		testscript.Run(t, play(cast{theServer: *server, theClient: *client}, false, scripts...))
		return
	}
	t.Run("go", func(t *testing.T) {
		testscript.Run(t, play(nil, true, scripts...))
	})
	for _, program := range []string{theServer, theClient} {
		t.Run("python-"+filepath.Base(program), func(t *testing.T) {
			if python() == "" {
				t.Skip("there is no python3")
			}
			of := slices.DeleteFunc(slices.Clone(scripts), func(script string) bool {
				text, err := os.ReadFile(script)
				return err == nil && !strings.Contains(string(text), "go run "+program)
			})
			testscript.Run(t, play(cast{program: python() + " testdata/python/" + program + ".py"}, false, of...))
		})
	}
	t.Run("broken", func(t *testing.T) { testBroken(t, chapter, scripts) })
	if *update && t.Failed() {
		t.Fatal("the text is not updated from programs that fail")
	}
	t.Run("text", func(t *testing.T) {
		checkText(t, "tutorial.md", func(text *text) { text.checkBlocks(chapter) })
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

// testBroken checks that each script can fail: one of the programs that are
// wrong on purpose says that it does, and why. A script that shows such a
// program has to fail on the right one.
func testBroken(t *testing.T, chapter string, scripts []string) {
	programs, err := filepath.Glob("testdata/broken/" + chapter + "-*/main.go")
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
			script := "testdata/" + string(m[1]) + ".txtar"
			fail = append(fail, script)
			t.Run(filepath.Base(wrong)+"/"+string(m[1]), func(t *testing.T) {
				t.Parallel()
				mustFail(t, script, cast{right: "go run " + wrong}, string(m[2]))
			})
		}
		for _, script := range scripts {
			if text, err := os.ReadFile(script); err == nil && strings.Contains(string(text), "go run "+wrong) {
				fail = append(fail, script)
				t.Run(filepath.Base(wrong)+"/repaired", func(t *testing.T) {
					t.Parallel()
					mustFail(t, script, cast{wrong: "go run " + right}, ".")
				})
			}
		}
	}
	for _, script := range scripts {
		assert.True(t, slices.Contains(fail, script), "no program is known to fail %s", script)
	}
}

// mustFail plays a script that has to fail, and to say why.
func mustFail(t *testing.T, script string, c cast, why string) {
	var r rehearsal
	testscript.RunT(&r, play(c, true, script))
	switch said := r.log.String(); {
	case r.skipped:
		t.Skip(said)
	case !r.failed:
		t.Errorf("%s does not fail with %v", script, c)
	case !regexp.MustCompile(why).MatchString(said):
		t.Errorf("%s fails with %v, but does not say %q:\n%s", script, c, why, said)
	}
}

// TestExercises plays the scripts of the exercises with their solutions, or
// with the reader's own program, and checks that the stage alone fails them.
func TestExercises(t *testing.T) {
	scripts, err := filepath.Glob("testdata/exercises/*.txtar")
	require.NoError(t, err)
	for _, script := range scripts {
		name := strings.TrimSuffix(filepath.Base(script), ".txtar")
		solution := "./testdata/exercises/" + name
		source, err := os.ReadFile(solution + "/main.go")
		require.NoError(t, err)
		m := replacesLine.FindSubmatch(source)
		require.NotEmpty(t, m, "%s does not say which program it //test:replaces", solution)
		role := roleOf(solution)
		yours := map[string]string{"server": *server, "client": *client}[role]
		t.Run(name, func(t *testing.T) {
			if yours != "" {
				testscript.Run(t, play(cast{solution: yours}, false, script))
				return
			}
			require.Empty(t, *server+*client, "this exercise is played with -%s", role)
			testscript.Run(t, play(nil, true, script))
			t.Run("unsolved", func(t *testing.T) {
				mustFail(t, script, cast{solution: "go run ./" + string(m[1])}, ".")
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
