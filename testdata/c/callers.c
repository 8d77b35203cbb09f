/* Callers connects to a port of this machine so many times: callers PORT TIMES.
   For each number that it reads, each connection sends 64 bytes and receives
   them so many times, all at once. Then it prints how many seconds that took. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { most = 1000, size = 64 };

int main(int argc, char **argv)
{
	static char message[size], reply[size];
	int fd[most], got[most], left[most], one = 1, poll = epoll_create1(0);
	int n = argc > 2 ? atoi(argv[2]) : 0, rounds;
	struct sockaddr_in addr = {.sin_family = AF_INET};
	struct epoll_event events[128];

	addr.sin_port = htons(argc > 1 ? atoi(argv[1]) : 0);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (int i = 0; i < size; i++)
		message[i] = 'x';
	for (int i = 0; i < n && i < most; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.fd = i};
		fd[i] = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(fd[i], (struct sockaddr *)&addr, sizeof addr)) {
			perror("connect");
			return 1;
		}
		setsockopt(fd[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		epoll_ctl(poll, EPOLL_CTL_ADD, fd[i], &event);
	}
	while (scanf("%d", &rounds) == 1) {
		struct timespec from, to;
		clock_gettime(CLOCK_MONOTONIC, &from);
		for (int i = 0; i < n; i++) {
			got[i] = 0;
			left[i] = rounds;
			if (write(fd[i], message, size) != size)
				return 1;
		}
		for (int busy = n; busy > 0;) {
			int ready = epoll_wait(poll, events, 128, -1);
			for (int k = 0; k < ready; k++) {
				int i = events[k].data.fd;
				ssize_t m = read(fd[i], reply, size - got[i]);
				if (m <= 0)
					return 1;
				if ((got[i] += m) < size)
					continue;
				got[i] = 0;
				if (--left[i] == 0)
					busy--;
				else if (write(fd[i], message, size) != size)
					return 1;
			}
		}
		clock_gettime(CLOCK_MONOTONIC, &to);
		printf("%f\n", to.tv_sec - from.tv_sec + (to.tv_nsec - from.tv_nsec) / 1e9);
		fflush(stdout);
	}
	return 0;
}
