/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A client of OpenQueues() that needs nothing but the bus. It obeys lines on standard input, and keeps what
 * it got until it ends:
 *
 *     open NAME COUNT [OPTION]   Manager.OpenQueues(): "opened N flags 0x..." or "ERROR-NAME: text"
 *     check                      what each queue is: name, flags, attached, cloexec, nonblocking
 *     drain                      how many packets waited in the queues, which it takes
 *     fork                       has a child that keeps the queues, and says its pid
 *     close                      closes all */

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

enum {
        FDS_MAX = 1024,
};

static int fds[FDS_MAX];
static unsigned n_fds;

static int keep(sd_bus_message *reply) {
        uint32_t flags;
        unsigned n = 0;
        int fd, r;

        r = sd_bus_message_enter_container(reply, 'a', "h");
        for (; r >= 0 && (r = sd_bus_message_read(reply, "h", &fd)) > 0; n++) {
                /* The copy is as the bus library gave the descriptor: it decides on close-on-exec. */
                int descriptor = fcntl(fd, F_GETFD);

                if (n_fds >= FDS_MAX)
                        return -E2BIG;
                fds[n_fds] = fcntl(fd, descriptor & FD_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD, 3);
                if (fds[n_fds] < 0)
                        return -errno;
                n_fds++;
        }
        if (r >= 0)
                r = sd_bus_message_exit_container(reply);
        if (r >= 0)
                r = sd_bus_message_read(reply, "u", &flags);
        if (r >= 0)
                printf("opened %u flags %#x\n", n, flags);
        return r;
}

static void open_queues(sd_bus *bus, const char *name, unsigned count, const char *option) {
        sd_bus_message *m = NULL, *reply = NULL;
        sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        r = sd_bus_message_new_method_call(bus, &m, "org.netdevd1", "/org/netdevd1", "org.netdevd1.Manager",
                                           "OpenQueues");
        if (r >= 0)
                r = sd_bus_message_append(m, "su", name, count);
        if (r >= 0)
                r = *option ? sd_bus_message_append(m, "a{sv}", 1, option, "b", 1)
                            : sd_bus_message_append(m, "a{sv}", 0);
        if (r >= 0)
                r = sd_bus_call(bus, m, 0, &error, &reply);
        if (r >= 0)
                r = keep(reply);
        if (r < 0)
                printf("%s: %s\n", error.name ?: "none", error.message ?: strerror(-r));
        sd_bus_error_free(&error);
        sd_bus_message_unref(m);
        sd_bus_message_unref(reply);
}

static void check(void) {
        for (unsigned i = 0; i < n_fds; i++) {
                struct pollfd p = { .fd = fds[i], .events = POLLOUT };
                int flags = fcntl(fds[i], F_GETFL), descriptor = fcntl(fds[i], F_GETFD);
                struct ifreq ifr = {};

                if (ioctl(fds[i], TUNGETIFF, &ifr) < 0) {
                        printf("TUNGETIFF: %s; ", strerrorname_np(errno));
                        continue;
                }
                (void) poll(&p, 1, 0);
                printf("%s %#x%s%s%s; ", ifr.ifr_name, (unsigned) (uint16_t) ifr.ifr_flags,
                       ifr.ifr_flags & IFF_DETACH_QUEUE ? " detached" : " attached",
                       descriptor & FD_CLOEXEC ? " cloexec" : "", flags & O_NONBLOCK ? " nonblocking" : "");
        }
        puts("");
}

static void drain(void) {
        static char buffer[70000];
        unsigned n = 0;

        for (unsigned i = 0; i < n_fds; i++)
                while (read(fds[i], buffer, sizeof(buffer)) > 0)
                        n++;
        printf("drained %u\n", n);
}

static void close_all(void) {
        for (; n_fds > 0; n_fds--)
                (void) close(fds[n_fds - 1]);
        puts("closed");
}

/* Until somebody ends it. */
static void keep_in_child(void) {
        int pid;

        (void) fflush(stdout);
        pid = fork();
        if (pid == 0) {
                (void) pause();
                _exit(0);
        }
        printf("child %d\n", pid);
}

int main(void) {
        sd_bus *bus = NULL;
        char line[128];
        int r;

        r = sd_bus_open_system(&bus);
        if (r < 0) {
                fprintf(stderr, "opener: no bus: %s\n", strerror(-r));
                return EXIT_FAILURE;
        }

        while (fgets(line, sizeof(line), stdin)) {
                char name[64], option[64] = "";
                unsigned count;

                if (sscanf(line, "open %63s %u %63s", name, &count, option) >= 2)
                        open_queues(bus, name, count, option);
                else if (strcmp(line, "check\n") == 0)
                        check();
                else if (strcmp(line, "drain\n") == 0)
                        drain();
                else if (strcmp(line, "fork\n") == 0)
                        keep_in_child();
                else if (strcmp(line, "close\n") == 0)
                        close_all();
                else
                        puts("what?");
                (void) fflush(stdout);
        }
        sd_bus_flush_close_unref(bus);
        return EXIT_SUCCESS;
}
