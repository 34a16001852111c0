/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The floor of the benchmark: the fewest system calls that give what a thousand .netdev and .network files
 * ask for. No file is read, nothing is checked, nothing is remembered. What netdevd takes beyond this is its
 * own cost.
 *
 *     floor PREFIX COUNT [--noqueue] [--exit]
 *
 * For each of PREFIX0 to PREFIX(COUNT-1): open, TUNSETIFF (tun, no PI, multiqueue), TUNSETOWNER 1000,
 * TUNSETGROUP 1000, TUNSETPERSIST, TUNSETQUEUE detach, in one pass, keeping the descriptors. Then, on one
 * rtnetlink socket, in batches of 100 messages with an acknowledgement each: (--noqueue: a noqueue root
 * qdisc,) link up, the address 10.A.B.1/32, where A.B is the device's number. The list is fixed. READY=1
 * goes to $NOTIFY_SOCKET; then it stays until SIGTERM, or ends at once with --exit. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_tun.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
        BATCH_MESSAGES = 100,
        MESSAGE_MAX = 128,   /* the largest of ours has 60 bytes */
        DEVICES_MAX = 65536, /* A and B of the address */
};

typedef struct Batch {
        struct mnl_socket *sock;
        char buffer[BATCH_MESSAGES * MESSAGE_MAX];
        size_t size;
        unsigned n;
} Batch;

static int fail(const char *what, int i) {
        fprintf(stderr, "%s, device %i: %s\n", what, i, strerror(errno));
        return -1;
}

static int create(const char *prefix, int i) {
        struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI | IFF_MULTI_QUEUE };
        struct ifreq detach = { .ifr_flags = IFF_DETACH_QUEUE };
        char name[IFNAMSIZ * 2];
        int fd;

        (void) snprintf(name, sizeof(name), "%s%i", prefix, i);
        if (strlen(name) >= IFNAMSIZ) {
                errno = ENAMETOOLONG;
                return fail(name, i);
        }
        memcpy(ifr.ifr_name, name, strlen(name));

        fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
        if (fd < 0)
                return fail("open", i);
        if (ioctl(fd, TUNSETIFF, &ifr) < 0)
                return fail("TUNSETIFF", i);
        if (ioctl(fd, TUNSETOWNER, 1000) < 0)
                return fail("TUNSETOWNER", i);
        if (ioctl(fd, TUNSETGROUP, 1000) < 0)
                return fail("TUNSETGROUP", i);
        if (ioctl(fd, TUNSETPERSIST, 1) < 0)
                return fail("TUNSETPERSIST", i);
        if (ioctl(fd, TUNSETQUEUE, &detach) < 0)
                return fail("TUNSETQUEUE", i);

        return 0; /* the descriptor stays open: it is what keeps the carrier */
}

static int batch_flush(Batch *b) {
        char buffer[8192];

        if (b->n == 0)
                return 0;
        if (mnl_socket_sendto(b->sock, b->buffer, b->size) < 0)
                return -1;

        while (b->n > 0) {
                ssize_t n;
                int left;

                n = mnl_socket_recvfrom(b->sock, buffer, sizeof(buffer));
                if (n < 0)
                        return -1;

                left = (int) n;
                for (const struct nlmsghdr *nlh = (void *) buffer; mnl_nlmsg_ok(nlh, left);
                     nlh = mnl_nlmsg_next(nlh, &left)) {
                        const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);

                        if (nlh->nlmsg_type != NLMSG_ERROR)
                                continue;
                        if (e->error != 0) {
                                errno = -e->error;
                                return -1;
                        }
                        b->n--;
                }
        }

        b->size = 0;
        return 0;
}

static struct nlmsghdr *batch_message(Batch *b, uint16_t type, uint16_t flags) {
        struct nlmsghdr *nlh;

        nlh = mnl_nlmsg_put_header(b->buffer + b->size);
        nlh->nlmsg_type = type;
        nlh->nlmsg_flags = (uint16_t) (NLM_F_REQUEST | NLM_F_ACK | flags);
        return nlh;
}

static int batch_add(Batch *b, const struct nlmsghdr *nlh) {
        b->size += NLMSG_ALIGN(nlh->nlmsg_len);
        b->n++;
        return b->n < BATCH_MESSAGES ? 0 : batch_flush(b);
}

