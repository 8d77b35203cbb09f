package text

import (
	"regexp"
	"slices"
	"strings"
)

// The first lines of pictures that are known to work.
var pictures = []string{"sequenceDiagram", "flowchart TB", "xychart-beta horizontal"}

// A line of a sequence diagram.
var sequenceRE = regexp.MustCompile(`^(\w+)-?->>(\w+): |^(participant|Note|loop|alt|else|opt|end)\b`)

// checkPicture checks that a Mermaid block is of a kind that is known to work,
// and that a sequence diagram introduces who speaks in it, four at most: more
// are too small on a telephone.
func (t *Text) checkPicture(_ []string, blocks []*block) {
	b := blocks[0]
	kind := strings.Join(b.lines[:min(1, len(b.lines))], "")
	if !slices.Contains(pictures, kind) {
		t.problem(b.first, "the first line of a picture is one of %q", pictures)
		return
	}
	known := map[string]bool{"": true}
	for i, line := range b.lines[1:] {
		line = strings.TrimSpace(line)
		if who, ok := strings.CutPrefix(line, "participant "); ok {
			known[strings.Fields(who)[0]] = true
		}
		m := sequenceRE.FindStringSubmatch(line)
		switch {
		case strings.ContainsAny(line, ";#") || kind == pictures[0] && m == nil:
			t.problem(b.first+1+i, "not a line for a picture: %s", line)
		case kind == pictures[0] && !(known[m[1]] && known[m[2]]):
			t.problem(b.first+1+i, "%s or %s is no participant", m[1], m[2])
		}
	}
	if len(known) > 5 {
		t.problem(b.first, "a picture has four participants at most")
	}
}
