/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One ping to each of many addresses. The kernel steers packets to queues by their flow, so that a queue
 * nobody reads loses all packets to some destinations and none to the others: one destination is no test,
 * many are.
 *
 *     pinger FIRST COUNT
 *
 * sends one echo request each to COUNT addresses from FIRST on, never a second one, waits until all have
 * answered or nobody does for a second, and prints "received R of COUNT". It needs CAP_NET_RAW. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
        COUNT_MAX = 65536,
        QUIET_MS = 1000,
};

typedef struct Pinger {
        int fd;
        uint16_t id;
        uint32_t first; /* host order */
        unsigned count;
        unsigned received;
        bool answered[COUNT_MAX];
} Pinger;

static int send_one(const Pinger *p, unsigned i) {
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(p->first + i) };
        struct icmphdr icmp = { .type = ICMP_ECHO };
        uint32_t sum;

        icmp.un.echo.id = htons(p->id);
        icmp.un.echo.sequence = htons((uint16_t) i);
        sum = (uint32_t) (ICMP_ECHO << 8) + p->id + i;
        while (sum > UINT16_MAX)
                sum = (sum & UINT16_MAX) + (sum >> 16);
        icmp.checksum = htons((uint16_t) ~sum);

        return sendto(p->fd, &icmp, sizeof(icmp), 0, (struct sockaddr *) &to, sizeof(to)) < 0 ? -1 : 0;
}

/* Counts an answer to us, from where we asked, once. */
static void take(Pinger *p, const uint8_t *packet, size_t size, uint32_t from) {
        struct icmphdr icmp;
        struct iphdr ip;
        unsigned i;

        if (size < sizeof(ip))
                return;
        memcpy(&ip, packet, sizeof(ip));
        if (size < ip.ihl * 4U + sizeof(icmp))
                return;
        memcpy(&icmp, packet + ip.ihl * 4U, sizeof(icmp));

        i = ntohs(icmp.un.echo.sequence);
        if (icmp.type != ICMP_ECHOREPLY || ntohs(icmp.un.echo.id) != p->id || i >= p->count ||
            from != p->first + i)
                return;

        p->received += !p->answered[i];
        p->answered[i] = true;
}

static void receive(Pinger *p) {
        uint8_t packet[2048];
        struct sockaddr_in from;
        ssize_t n;

        do {
                socklen_t length = sizeof(from);

                n = recvfrom(p->fd, packet, sizeof(packet), MSG_DONTWAIT, (struct sockaddr *) &from,
                             &length);
                if (n > 0)
                        take(p, packet, (size_t) n, ntohl(from.sin_addr.s_addr));
        } while (n > 0);
}

int main(int argc, char *argv[]) {
        static Pinger p;
        struct in_addr first;

        if (argc != 3 || inet_pton(AF_INET, argv[1], &first) != 1 || atoi(argv[2]) < 1 ||
            atoi(argv[2]) > COUNT_MAX) {
                fputs("Usage: pinger FIRST COUNT\n", stderr);
                return 2;
        }
        p.first = ntohl(first.s_addr);
        p.count = (unsigned) atoi(argv[2]);
        p.id = (uint16_t) getpid();

        p.fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
        if (p.fd < 0) {
                perror("raw socket");
                return EXIT_FAILURE;
        }
        /* What one has no time to receive at once is not lost. */
        (void) setsockopt(p.fd, SOL_SOCKET, SO_RCVBUFFORCE, &(int){ 64 << 20 }, sizeof(int));

        for (unsigned i = 0; i < p.count; i++) {
                if (send_one(&p, i) < 0) {
                        fprintf(stderr, "destination %u: %s\n", i, strerror(errno));
                        return EXIT_FAILURE;
                }
                receive(&p);
        }
        while (p.received < p.count &&
               poll(&(struct pollfd){ .fd = p.fd, .events = POLLIN }, 1, QUIET_MS) > 0)
                receive(&p);

        printf("received %u of %u\n", p.received, p.count);
        return EXIT_SUCCESS;
}