static int configure(Batch *b, int ifindex, int i, bool noqueue) {
        uint32_t address = htonl(10U << 24 | (uint32_t) i << 8 | 1);
        struct ifaddrmsg *addr;
        struct ifinfomsg *link;
        struct nlmsghdr *nlh;

        if (noqueue) {
                struct tcmsg *tc;

                nlh = batch_message(b, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE);
                tc = mnl_nlmsg_put_extra_header(nlh, sizeof(*tc));
                tc->tcm_ifindex = ifindex;
                tc->tcm_parent = TC_H_ROOT;
                mnl_attr_put_strz(nlh, TCA_KIND, "noqueue");
                if (batch_add(b, nlh) < 0)
                        return -1;
        }

        nlh = batch_message(b, RTM_NEWLINK, 0);
        link = mnl_nlmsg_put_extra_header(nlh, sizeof(*link));
        link->ifi_index = ifindex;
        link->ifi_flags = link->ifi_change = IFF_UP;
        if (batch_add(b, nlh) < 0)
                return -1;

        nlh = batch_message(b, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
        addr = mnl_nlmsg_put_extra_header(nlh, sizeof(*addr));
        addr->ifa_family = AF_INET;
        addr->ifa_prefixlen = 32;
        addr->ifa_index = (uint32_t) ifindex;
        mnl_attr_put(nlh, IFA_LOCAL, sizeof(address), &address);
        mnl_attr_put(nlh, IFA_ADDRESS, sizeof(address), &address);
        return batch_add(b, nlh);
}

static int configure_all(const char *prefix, int n, bool noqueue) {
        static Batch batch;
        int inet;

        batch.sock = mnl_socket_open(NETLINK_ROUTE);
        if (!batch.sock || mnl_socket_bind(batch.sock, 0, MNL_SOCKET_AUTOPID) < 0)
                return fail("rtnetlink", 0);

        inet = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (inet < 0)
                return fail("socket", 0);

        for (int i = 0; i < n; i++) {
                struct ifreq ifr = { 0 };
                char name[IFNAMSIZ * 2];

                (void) snprintf(name, sizeof(name), "%s%i", prefix, i);
                memcpy(ifr.ifr_name, name, strlen(name));
                if (ioctl(inet, SIOCGIFINDEX, &ifr) < 0)
                        return fail("SIOCGIFINDEX", i);
                if (configure(&batch, ifr.ifr_ifindex, i, noqueue) < 0)
                        return fail("rtnetlink", i);
        }

        return batch_flush(&batch) < 0 ? fail("rtnetlink", n) : 0;
}

static int notify_ready(void) {
        static const char message[] = "READY=1";
        struct sockaddr_un sa = { .sun_family = AF_UNIX };
        const char *path = getenv("NOTIFY_SOCKET");
        size_t length;
        int fd;

        if (!path)
                return 0;
        length = strlen(path);
        if (length == 0 || length >= sizeof(sa.sun_path)) {
                errno = EINVAL;
                return -1;
        }
        memcpy(sa.sun_path, path, length);
        if (sa.sun_path[0] == '@')
                sa.sun_path[0] = 0;

        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -1;
        if (sendto(fd, message, sizeof(message) - 1, 0, (struct sockaddr *) &sa,
                   (socklen_t) (offsetof(struct sockaddr_un, sun_path) + length)) < 0)
                return -1;

        return close(fd);
}

int main(int argc, char *argv[]) {
        bool noqueue = false, leave = false;
        struct rlimit limit;
        sigset_t end;
        int n, sig;

        for (int i = 3; i < argc; i++) {
                noqueue = noqueue || strcmp(argv[i], "--noqueue") == 0;
                leave = leave || strcmp(argv[i], "--exit") == 0;
        }
        if (argc != 3 + noqueue + leave || atoi(argv[2]) > DEVICES_MAX) {
                fputs("Usage: floor PREFIX COUNT [--noqueue] [--exit]\n", stderr);
                return 2;
        }
        n = atoi(argv[2]);

        (void) sigemptyset(&end);
        (void) sigaddset(&end, SIGTERM);
        (void) sigaddset(&end, SIGINT);
        (void) sigprocmask(SIG_BLOCK, &end, NULL);

        if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
                limit.rlim_cur = limit.rlim_max;
                (void) setrlimit(RLIMIT_NOFILE, &limit);
        }

        for (int i = 0; i < n; i++)
                if (create(argv[1], i) < 0)
                        return EXIT_FAILURE;
        if (configure_all(argv[1], n, noqueue) < 0)
                return EXIT_FAILURE;
        if (notify_ready() < 0) {
                perror("NOTIFY_SOCKET");
                return EXIT_FAILURE;
        }

        if (!leave)
                (void) sigwait(&end, &sig);
        return EXIT_SUCCESS;
}
