// Package wire takes the packets of a network, and shows them between the system
// calls that sent them.
package wire

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Capturing is the variable that names the file for a program that shall take
// packets. It prints a line when it begins, and ends with its input.
const Capturing = "SOCKETS_CAPTURE"

// The head of a pcap file: times have nanoseconds, its version is 2.4, and each
// packet has a cooked header of Linux.
var header = []uint32{0xa1b23c4d, 2<<16 | 4, 0, 0, 1 << 18, 113}

// A record is before each packet in a pcap file. It ends with that header.
type record struct {
	Seconds, Nano, Taken, Length uint32
	Direction, Hardware          uint16
	_                            [5]uint16
	Protocol                     uint16
}

// Numbers in a record.
const leaving, loopback = 4, 772

func (r *record) time() time.Duration {
	return time.Duration(r.Seconds)*time.Second + time.Duration(r.Nano)
}

// A packet is one of TCP or UDP, or ICMP's word on one.
type packet struct {
	record
	name     string // it is the same on both machines
	lost     bool   // it left one machine, and did not arrive at the other
	protocol byte
	from, to netip.AddrPort
	offset   int  // of a fragment
	more     bool // fragments follow
	flags    byte // of TCP
	window   uint16
	seq, ack uint32
	data     []byte
}

const icmp, tcp, udp = 1, 6, 17         // protocols
const fin, syn, rst, acks = 1, 2, 4, 16 // flags

// parse reads an IPv4 packet. A fragment that is not the first one has no ports.
func (p *packet) parse(b []byte) {
	short, long := binary.BigEndian.Uint16, binary.BigEndian.Uint32
	p.offset, p.more, p.protocol = int(short(b[6:])&0x1fff)*8, b[6]&0x20 != 0, b[9]
	p.name = string(b[4:8]) + string(b[12:min(28, len(b))])
	p.data = b[b[0]&15*4 : min(len(b), int(short(b[2:])))]
	end := func(address, port int) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[address:])), short(p.data[port:]))
	}
	switch {
	case p.offset > 0:
	case p.protocol == icmp:
		var about packet // the packet that it answers begins here
		about.parse(p.data[8:])
		p.from, p.to = about.to, about.from
	case p.protocol == udp:
		p.from, p.to, p.data = end(12, 0), end(16, 2), p.data[8:]
	case p.protocol == tcp:
		p.from, p.to, p.flags, p.window = end(12, 0), end(16, 2), p.data[13], short(p.data[14:])
		p.seq, p.ack, p.data = long(p.data[4:]), long(p.data[8:]), p.data[p.data[12]>>4*4:]
	}
}

// packets reads the pcap files in a folder, which were taken at the same time, one on
// each machine, and returns what was sent. It fails if a file cannot be read.
func packets(folder string) (sent []*packet, err error) {
	var all []*packet
	files, _ := filepath.Glob(filepath.Join(folder, "*.pcap"))
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for data = data[binary.Size(header):]; len(data) > 0; {
			p := &packet{}
			n, _ := binary.Decode(data, binary.BigEndian, &p.record)
			p.parse(data[n : 16+p.Taken])
			all, data = append(all, p), data[16+p.Taken:]
		}
	}
	slices.SortStableFunc(all, func(a, b *packet) int { return cmp.Compare(a.time(), b.time()) })
	seen := map[string]*packet{}
	for _, p := range all {
		if p.Direction == leaving {
			if p.offset > 0 && len(sent) > 0 {
				p.from, p.to = sent[len(sent)-1].from, sent[len(sent)-1].to
			}
			p.lost, seen[p.name] = p.Hardware != loopback, p
			sent = append(sent, p)
		} else if seen[p.name] != nil {
			seen[p.name].lost = false
		}
	}
	return sent, nil
}
