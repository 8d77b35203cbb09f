// Package wire takes the packets of a network, and shows them between the system
// calls that sent them.
package wire

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"net/netip"
	"os"
	"slices"
	"time"
)

// Capturing is the variable that names the file for a program that shall take
// packets. It prints a line when it begins, and ends with its input.
const Capturing = "SOCKETS_CAPTURE"

// The head of a pcap file: nanoseconds, and Linux's cooked headers.
var header = func() []byte {
	var b bytes.Buffer
	binary.Write(&b, binary.NativeEndian, []uint32{0xa1b23c4d, 4<<16 | 2, 0, 0, 1 << 18, 113})
	return b.Bytes()
}()

// A packet is one of TCP or UDP, or ICMP's word on one. Seen at both ends, it is
// one packet; lost if it left one machine and did not arrive at the other.
type packet struct {
	record   []byte // of the pcap file
	time     time.Duration
	leaving  bool
	lost     bool
	protocol byte
	from, to netip.AddrPort // a fragment but the first has no ports
	offset   int            // of a fragment
	more     bool           // fragments follow
	flags    byte           // of TCP
	window   uint16
	seq, ack uint32
	data     []byte
	icmp     string
}

// The flags of TCP.
const (
	fin = 1 << iota
	syn
	rst
	psh
	acks
)

const tcp, udp, icmp = 6, 17, 1 // protocols

// parse reads an IPv4 packet. Of others there is nothing to see.
func (p *packet) parse(b []byte) bool {
	if len(b) < 20 || b[0]>>4 != 4 {
		return false
	}
	fragment := binary.BigEndian.Uint16(b[6:])
	p.offset, p.more, p.protocol = int(fragment&0x1fff)*8, fragment&0x2000 != 0, b[9]
	src, _ := netip.AddrFromSlice(b[12:16])
	dst, _ := netip.AddrFromSlice(b[16:20])
	b = b[b[0]&15*4 : min(len(b), int(binary.BigEndian.Uint16(b[2:])))]
	if p.offset > 0 {
		p.from, p.to, p.data = netip.AddrPortFrom(src, 0), netip.AddrPortFrom(dst, 0), b
		return true
	}
	if len(b) < 8 || p.protocol == tcp && len(b) < 20 {
		return false
	}
	p.from = netip.AddrPortFrom(src, binary.BigEndian.Uint16(b))
	p.to = netip.AddrPortFrom(dst, binary.BigEndian.Uint16(b[2:]))
	switch p.protocol {
	case tcp:
		p.seq, p.ack = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
		p.flags, p.window, p.data = b[13], binary.BigEndian.Uint16(b[14:]), b[b[12]>>4*4:]
	case udp:
		p.data = b[8:]
	case icmp:
		var about packet // the packet that it answers begins here
		ok := b[0] == 3 && about.parse(b[8:])
		p.icmp, p.from, p.to = unreachable[b[1]], about.to, about.from
		return ok
	}
	return p.protocol == tcp || p.protocol == udp
}

// What ICMP says of a packet that did not reach its end, by number.
var unreachable = map[byte]string{
	1: "host unreachable", 3: "port unreachable", 4: "too big", 13: "not allowed",
}

// recorded is the time in a record of a pcap file.
func recorded(b []byte) time.Duration {
	seconds, nano := binary.NativeEndian.Uint32(b), binary.NativeEndian.Uint32(b[4:])
	return time.Duration(seconds)*time.Second + time.Duration(nano)
}

// packets reads pcap files that were taken at the same time, one on each machine,
// and puts together what belongs together. It fails if a file cannot be read.
func packets(files []string) ([]*packet, error) {
	var all []*packet
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for data = data[len(header):]; len(data) > 0; {
			n := 16 + binary.NativeEndian.Uint32(data[8:])
			p := &packet{record: data[:n], time: recorded(data), leaving: data[17] == 4}
			if p.parse(data[32:n]) {
				all = append(all, p)
			}
			data = data[n:]
		}
	}
	slices.SortStableFunc(all, func(a, b *packet) int { return cmp.Compare(a.time, b.time) })
	return pair(all), nil
}

// pair makes one of the two that both ends have seen of a packet.
func pair(all []*packet) []*packet {
	type key struct {
		protocol, flags byte
		from, to        netip.AddrPort
		seq             uint32
		offset, length  int
	}
	sent := map[key][]*packet{}
	var pairs []*packet
	for _, p := range all {
		k := key{p.protocol, p.flags, p.from, p.to, p.seq, p.offset, len(p.data)}
		if last := len(sent[k]) - 1; !p.leaving && last >= 0 { // of those sent again, it is the last
			sent[k][last].lost = false
			sent[k] = sent[k][:last]
			continue
		}
		pairs = append(pairs, p)
		if p.lost = p.leaving; p.leaving {
			sent[k] = append(sent[k], p)
		}
	}
	return pairs
}
