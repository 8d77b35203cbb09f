package play

import (
	"fmt"
	"slices"
	"strings"
)

// A word of the scripts: how it is written, its flags first, how many arguments
// it takes without its flags, and what does it. testdata/README.md says what it means.
type word struct {
	name, usage string
	min, max    int
	do          func(s *scene, args []string) // it fails the script
}

const many = 1 << 10

var words = []word{
	{"start", "[-strace|-strace=waits|-unprivileged|-alone|-wire] NAME COMMAND", 2, many,
		(*scene).start},
	{"hosts", "[-router|-narrow] NAME NAME", 2, 2, (*scene).hosts},
	{"cable", "NAME out|in", 2, 2, (*scene).cable},
	{"firewall", "[-fragments] NAME [RULE...]", 1, many, (*scene).firewall},
	{"sysctl", "NAME KEY VALUE", 3, 3, (*scene).sysctl},
	{"wire", "[-accepts] NAME NAME...", 2, many, (*scene).wire},
	{"run", "STATUS COMMAND", 2, many, (*scene).run},
	{"await", "NAME PATTERN", 2, 2, (*scene).await},
	{"type", "NAME LINE", 2, 2, (*scene).typeLine},
	{"eof", "NAME [STATUS]", 1, 2, (*scene).eof},
	{"interrupt", "NAME [-TERM|-KILL] [STATUS]", 1, 3, (*scene).interrupt},
	{"signal", "NAME SIGNAL", 2, 2, (*scene).signal},
	{"exit", "NAME [STATUS]", 1, 2, (*scene).exit},
	{"until", "NAME idle", 2, 2, (*scene).until},
	{"file", "NAME TEXT [TIMES] [TEXT TIMES]...", 2, many, (*scene).file},
	{"dial", "NAME ADDRESS [udp]", 2, 3, (*scene).dial},
	{"listen", "NAME ADDRESS [udp]", 2, 3, (*scene).listen},
	{"send", "[-apart|-background] NAME TEXT [TIMES]", 2, 3, (*scene).send},
	{"recv", "NAME (TEXT [TIMES] | -eof | -reset)", 2, 3, (*scene).recv},
	{"ask", "NAME TEXT [ANSWER]", 2, 3, (*scene).ask},
	{"shutdown", "NAME", 1, 1, (*scene).shutdown},
	{"close", "NAME [-reset]", 1, 2, (*scene).close},
	{"echo", "NAME", 1, 1, (*scene).echo},
	{"crowd", "NAME TIMES ADDRESS [udp] [STEP...]", 3, many, (*scene).crowd},
}

// take cuts the flags off a word's arguments, and returns how the word is
// used if there are too few or too many.
func (w word) take(args []string) (flags, rest []string, err error) {
	known, _, _ := strings.Cut(strings.TrimPrefix(w.usage, "["), "] NAME")
	for len(args) > 0 && strings.HasPrefix(args[0], "-") &&
		slices.Contains(strings.Split(known, "|"), args[0]) {
		flags, args = append(flags, args[0]), args[1:]
	}
	if len(args) < w.min || len(args) > w.max {
		err = fmt.Errorf("usage: %s %s", w.name, w.usage)
	}
	return flags, args, err
}

// Words returns how the table of testdata/README.md begins for each word.
func Words() (rows []string) {
	for _, w := range words {
		usage := strings.ReplaceAll(w.usage, "|", `\|`)
		rows = append(rows, fmt.Sprintf("| `%s` | `%s` | ", w.name, usage))
	}
	return rows
}
