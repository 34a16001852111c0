/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program behind a tun that got its queues as descriptors from 3 on, as $LISTEN_FDS says, and reads them
 * in one of the ways in which programs read. It answers pings, and counts them.
 *
 *     consumer edge|level|poll|blocking
 *
 * runs until standard input ends, which an eventfd tells the reading thread (blocking: a signal, since
 * nothing else can), and prints "requests N in each queue: A B...; ended in T ms". Lines on standard input:
 * "close I" closes a queue, "write I" writes a packet and prints what came of it.
 *
 *     consumer close
 *
 * has one thread read, blocking, and another close the descriptor: prints whether that ends it.
 *
 *     consumer before NAME edge|level
 *
 * is the negative control of golang/go#30426: puts a descriptor into epoll and attaches it after that, by
 * NAME, and prints what epoll and poll say of a packet. */

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "echo.h"

enum {
        FIRST_FD = 3,
        QUEUES_MAX = 256,
        PACKET_MAX = 65536 + 64,
};

typedef enum Mode {
        EDGE,
        LEVEL,
        POLL,
        BLOCKING
} Mode;

static const char *const modes[] = { "edge", "level", "poll", "blocking" };

static struct {
        Mode mode;
        unsigned n;
        unsigned long requests[QUEUES_MAX];
        int end; /* eventfd: readable when all shall end */
        atomic_bool ending;
} c;

_Noreturn static void die(const char *what) {
        perror(what);
        exit(EXIT_FAILURE);
}

static double now_ms(void) {
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        return (double) t.tv_sec * 1e3 + (double) t.tv_nsec / 1e6;
}

/* One packet. False when there is none, or no queue any more. */
static bool take_one(unsigned i) {
        static _Thread_local uint8_t buffer[PACKET_MAX];
        int fd = FIRST_FD + (int) i;
        ssize_t n;

        n = read(fd, buffer, sizeof(buffer));
        if (n < 0 && errno != EAGAIN && errno != EINTR && errno != EBADF)
                die("read");
        if (n < 0)
                return false;
        if (echo_answer(buffer, (size_t) n)) {
                c.requests[i]++;
                if (write(fd, buffer, (size_t) n) != n)
                        die("answering");
        }
        return true;
}

/* Edge-triggered: until it is empty, since nobody says again that something is there. */
static void serve(unsigned i) {
        while (take_one(i) && c.mode == EDGE)
                ;
}

static void run_epoll(void) {
        struct epoll_event events[16], e = { .events = EPOLLIN };
        int ep = epoll_create1(EPOLL_CLOEXEC);

        e.data.u32 = UINT32_MAX;
        if (ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, c.end, &e) < 0)
                die("epoll");
        for (unsigned i = 0; i < c.n; i++) {
                e = (struct epoll_event){ .events = EPOLLIN | (c.mode == EDGE ? EPOLLET : 0U),
                                          .data.u32 = i };
                if (epoll_ctl(ep, EPOLL_CTL_ADD, FIRST_FD + (int) i, &e) < 0)
                        die("epoll of a queue");
        }

        for (;;) {
                int n = epoll_wait(ep, events, 16, -1);

                for (int k = 0; k < n; k++) {
                        if (events[k].data.u32 == UINT32_MAX)
                                return;
                        serve(events[k].data.u32);
                }
        }
}

static void run_poll(void) {
        struct pollfd fds[QUEUES_MAX + 1];

        for (unsigned i = 0; i < c.n; i++)
                fds[i] = (struct pollfd){ .fd = FIRST_FD + (int) i, .events = POLLIN };
        fds[c.n] = (struct pollfd){ .fd = c.end, .events = POLLIN };

        for (;;) {
                if (poll(fds, c.n + 1, -1) < 0)
                        die("poll");
                if (fds[c.n].revents != 0)
                        return;
                for (unsigned i = 0; i < c.n; i++)
                        if (fds[i].revents & POLLIN)
                                serve(i);
                        else if (fds[i].revents & POLLNVAL)
                                fds[i].fd = -1; /* closed meanwhile */
        }
}

static void on_signal(int number) {
        (void) number;
}

static void *read_blocking(void *userdata) {
        unsigned i = (unsigned) (uintptr_t) userdata;

        while (!atomic_load(&c.ending))
                (void) take_one(i);
        return NULL;
}

static void set_blocking(unsigned i) {
        int fd = FIRST_FD + (int) i, flags = fcntl(fd, F_GETFL);

        if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
                die("F_SETFL");
}

/* The signal may come between the test and the read, so it is sent until it has worked. */
static void run_blocking(void) {
        struct sigaction interrupt = { .sa_handler = on_signal }; /* no SA_RESTART */
        pthread_t threads[QUEUES_MAX];
        uint64_t value;

        (void) sigaction(SIGUSR1, &interrupt, NULL);
        for (unsigned i = 0; i < c.n; i++) {
                set_blocking(i);
                if (pthread_create(threads + i, NULL, read_blocking, (void *) (uintptr_t) i) != 0)
                        die("thread");
        }
        if (read(c.end, &value, sizeof(value)) < 0)
                die("eventfd");
        for (unsigned i = 0; i < c.n; i++) {
                struct timespec soon;

                do {
                        (void) pthread_kill(threads[i], SIGUSR1);
                        (void) clock_gettime(CLOCK_REALTIME, &soon);
                        soon.tv_sec += (soon.tv_nsec + 10000000) / 1000000000;
                        soon.tv_nsec = (soon.tv_nsec + 10000000) % 1000000000;
                } while (pthread_timedjoin_np(threads[i], NULL, &soon) != 0);
        }
}

