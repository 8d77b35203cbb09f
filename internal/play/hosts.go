package play

import (
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.com/sockets/internal/proc"
)

// hosting is the shell command that sets up a network namespace and holds it
// until its input ends. Nobody is asked for names but the file of hosts.
const hosting = `ip link set lo up
	mkdir -p etc
	echo "hosts: files" >etc/nsswitch.conf
	printf "%s\n" "127.0.0.1 localhost" "::1 localhost" \
		"10.0.0.2 server" "fd00::2 server" >etc/hosts
	for file in etc/*; do mount --bind $file /$file || :; done
	echo up
	exec cat`

// plug is the shell command that puts the cable into a host. IPv6 addresses are
// lost while it is out. The other one's hardware address is known, for a packet
// that waits for it leaves after the call that sent it.
const plug = `ip link set eth0 up
	n=$(ip -4 -br addr show eth0)
	n=${n##*10.0.0.}
	n=${n%%/*}
	for net in fe80 fd00; do ip addr replace $net::$n/64 dev eth0 nodad || :; done
	ip neigh replace 10.0.0.$((3-n)) lladdr 02:00:00:00:00:0$((3-n)) dev eth0`

// machine makes a host, on the same machine as another one, if there is one.
func (s *scene) machine(name string, beside host) {
	unshare := []string{"unshare", "-rnm", "sh", "-c", hosting}
	if beside != nil {
		unshare[1] = "-n"
	}
	argv := slices.Concat(beside, unshare)
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = s.MkAbs(".")
	s.keep(cmd)
	pid := strconv.Itoa(cmd.Process.Pid)
	s.machines[name] = host{"nsenter", "-t", pid, "-U", "-n", "-m", "-w", "--preserve-credentials"}
}

// keep starts a program that prints a line when it is up, and runs until its input
// ends: with the script, or when it is stopped.
func (s *scene) keep(cmd *exec.Cmd) (stop func()) {
	stdin, err := cmd.StdinPipe()
	s.Check(err)
	stdout, err := cmd.StdoutPipe()
	s.Check(err)
	s.Check(proc.Start(cmd))
	stop = func() {
		if stdin.Close() == nil {
			proc.Wait(cmd)
		}
	}
	s.Defer(stop)
	_, err = io.ReadFull(stdout, make([]byte, len("up\n")))
	s.Check(err)
	return stop
}

// pid is that of the process that holds the host.
func (h host) pid() string { return h[2] }

// on plays a shell command on a host, to its end. It fails if the command does.
func (s *scene) on(name, command string) {
	h, ok := s.machines[name]
	if !ok {
		s.Fatalf("no host is called %s", name)
	}
	argv := append(slices.Clip(h), "sh", "-ec", command)
	if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
		s.Fatalf("%s: %v\n%s", command, err, out)
	}
}

// hosts makes two machines, 10.0.0.1 and 10.0.0.2, with a cable between them, or
// a router. What is beyond the router is reached as if it were on the same cable.
func (s *scene) hosts(args []string) {
	first, second := args[0], args[1]
	routed := len(s.flags) > 0
	s.machine(first, nil)
	s.machine(second, s.machines[first])
	if routed {
		s.machine("router", s.machines[first])
	}
	for i, name := range []string{first, second} {
		link, n := "link add eth0 type veth peer name eth0 netns "+s.machines[second].pid(), i+1
		if routed {
			link = fmt.Sprintf("link add eth0 type veth peer name eth%d netns %s", i,
				s.machines["router"].pid())
		} else if i > 0 {
			link = "link show eth0"
		}
		s.on(name, fmt.Sprintf(`ip %s >&2
			ip addr add 10.0.0.%d/24 dev eth0
			ip link set eth0 addrgenmode none address 02:00:00:00:00:0%[2]d
			%[3]s`, link, n, plug))
	}
	if routed {
		mtu := map[bool]string{true: "mtu 1400"}[s.flags[0] == "-narrow"]
		for i := range 2 {
			s.on("router", fmt.Sprintf(`ip link set eth%d address 02:00:00:00:00:0%d up
				ip addr add 10.0.0.%[4]d/32 dev eth%[1]d
				ip route add 10.0.0.%[3]d dev eth%[1]d %[5]s
				ip neigh add 10.0.0.%[3]d lladdr 02:00:00:00:00:0%[3]d dev eth%[1]d`,
				i, 2-i, i+1, 253+i, mtu))
		}
		s.on("router", "echo 1 >/proc/sys/net/ipv4/ip_forward")
	}
}

// hostOf finds the host of a terminal: the one whose name that of the terminal
// begins with, or the script's own machine; nil where the program is started on
// the reader's own.
func (s *scene) hostOf(terminal string) host {
	hosts := len(s.machines) > 0 && s.machines["network"] == nil
	if slices.Contains(s.flags, "-alone") || slices.Contains(s.flags, "-wire") && !hosts {
		if s.machines["network"] == nil {
			s.machine("network", nil)
		}
		return s.machines["network"]
	}
	for name, h := range s.machines {
		if strings.HasPrefix(terminal+"-", name+"-") {
			return h
		}
	}
	if hosts {
		s.Fatalf("no host is called %s", terminal)
	}
	return nil
}

// A port in a command.
var portRE = regexp.MustCompile(`[: ](\d{4,5})\b`)

// cable pulls the cable out of a host, and puts it back.
func (s *scene) cable(args []string) {
	s.on(args[0], map[string]string{"out": "ip link set eth0 down", "in": plug}[args[1]])
}

// firewall gives a host one rule for what arrives there, or none.
func (s *scene) firewall(args []string) {
	name, rule := args[0], args[1:]
	command := "nft flush ruleset"
	if len(rule) > 0 {
		hook := "input priority 0;"
		if name == "router" {
			hook = "forward priority 0;"
		}
		if slices.Contains(s.flags, "-fragments") {
			hook = "prerouting priority -450;" // before they are put together
		}
		command += fmt.Sprintf(`; nft -f - <<'END'
			table inet wall { chain in { type filter hook %s
				%s
			}
			}
END`, hook, strings.Join(rule, " "))
	}
	s.on(name, command)
}

// sysctl sets what the kernel does on a host, or on the script's own machine.
func (s *scene) sysctl(args []string) {
	s.on(args[0], "echo "+args[2]+" >/proc/sys/net/"+args[1])
}

// realHolder puts the process of which the text's name is in a command to enter
// its network in place of that name.
func (p *ports) realHolder(command string) string {
	return holderRE.ReplaceAllStringFunc(command, func(found string) string {
		shown, _ := strconv.Atoi(strings.Fields(found)[2])
		return "nsenter -t " + p.pids[shown-1001]
	})
}
