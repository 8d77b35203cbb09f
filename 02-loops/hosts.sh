#!/bin/sh
# Hosts makes two machines out of this one, 10.0.0.1 and 10.0.0.2, and lays a
# cable between them. It needs Linux and iproute2, and no rights: a machine is a
# network namespace here, and lasts as long as the programs in it.
set -e

# machine N PROCESS plugs the cable into machine N, where that process runs.
machine() {
    nsenter -t "$2" -n sh -ec "
        ip link set lo up
        ip addr add 10.0.0.$1/24 dev eth0
        ip link set eth0 up"
    echo "10.0.0.$1: nsenter -t $2 -U -n --preserve-credentials"
}

case $1 in
"")    exec unshare -rn sh "$0" first ;;
first) unshare -n sh "$0" second $$ ;;
second)
    ip link add eth0 type veth peer name eth0 netns "$2"
    echo "For a shell on one of the machines, type its line in another terminal."
    machine 1 "$2"
    machine 2 $$
    echo "In such a shell, ip link set eth0 down pulls the cable, and up puts it back."
    echo "Leave the shells with exit, then press Enter here."
    read -r _ || :
esac
