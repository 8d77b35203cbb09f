/* Blocking is what the servers of chapters 2, 3 and 4 are measured against:
   blocking tcp|udp|unix -addr ADDR. It prints what they print. ADDR counts only
   if it is a path: otherwise the system chooses the port. */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char buf[1 << 16];

/* upper prints the message, quoted, and changes a to z to capitals. */
static void upper(ssize_t n)
{
	printf("heard \"");
	for (ssize_t i = 0; i < n; i++) {
		if (isprint((unsigned char)buf[i]) && buf[i] != '"' && buf[i] != '\\')
			putchar_unlocked(buf[i]);
		else
			printf("\\x%02x", (unsigned char)buf[i]);
		if ('a' <= buf[i] && buf[i] <= 'z')
			buf[i] -= 'a' - 'A';
	}
	puts("\"");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	int local = argc > 3 && !strcmp(argv[1], "unix"), udp = argc > 1 && !strcmp(argv[1], "udp");
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct sockaddr *addr = local ? (struct sockaddr *)&un : (struct sockaddr *)&in;
	socklen_t size = local ? sizeof un : sizeof in;
	int one = 1, conn, fd = socket(addr->sa_family, udp ? SOCK_DGRAM : SOCK_STREAM, 0);
	ssize_t n;

	strncpy(un.sun_path, local ? argv[3] : "", sizeof un.sun_path - 1);
	if (bind(fd, addr, size) || (!udp && listen(fd, 4096))) {
		perror("listen");
		return 1;
	}
	getsockname(fd, addr, &size);
	if (local)
		printf("listening on %s\n", un.sun_path);
	else
		printf("listening on 127.0.0.1:%d\n", ntohs(in.sin_port));
	fflush(stdout);
	while (udp && (size = sizeof in, n = recvfrom(fd, buf, sizeof buf, 0, addr, &size)) >= 0) {
		upper(n);
		sendto(fd, buf, n, 0, addr, size);
	}
	while ((conn = accept(fd, 0, 0)) >= 0) {
		setsockopt(conn, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* as Go does */
		while ((n = read(conn, buf, 4096)) > 0) {
			upper(n);
			if (write(conn, buf, n) != n)
				break;
		}
		close(conn);
	}
	return 1;
}
