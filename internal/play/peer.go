package play

import (
	"net"
	"net/netip"
	"strings"
)

// A peer is the script itself at one end of a connection: it can do what a
// well-behaved program never does.
type peer struct {
	ln   net.Listener // of one that answers, until somebody calls
	conn net.Conn
}

// A letterbox is a UDP socket that answers who wrote last. But an answer in
// capital letters goes to who wrote the same in small ones.
type letterbox struct {
	*net.UDPConn
	ports   *ports
	sender  netip.AddrPort
	senders map[string]netip.AddrPort
}

func newLetterbox(conn *net.UDPConn, p *ports) *letterbox {
	return &letterbox{UDPConn: conn, ports: p, senders: map[string]netip.AddrPort{}}
}

func (l *letterbox) Read(p []byte) (n int, err error) {
	n, l.sender, err = l.ReadFromUDPAddrPort(p)
	l.ports.show(l.sender.String(), "")
	l.senders[strings.ToUpper(string(p[:n]))] = l.sender
	return n, err
}

func (l *letterbox) Write(p []byte) (int, error) {
	if sender, ok := l.senders[string(p)]; ok {
		return l.WriteToUDPAddrPort(p, sender)
	}
	return l.WriteToUDPAddrPort(p, l.sender)
}
