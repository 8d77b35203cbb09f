package wire

import (
	"fmt"
	"net/netip"
)

// A flow is what was seen so far of one direction of a connection of TCP.
type flow struct {
	next  uint32 // the number of the next byte
	mark  uint32 // what confirms its SYN or FIN, or 0
	ended bool
	full  bool // it has said that its window is 0
}

// flows are those of a scene, by their two ends.
type flows map[[2]netip.AddrPort]flow

// describe says what a packet is, and what kind of call sends such. The text is
// empty for a confirmation, but for that of a handshake or of a connection's end,
// for one that closes or opens the window, and for one that is waited for.
func (fs flows) describe(p *packet, waits bool) (text, kind string) {
	text, kind = data(len(p.data), fmt.Sprintf("%q", p.data)), "data"
	switch {
	case p.protocol == icmp && p.data[1] == 3:
		return "port unreachable", ""
	case p.protocol == icmp:
		return "unreachable", ""
	case p.offset > 0 || p.more:
		first := max(p.offset-8, 0) + 1 // before it are 8 bytes of UDP's own
		return fmt.Sprintf("bytes %s-%s", number(first), number(first+len(p.data)-1)), kind
	case p.protocol == udp:
		return text, kind
	case p.flags&rst != 0:
		return "RST", "end"
	}
	here, there := [2]netip.AddrPort{p.from, p.to}, [2]netip.AddrPort{p.to, p.from}
	f, peer := fs[here], fs[there]
	next := p.seq + uint32(len(p.data))
	if p.flags&(syn|fin) != 0 {
		next++
		f.mark, f.ended = next, p.flags&fin != 0
	}
	again := f.next != 0 && int32(next-f.next) <= 0
	switch {
	case next == p.seq: // it carries nothing
		confirms := p.ack == peer.mark && f.ended == peer.ended
		if text, kind = "", ""; again && next != f.next {
			text = "keep-alive"
		} else if waits || confirms || f.full != (p.window == 0) {
			text = "ACK"
		}
		if p.ack == peer.mark {
			peer.mark = 0
		}
		again, next = false, f.next
	case p.flags&(syn|acks) == syn:
		text, kind = "SYN", "syn"
	case p.flags&syn != 0:
		text, kind = "SYN, ACK", ""
	case len(p.data) == 0:
		text, kind = "FIN", "end"
	case p.flags&fin != 0:
		text += ", FIN"
	}
	if again {
		text += ", again"
	} else {
		f.next = next
	}
	if f.full = p.window == 0; f.full {
		text += ", window 0"
	}
	fs[here], fs[there] = f, peer
	return text, kind
}
