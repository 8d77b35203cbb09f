package play

import (
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"example.com/sockets/internal/proc"
	"example.com/sockets/internal/wire"
)

var pcap = flag.String("pcap", "", "keep the packets of each scene on the wire in this `folder`")

// takePackets takes the packets of a host from now on, but for those of a router.
func (s *scene) takePackets(name string, h host) {
	if name == "router" || s.captures[name] != nil {
		return
	}
	self, err := os.Executable()
	s.Check(err)
	cmd := exec.Command(h[0], append(slices.Clone(h[1:]), self)...)
	cmd.Env = append(os.Environ(), wire.Capturing+"="+s.MkAbs(name+".pcap"))
	stdin, err := cmd.StdinPipe()
	s.Check(err)
	stdout, err := cmd.StdoutPipe()
	s.Check(err)
	s.Check(proc.Start(cmd))
	stop := func() {
		if stdin.Close() == nil {
			proc.Wait(cmd)
		}
	}
	s.Defer(stop)
	_, err = io.ReadFull(stdout, make([]byte, len("up\n")))
	s.Check(err)
	s.captures[name] = stop
}

// wire writes the file wire: the packets that were taken, between the calls of
// these programs, the last of them at the right.
func (s *scene) wire(programs []string) {
	taken := wire.Scene{Programs: programs, Show: strings.Join(s.flags, "")}
	for name, stop := range s.captures {
		stop()
		taken.Captures = append(taken.Captures, s.MkAbs(name+".pcap"))
	}
	for _, name := range programs {
		taken.Traces = append(taken.Traces, s.MkAbs(name+".wire"))
	}
	if *pcap != "" {
		s.Check(os.MkdirAll(*pcap, 0o777))
		taken.Pcap = filepath.Join(*pcap, s.Name()+".pcap")
	}
	text, steps, err := taken.List()
	s.Check(err)
	s.walk(steps)
	text, _ = s.ports.show(text, "")
	s.Check(os.WriteFile(s.MkAbs("wire"), []byte(text), 0o666))
	lines := strings.Split(text, "\n")
	wide := slices.ContainsFunc(lines, func(line string) bool { return len(line) > 88 })
	if len(lines) > 15 || wide { // the last is empty
		s.Fatalf("the listing is too long or too wide:\n%s", text)
	}
}
