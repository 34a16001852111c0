/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The unprivileged consumer: what a program behind a declared device does, and no more. It opens
 * /dev/net/tun, attaches queues by name, and answers IPv4 pings on every one of them. It shows that a device
 * admits the user it should admit (and nobody else), in the mode the consumer asked for, and that no queue
 * is left where packets go unanswered.
 *
 *     app NAME QUEUES [--tap] [--pi] [--vnet] [--quiet]
 *
 * QUEUES 0 attaches one queue without IFF_MULTI_QUEUE. "attached NAME QUEUES" on standard output says that
 * it is ready
 * (--quiet: says nothing); then it runs until a signal ends it. A refused TUNSETIFF prints "TUNSETIFF:
 * ERRNO: text", also on standard output, and exits with 1. With --tap it holds the queues and drains them.
 * It believes the flags it asked for, as most programs do: a device whose held queue has other flags makes
 * it misread its packets. */

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "echo.h"

enum {
        QUEUES_MAX = 256, /* the kernel's limit for one device */
        PACKET_MAX = 65536 + 64,
};

typedef struct App {
        const char *name;
        unsigned queues; /* 0: one, without IFF_MULTI_QUEUE */
        short flags;
        bool answer;
        bool quiet;
        size_t header; /* what stands before the packet: PI, virtio-net header */
        struct pollfd fds[QUEUES_MAX];
        nfds_t n_fds;
} App;

static int usage(void) {
        fputs("Usage: app NAME QUEUES [--tap] [--pi] [--vnet] [--quiet]\n", stderr);
        return 2;
}

static int app_attach(App *app) {
        unsigned n = app->queues == 0 ? 1 : app->queues;

        while (app->n_fds < n) {
                struct ifreq ifr = { .ifr_flags = app->flags };
                int fd;

                fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
                if (fd < 0) {
                        printf("open: %s: %s\n", strerrorname_np(errno), strerror(errno));
                        return -1;
                }

                memcpy(ifr.ifr_name, app->name, strlen(app->name));
                if (ioctl(fd, TUNSETIFF, &ifr) < 0) {
                        printf("TUNSETIFF: %s: %s\n", strerrorname_np(errno), strerror(errno));
                        (void) close(fd);
                        return -1;
                }

                app->fds[app->n_fds++] = (struct pollfd){ .fd = fd, .events = POLLIN };
        }

        return 0;
}

/* False when the device is gone. */
static bool app_drain(const App *app, int fd) {
        static uint8_t buffer[PACKET_MAX];

        for (;;) {
                ssize_t n;

                n = read(fd, buffer, sizeof(buffer));
                if (n < 0)
                        return errno == EAGAIN || errno == EINTR;

                if (!app->answer || (size_t) n <= app->header)
                        continue;
                if (!echo_answer(buffer + app->header, (size_t) n - app->header))
                        continue;
                if ((app->flags & IFF_VNET_HDR) !=
                    0) /* behind PI, if there is one: a plain packet, no offload */
                        memset(buffer + app->header - 10, 0, 10);

                (void) write(fd, buffer, (size_t) n); /* as lossy as any link */
        }
}

int main(int argc, char *argv[]) {
        static App app = { .flags = IFF_NO_PI, .answer = true };
        short kind = IFF_TUN;

        if (argc < 3 || strlen(argv[1]) >= IFNAMSIZ)
                return usage();

        app.name = argv[1];
        app.queues = (unsigned) atoi(argv[2]);
        if (app.queues > QUEUES_MAX)
                return usage();

        for (int i = 3; i < argc; i++)
                if (strcmp(argv[i], "--tap") == 0) {
                        kind = IFF_TAP;
                        app.answer = false;
                } else if (strcmp(argv[i], "--pi") == 0) {
                        app.flags &= ~IFF_NO_PI;
                        app.header += 4;
                } else if (strcmp(argv[i], "--vnet") == 0) {
                        app.flags |= IFF_VNET_HDR;
                        app.header += 10;
                } else if (strcmp(argv[i], "--quiet") == 0)
                        app.quiet = true;
                else
                        return usage();

        app.flags |= kind;
        if (app.queues > 0)
                app.flags |= IFF_MULTI_QUEUE;

        if (app_attach(&app) < 0)
                return EXIT_FAILURE;
        if (!app.quiet) {
                printf("attached %s %u\n", app.name, app.queues);
                (void) fflush(stdout);
        }

        for (;;) {
                if (poll(app.fds, app.n_fds, -1) < 0) {
                        if (errno == EINTR)
                                continue;
                        perror("poll");
                        return EXIT_FAILURE;
                }

                for (nfds_t i = 0; i < app.n_fds; i++)
                        if (app.fds[i].revents != 0 && !app_drain(&app, app.fds[i].fd)) {
                                fprintf(stderr, "%s is gone: %s\n", app.name, strerror(errno));
                                return EXIT_FAILURE;
                        }
        }
}
