package play

import (
	"fmt"
	"os"
	"strings"

	"example.com/sockets/internal/wire"
)

// saw notes the lines that the script has read, on the screens that it compares,
// in the order of its words: it is the same each time. A script that compares
// that too finds it in the file order.
func (s *scene) saw() {
	if _, err := os.Stat(s.MkAbs("order.want")); err != nil {
		return
	}
	for name, t := range s.terminals { // a word reads one of them
		if _, err := os.Stat(s.MkAbs(name + ".want")); err != nil {
			continue
		}
		lines := strings.Count(t.screen[:t.read], "\n")
		if t.waited && !strings.HasSuffix(t.screen, "\n") {
			lines++ // no more comes to the last one
		}
		for ; t.seen < lines; t.seen++ {
			s.order = append(s.order, name)
		}
	}
	runs := ""
	for i, n := 0, 1; i < len(s.order); i, n = i+n, 1 {
		for i+n < len(s.order) && s.order[i+n] == s.order[i] {
			n++
		}
		runs += fmt.Sprintf("%s %d\n", s.order[i], n)
	}
	s.Check(os.WriteFile(s.MkAbs("order"), []byte(runs), 0o666))
}

// walk puts the lines of a listing between those of the screens: each as soon as its
// program has shown what it had when it sent this.
func (s *scene) walk(steps []wire.Step) {
	var order []string
	shown := map[string]int{}
	for i := range len(s.order) + 1 {
		rest := s.order[i:]
		for len(steps) > 0 && (shown[steps[0].Terminal] >= steps[0].Lines || len(rest) == 0) {
			order, steps = append(order, "wire"), steps[1:]
		}
		if len(rest) > 0 {
			order = append(order, rest[0])
			shown[rest[0]]++
		}
	}
	s.order = order
}
