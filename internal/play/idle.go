package play

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *scene) until(args []string) {
	name := args[0]
	if args[1] != "idle" {
		s.Fatalf("until %s waits for idle alone", name)
	}
	s.now.want = name + " waits, and uses no processor time"
	group := strconv.Itoa(s.terminal(name).cmd.Process.Pid)
	processes, _ := filepath.Glob("/proc/[0-9]*")
	processes = slices.DeleteFunc(processes, func(folder string) bool {
		return readStat(folder).group != group
	})
	rests, most, before := 0, time.Duration(0), time.Duration(0)
	s.wait(func() bool {
		used, works := work(processes)
		if before == 0 {
			most = used + s.patience/8
		} else if used > most && s.patience < time.Minute { // an eighth of the time: it spins
			s.Fatalf("%s is not idle", name)
		}
		rests++
		if works || used-before > time.Millisecond/2 { // more than to look at the time
			rests = 0
		}
		before = used
		return rests == 8
	}, "%s is not idle", name)
}

// work returns how long processes have run, with all their threads, and whether
// one of these runs now.
func work(processes []string) (used time.Duration, works bool) {
	for _, process := range processes {
		threads, _ := filepath.Glob(process + "/task/*") // there may be new ones
		for _, thread := range threads {
			stat := readStat(thread)
			used += stat.ran
			works = works || stat.state == "R"
		}
	}
	return used, works
}

// A stat is what /proc tells of a process or a thread.
type stat struct {
	state, group string
	ran          time.Duration
}

// readStat reads it. It is empty if there is no such process.
func readStat(folder string) (s stat) {
	text, _ := os.ReadFile(folder + "/stat")
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 3 {
		return s
	}
	s.state, s.group = fields[0], fields[2]
	text, _ = os.ReadFile(folder + "/schedstat")
	fmt.Sscan(string(text), (*int64)(&s.ran))
	return s
}
