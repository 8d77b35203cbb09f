package play

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

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
	s.captures[name] = s.keep(cmd)
}

// wire writes the file wire: the packets that were taken, between the calls of
// programs with these titles.
func (s *scene) wire(titles []string) {
	for name, stop := range s.captures {
		stop()
		if *pcap != "" {
			packets := s.ReadFile(name + ".pcap")
			s.Check(os.MkdirAll(*pcap, 0o777))
			file := filepath.Join(*pcap, s.Name()+"-"+name+".pcap")
			s.Check(os.WriteFile(file, []byte(packets), 0o666))
		}
	}
	text, steps, err := wire.List(s.MkAbs("."), titles, len(s.flags) > 0)
	s.Check(err)
	s.walk(steps)
	text, _ = s.ports.show(text, "")
	s.Check(os.WriteFile(s.MkAbs("wire"), []byte(text), 0o666))
}
