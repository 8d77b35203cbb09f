// The server of chapter 2 in C: cc -o server testdata/others/02-server.c
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void fail(const char *addr, const char *why) {
	fprintf(stderr, "listen %s: %s\n", addr, why);
	exit(1);
}

static char *name(struct sockaddr_storage *addr, socklen_t size) {
	static char text[80];
	char host[60], port[8];
	getnameinfo((struct sockaddr *)addr, size, host, sizeof host, port, sizeof port,
	            NI_NUMERICHOST | NI_NUMERICSERV);
	sprintf(text, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
	return text;
}

int main(int argc, char **argv) {
	char *addr = "127.0.0.1:8080", host[256], buf[4096];
	signal(SIGPIPE, SIG_IGN);         // a write to a closed connection is an error
	setvbuf(stdout, NULL, _IOLBF, 0); // print each line at once
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-addr") || ++i == argc) {
			fprintf(stderr, "usage: %s [-addr ADDRESS]\n", argv[0]);
			return 2;
		}
		addr = argv[i];
	}

	char *port = strrchr(addr, ':');
	if (port == NULL || atoi(port + 1) > 65535)
		fail(addr, "not an address");
	int brackets = addr[0] == '[';
	snprintf(host, sizeof host, "%.*s", (int)(port - addr) - 2 * brackets, addr + brackets);
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *info;
	int err = getaddrinfo(host, port + 1, &hints, &info), one = 1;
	if (err)
		fail(addr, gai_strerror(err));
	int listener = socket(info->ai_family, SOCK_STREAM, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(listener, info->ai_addr, info->ai_addrlen) || listen(listener, SOMAXCONN))
		fail(addr, strerror(errno));
	struct sockaddr_storage peer;
	socklen_t size = sizeof peer;
	getsockname(listener, (struct sockaddr *)&peer, &size);
	printf("listening on %s\n", name(&peer, size));

	for (;;) {
		size = sizeof peer;
		int conn = accept(listener, (struct sockaddr *)&peer, &size);
		if (conn < 0)
			continue;
		printf("call from %s\n", name(&peer, size));
		ssize_t n;
		while ((n = recv(conn, buf, sizeof buf, 0)) > 0) {
			printf("heard \"");
			for (ssize_t i = 0; i < n; i++) {
				unsigned char b = buf[i];
				if (b == '\n' || b == '\r')
					printf(b == '\n' ? "\\n" : "\\r");
				else if (b < ' ' || b > '~' || b == '"' || b == '\\')
					printf("\\x%02x", b);
				else
					putchar(b);
				if (b >= 'a' && b <= 'z')
					buf[i] = b - 'a' + 'A';
			}
			printf("\"\n");
			ssize_t sent = 0, m;
			while (sent < n && (m = send(conn, buf + sent, n - sent, 0)) > 0)
				sent += m;
			if (sent < n)
				break;
		}
		close(conn);
		printf("%s hung up\n", name(&peer, size));
	}
}