static void *run(void *userdata) {
        (void) userdata;
        switch (c.mode) {
        case EDGE:
        case LEVEL: run_epoll(); break;
        case POLL: run_poll(); break;
        case BLOCKING: run_blocking(); break;
        }
        return NULL;
}

/* An IPv4 header without payload, of a protocol for experiments: the least that counts as a packet. */
static void write_packet(unsigned i) {
        static const uint8_t packet[20] = { 0x45, 0, 0,  20, 0, 0, 0,  0, 64, 253,
                                            0,    0, 10, 9,  0, 9, 10, 9, 0,  1 };
        ssize_t n = write(FIRST_FD + (int) i, packet, sizeof(packet));

        printf("write %u: %s\n", i,
               n == (ssize_t) sizeof(packet) ? "OK"
               : n < 0                       ? strerrorname_np(errno)
                                             : "short");
        (void) fflush(stdout);
}

static void obey(const char *line) {
        unsigned i;

        if (sscanf(line, "close %u", &i) == 1 && i < c.n) {
                if (close(FIRST_FD + (int) i) < 0)
                        die("close");
                printf("closed %u\n", i);
                (void) fflush(stdout);
        } else if (sscanf(line, "write %u", &i) == 1 && i < c.n)
                write_packet(i);
        else
                fprintf(stderr, "What is '%s'?\n", line);
}

static int consume(void) {
        uint64_t one = 1;
        pthread_t thread;
        unsigned long all = 0;
        char line[64];
        double start;

        c.end = eventfd(0, EFD_CLOEXEC);
        if (c.end < 0 || pthread_create(&thread, NULL, run, NULL) != 0)
                die("thread");
        printf("ready %u\n", c.n);
        (void) fflush(stdout);

        while (fgets(line, sizeof(line), stdin))
                obey(line);
        start = now_ms();
        atomic_store(&c.ending, true);
        if (write(c.end, &one, sizeof(one)) < 0)
                die("eventfd");
        (void) pthread_join(thread, NULL);

        for (unsigned i = 0; i < c.n; i++)
                all += c.requests[i];
        printf("requests %lu in each queue:", all);
        for (unsigned i = 0; i < c.n; i++)
                printf(" %lu", c.requests[i]);
        printf("; ended in %.1f ms\n", now_ms() - start);
        return EXIT_SUCCESS;
}

static int close_below_reader(void) {
        struct timespec later;
        pthread_t thread;

        c.mode = BLOCKING;
        set_blocking(0);
        if (pthread_create(&thread, NULL, read_blocking, NULL) != 0)
                die("thread");
        (void) usleep(200000);
        atomic_store(&c.ending, true);
        if (close(FIRST_FD) < 0)
                die("close");

        (void) clock_gettime(CLOCK_REALTIME, &later);
        later.tv_sec += 1;
        puts(pthread_timedjoin_np(thread, NULL, &later) == 0 ? "close ended the read" : "the read goes on");
        (void) fflush(stdout);
        _exit(EXIT_SUCCESS);
}

/* Counts how often epoll says something within this time. */
static unsigned wait_epoll(int ep, int ms) {
        double end = now_ms() + ms;
        struct epoll_event e;
        unsigned n = 0;

        while (now_ms() < end && n < 1000)
                n += epoll_wait(ep, &e, 1, (int) (end - now_ms()) + 1) > 0;
        return n;
}

static int register_before(const char *name, const char *mode) {
        struct epoll_event e = { .events = EPOLLIN | (strcmp(mode, "edge") == 0 ? EPOLLET : 0U) };
        struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI | IFF_MULTI_QUEUE };
        struct pollfd p = { .events = POLLIN };
        int ep = epoll_create1(EPOLL_CLOEXEC);
        char line[64];
        unsigned early;

        p.fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
        if (p.fd < 0 || ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, p.fd, &e) < 0)
                die("epoll");
        early = wait_epoll(ep, 50);
        memcpy(ifr.ifr_name, name, strlen(name));
        if (ioctl(p.fd, TUNSETIFF, &ifr) < 0)
                die("TUNSETIFF");

        /* Whoever reads this sends packets, and then a line. A level-triggered error is forgotten here. */
        (void) wait_epoll(ep, 20);
        puts("ready 1");
        (void) fflush(stdout);
        if (!fgets(line, sizeof(line), stdin))
                die("stdin");
        printf("early %s, woken %u, poll %d\n", early > 0 ? "yes" : "no", wait_epoll(ep, 1000),
               poll(&p, 1, 0) == 1 && (p.revents & POLLIN));

        /* The cure. */
        if (epoll_ctl(ep, EPOLL_CTL_DEL, p.fd, NULL) < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, p.fd, &e) < 0)
                die("epoll again");
        printf("registered again: woken %s\n", wait_epoll(ep, 50) > 0 ? "yes" : "no");
        return EXIT_SUCCESS;
}

int main(int argc, char *argv[]) {
        const char *n = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");

        if (argc == 4 && strcmp(argv[1], "before") == 0 && strlen(argv[2]) < IFNAMSIZ)
                return register_before(argv[2], argv[3]);

        if (!n || !pid || atoi(pid) != getpid() || atoi(n) < 1 || atoi(n) > QUEUES_MAX) {
                fputs("consumer: $LISTEN_FDS and $LISTEN_PID are not for us\n", stderr);
                return 2;
        }
        c.n = (unsigned) atoi(n);

        if (argc == 2 && strcmp(argv[1], "close") == 0)
                return close_below_reader();
        for (size_t i = 0; argc == 2 && i < sizeof(modes) / sizeof(modes[0]); i++)
                if (strcmp(argv[1], modes[i]) == 0) {
                        c.mode = (Mode) i;
                        return consume();
                }
        fputs("Usage: consumer edge|level|poll|blocking|close\n       consumer before NAME edge|level\n",
              stderr);
        return 2;
}
