package sockets

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/sockets/internal/play"
)

// TestFaults plays the Python originals with a fault in each, as a reader plays a
// program of his own, of which less is compared than of ours, and expects the
// report to show it.
func TestFaults(t *testing.T) {
	onlyThorough(t)
	t.Parallel()
	python, why := play.Python()
	if why != "" {
		play.Skip(t, why)
	}
	const server1, client1 = "01-phone/server.py", "01-phone/client.py"
	const server2, client2 = "02-loops/server.py", "02-loops/client.py"
	const server4, client4 = "04-unix/server.py", "04-unix/client.py"
	const server5, client5 = "05-options/server.py", "05-options/client.py"
	for _, f := range []struct {
		what, run, program, says string
		change                   []string // each into the next
	}{
		{"more said than hello", "01/01-start-client", client1, "receives the end",
			[]string{"    conn.close()", "    conn.sendall(b'.')\n    conn.close()"}},
		{"a reset taken for a reply", "01/01-no-reply", client1, "rule 1.11",
			[]string{"except (OSError", "except ConnectionResetError:\n    pass\nexcept (OSError"}},
		{"no word of a broken connection", "01/01-reset", server1, "rule 1.9",
			[]string{`sys.exit(f"listen {addr}: {str(err).lower()}")`, "sys.exit(1)"}},
		{"a part of a reply not printed", "02/02-hangs-up", client2, `replied "HEL"`,
			[]string{"            if reply:", `            if reply.endswith(b"\n"):`}},
		{"SIGPIPE", "02/02-unsent", client2, "SIGPIPE ended it", []string{"unsent = []",
			"unsent = []\nsignal.signal(signal.SIGPIPE, signal.SIG_DFL)"}},
		{"SIGPIPE", "02/02-gone", server2, "SIGPIPE ended it", []string{"4096", "65536",
			"\n\ntry:", "\n\nsignal.signal(signal.SIGPIPE, signal.SIG_DFL)\ntry:"}},
		{"no word of who reset", "02/02-reset", server2, "hung up",
			[]string{"                break  # a reset", "                peer = None\n" +
				"                break",
				`print(name(peer), "hung`, `peer and print(name(peer), "hung`}},
		{"no word of a lost reply", "03/03-cannot-send", "03-udp/server.py", "rule 3.5",
			[]string{`print(f"{name(sender)}: {str(err).lower()}", file=sys.stderr)`, "pass"}},
		{"its own process as the caller's", "04/04-live", server4, "in server: call",
			[]string{"pid {pid}", "pid {os.getpid()}"}},
		{"a link to a dead server's file replaced", "04/04-others", server4, "it runs",
			[]string{"S_ISSOCK(os.lstat", "S_ISSOCK(os.stat"}},
		{"too long a path cut off", "04/04-bad-input", client4, "status 0",
			[]string{"connect(addr)", "connect(addr[:107])"}},
		{"a live server taken for a dead one", "Exercises/04-look", server4, "prints in use",
			[]string{"== errno.ECONNREFUSED", "!= 0"}},
		{"a lock that outlives its server", "Exercises/04-once", server4, "status 1",
			[]string{"    descriptor =", "    if os.path.exists(path):\n" +
				"        sys.exit(addr + ' in use')\n    descriptor =",
				"    os.close(lock_file)", "    os.remove(addr + '.lock')"}},
		{"its own process as the server's", "Exercises/04-who-answers", client4, "pid 1001",
			[]string{`print(">>: "`, `import os; ` +
				`print(f"the server is pid {os.getpid()}, uid {os.getuid()}\n>>: "`}},
		{"SIGPIPE", "05/05-gone", server5, "SIGPIPE ended it", []string{"    warned = 0",
			"    warned = 0; signal.signal(signal.SIGPIPE, signal.SIG_DFL)"}},
		{"a reset taken for silence", "05/05-gone", server5, "was silent for",
			[]string{`f"broke the call: {str(err).lower()}"`, `f"{why} {args.idle}"`}},
		{"a time in other words", "05/05-idle", server5, "silent for 0.5s",
			[]string{"{why} {args.idle}", "{why} {idle}s"}},
		{"a reply waited for that came", "05/05-cut-line", client5, "for a reply from",
			[]string{`waited("somebody to listen at")`, `waited("a reply from")`}},
		{"a reset taken for silence", "05/05-no-reply", client5, "in dan: no waited",
			[]string{"            raise piece", `            waited("a reply from")`}},
	} {
		t.Run(f.run+" "+f.what, func(t *testing.T) {
			t.Parallel()
			source := read(t, "testdata/python/"+f.program)
			for i := 0; i < len(f.change); i += 2 {
				require.Contains(t, source, f.change[i])
			}
			wrong := filepath.Join(t.TempDir(), "wrong.py")
			source = strings.NewReplacer(f.change...).Replace(source)
			require.NoError(t, os.WriteFile(wrong, []byte(source), 0o666))
			role := strings.TrimSuffix(filepath.Base(f.program), ".py")
			cmd := exec.Command(os.Args[0], "-test.run", f.run, "-"+role, python+" "+wrong)
			out, err := cmd.CombinedOutput()
			assert.Error(t, err, "%s", out)
			report, _, _ := strings.Cut(string(out), "\nAll of it:")
			assert.Regexp(t, f.says, report)
		})
	}
}
