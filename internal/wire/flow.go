package wire

import (
	"fmt"
	"net/netip"
	"strings"
)

// A flow is what was seen so far of one direction of a connection of TCP.
type flow struct {
	syn, fin uint32 // what confirms them, or 0
	next     uint32 // the number of the next byte
	window   uint16
	probing  bool
	acked    bool // the handshake is over
	finished bool // the peer's end is confirmed
}

type flows map[[2]netip.AddrPort]*flow

func (fs flows) of(from, to netip.AddrPort) *flow {
	key := [2]netip.AddrPort{from, to}
	if fs[key] == nil {
		fs[key] = &flow{}
	}
	return fs[key]
}

// describe says what a packet is, and what kind of call sends such. The text is
// empty for a mere confirmation.
func (fs flows) describe(p *packet) (text, kind string) {
	switch {
	case p.protocol == icmp:
		return p.icmp, ""
	case p.offset > 0 || p.more:
		first := max(p.offset-8, 0) + 1 // before it are 8 bytes of UDP's own
		return fmt.Sprintf("bytes %s to %s", number(first), number(first+len(p.data)-1)), "data"
	case p.protocol == udp:
		return data(len(p.data), fmt.Sprintf("%q", p.data)), "data"
	}
	f, peer := fs.of(p.from, p.to), fs.of(p.to, p.from)
	end := p.seq + uint32(len(p.data))
	if p.flags&(syn|fin) != 0 {
		end++
	}
	var said []string
	again := f.next != 0 && int32(end-f.next) <= 0
	switch {
	case p.flags&rst != 0:
		said, kind = append(said, "RST"), "end"
	case p.flags&syn != 0:
		said, kind = append(said, "SYN"), "syn"
		if p.flags&acks != 0 {
			said, kind = append(said, "ACK"), ""
		}
		f.syn = end
	case end == p.seq && f.next != 0 && int32(end-f.next) < 0:
		said = append(said, "keep-alive")
		if peer.window == 0 {
			said = []string{"is there room?"}
		}
		f.probing, again = true, false
	case end == p.seq: // a mere confirmation
		again = false
		opens := p.ack == peer.syn && !f.acked
		closes := p.ack == peer.fin && f.fin != 0 && !f.finished
		if opens || closes || peer.probing || p.window == 0 {
			said = append(said, "ACK")
		}
		f.acked, f.finished = true, f.finished || p.ack == peer.fin
		peer.probing = false
	case len(p.data) > 0:
		said, kind = append(said, data(len(p.data), fmt.Sprintf("%q", p.data))), "data"
	}
	if p.flags&fin != 0 {
		said, f.fin = append(said, "FIN"), end
		if kind == "" {
			kind = "end"
		}
	}
	if p.window == 0 && p.flags&rst == 0 {
		said = append(said, "window 0")
	}
	if again && p.flags&rst == 0 {
		said = append(said, "again")
	}
	if end != p.seq && !again {
		f.next = end
	}
	f.window = p.window
	return strings.Join(said, ", "), kind
}
