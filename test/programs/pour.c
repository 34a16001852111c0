/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Load on a tun, and a program behind it that counts what arrives: what the data path carries and loses.
 *
 *     pour NAME ADDRESS QUEUES FLOWS RATE|tcp MSEC [ATTACHES]
 *
 * opens so many queues by NAME, with a thread each that reads them, and sends to ADDRESS, which is routed to
 * the tun, on so many flows, for so long.
 *
 * RATE: that many datagrams a second, 0: as fast as it can. A sender that came late does not hurry after:
 * what a queue has no room for at once would be lost.
 *
 * tcp: streams to ourselves. What comes out of a queue goes back into it with source and destination address
 * exchanged, which no checksum minds, so that each segment and each answer goes through the tun.
 *
 * Meanwhile it attaches a further queue ATTACHES times and detaches it in the next call, as netdevd does
 * that is to keep one: what is steered to that queue in between is lost. Prints one line of JSON:
 *
 *     {"sent": datagrams, "refused": by the kernel, "received": [of each queue], "bytes": of streams,
 *      "again": segments sent again, "seconds": S, "cpu": S, "attach_us": [TUNSETIFF, of each time],
 *      "detach_us": [TUNSETQUEUE, of each time]} */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
        QUEUES_MAX = 64,
        FLOWS_MAX = 256,
        ATTACHES_MAX = 10000,
        BURST = 16, /* datagrams that go out at once, one flow after the other */
        FIRST_PORT = 20000,
        STREAM_PORT = 5001,
        PAYLOAD = 64,
        QUIET_MS = 200, /* nothing came for so long: nothing comes any more */
};

typedef struct Queue {
        pthread_t thread;
        int fd;
        atomic_ulong received;
} Queue;

typedef struct Stream {
        pthread_t writer, reader;
        int in, out;
        unsigned long bytes, again;
} Stream;

static struct {
        const char *name;
        struct sockaddr_in to;
        unsigned queues, flows, rate, msec, attaches;
        bool streams;

        Queue queue[QUEUES_MAX];
        int sockets[FLOWS_MAX];
        Stream stream[FLOWS_MAX];
        unsigned long sent, refused, bytes, again;
        double seconds;
        double attach_us[ATTACHES_MAX], detach_us[ATTACHES_MAX];
        atomic_bool over;
} c;

_Noreturn static void die(const char *what) {
        perror(what);
        exit(EXIT_FAILURE);
}

static double now(void) {
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

static void wait_until(double when) {
        struct timespec t = { .tv_sec = (time_t) when };

        t.tv_nsec = (long) ((when - (double) t.tv_sec) * 1e9);
        (void) clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static int open_tun(void) {
        int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

        if (fd < 0)
                die("/dev/net/tun");
        return fd;
}

static void attach(int fd) {
        struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI | IFF_MULTI_QUEUE };

        memcpy(ifr.ifr_name, c.name, strlen(c.name));
        if (ioctl(fd, TUNSETIFF, &ifr) < 0)
                die("TUNSETIFF");
}

/* Ours alone, not what the kernel says by itself. */
static bool is_poured(const uint8_t *packet, ssize_t size) {
        return size >= 28 && packet[0] == 0x45 && packet[9] == IPPROTO_UDP &&
               ((packet[22] << 8) | packet[23]) >= FIRST_PORT;
}

/* To whom it is for, from there. */
static void reflect(int fd, uint8_t *packet, ssize_t size) {
        uint8_t from[4];

        if (size < 20 || packet[0] >> 4 != 4 || packet[9] != IPPROTO_TCP)
                return;
        memcpy(from, packet + 12, 4);
        memcpy(packet + 12, packet + 16, 4);
        memcpy(packet + 16, from, 4);
        if (write(fd, packet, (size_t) size) != size)
                die("write");
}

static void *read_queue(void *userdata) {
        Queue *q = userdata;
        uint8_t packet[2048];

        while (!atomic_load(&c.over)) {
                struct pollfd p = { .fd = q->fd, .events = POLLIN };
                ssize_t n;

                (void) poll(&p, 1, QUIET_MS / 4);
                while ((n = read(q->fd, packet, sizeof(packet))) > 0)
                        if (is_poured(packet, n))
                                atomic_fetch_add_explicit(&q->received, 1, memory_order_relaxed);
                        else
                                reflect(q->fd, packet, n);
        }
        return NULL;
}

static void start_readers(void) {
        for (unsigned i = 0; i < c.queues; i++) {
                c.queue[i].fd = open_tun();
                attach(c.queue[i].fd);
        }
        for (unsigned i = 0; i < c.queues; i++)
                if (pthread_create(&c.queue[i].thread, NULL, read_queue, c.queue + i) != 0)
                        die("thread");
}

static unsigned long received(void) {
        unsigned long n = 0;

        for (unsigned i = 0; i < c.queues; i++)
                n += atomic_load(&c.queue[i].received);
        return n;
}

static void stop_readers(void) {
        unsigned long before;

        do {
                before = received();
                wait_until(now() + QUIET_MS / 1e3);
        } while (received() != before);

        atomic_store(&c.over, true);
        for (unsigned i = 0; i < c.queues; i++)
                (void) pthread_join(c.queue[i].thread, NULL);
}

/* A port each: the kernel steers by the hash of addresses and ports. IP_RECVERR has it say what it refused.
 */
static void open_flows(void) {
        for (unsigned i = 0; i < c.flows; i++) {
                c.to.sin_port = htons((uint16_t) (FIRST_PORT + i));
                c.sockets[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
                if (c.sockets[i] < 0 ||
                    setsockopt(c.sockets[i], IPPROTO_IP, IP_RECVERR, &(int){ 1 }, sizeof(int)) < 0 ||
                    connect(c.sockets[i], (const struct sockaddr *) &c.to, sizeof(c.to)) < 0)
                        die("socket");
        }
}

static void send_one(unsigned flow) {
        static const char payload[PAYLOAD] = "pour";

        if (send(c.sockets[flow], payload, sizeof(payload), 0) == (ssize_t) sizeof(payload))
                c.sent++;
        else if (errno == ENOBUFS)
                c.refused++;
        else
                die("send");
}

static void *send_all(void *userdata) {
        double start = now(), end = start + c.msec / 1e3, next = start;
        unsigned flow = 0;

        (void) userdata;
        while (next < end && now() < end) {
                for (unsigned i = 0; i < BURST; i++)
                        send_one(flow++ % c.flows);
                if (c.rate == 0)
                        continue;
                next += (double) BURST / c.rate;
                if (next < now())
                        next = now();
                else
                        wait_until(next);
        }
        c.seconds = now() - start;
        return NULL;
}

static void *write_stream(void *userdata) {
        static const char buffer[65536] = "pour";
        double end = now() + c.msec / 1e3;
        Stream *s = userdata;
        struct tcp_info info;
        socklen_t size = sizeof(info);

        while (now() < end)
                if (send(s->out, buffer, sizeof(buffer), MSG_NOSIGNAL) < 0)
                        die("send");
        if (getsockopt(s->out, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
                die("TCP_INFO");
        s->again = info.tcpi_total_retrans;
        (void) close(s->out);
        return NULL;
}

static void *read_stream(void *userdata) {
        static _Thread_local char buffer[65536];
        Stream *s = userdata;
        ssize_t n;

        while ((n = read(s->in, buffer, sizeof(buffer))) > 0)
                s->bytes += (unsigned long) n;
        (void) close(s->in);
        return NULL;
}

static void open_streams(void) {
        struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(STREAM_PORT) };
        int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        c.to.sin_port = here.sin_port;
        if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) < 0 ||
            bind(listener, (const struct sockaddr *) &here, sizeof(here)) < 0 || listen(listener, 16) < 0)
                die("listening");
        for (unsigned i = 0; i < c.flows; i++) {
                Stream *s = c.stream + i;

                s->out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
                if (s->out < 0 || connect(s->out, (const struct sockaddr *) &c.to, sizeof(c.to)) < 0)
                        die("connect");
                s->in = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
                if (s->in < 0)
                        die("accept");
        }
        (void) close(listener);
}

static void *run_streams(void *userdata) {
        double start = now();

        (void) userdata;
        for (unsigned i = 0; i < c.flows; i++)
                if (pthread_create(&c.stream[i].reader, NULL, read_stream, c.stream + i) != 0 ||
                    pthread_create(&c.stream[i].writer, NULL, write_stream, c.stream + i) != 0)
                        die("thread");
        for (unsigned i = 0; i < c.flows; i++)
                (void) pthread_join(c.stream[i].writer, NULL);
        c.seconds = now() - start;
        for (unsigned i = 0; i < c.flows; i++) {
                (void) pthread_join(c.stream[i].reader, NULL);
                c.bytes += c.stream[i].bytes;
                c.again += c.stream[i].again;
        }
        return NULL;
}

/* Evenly over the time, so that the sender is at work whenever it happens. */
static void attach_again_and_again(void) {
        struct ifreq detach = { .ifr_flags = IFF_DETACH_QUEUE };
        double start = now(), pause = c.msec / 1e3 / (c.attaches + 1);

        for (unsigned i = 0; i < c.attaches; i++) {
                double before, between;
                int fd = open_tun();

                wait_until(start + pause * (i + 1));
                before = now();
                attach(fd);
                between = now();
                if (ioctl(fd, TUNSETQUEUE, &detach) < 0)
                        die("TUNSETQUEUE");
                c.detach_us[i] = (now() - between) * 1e6;
                c.attach_us[i] = (between - before) * 1e6;
                (void) close(fd);
        }
}

static void print_list(const char *name, const double *values, unsigned n) {
        printf(", \"%s\": [", name);
        for (unsigned i = 0; i < n; i++)
                printf("%s%.1f", i > 0 ? ", " : "", values[i]);
        printf("]");
}

static void print(void) {
        struct rusage usage;

        (void) getrusage(RUSAGE_SELF, &usage);
        printf("{\"sent\": %lu, \"refused\": %lu, \"received\": [", c.sent, c.refused);
        for (unsigned i = 0; i < c.queues; i++)
                printf("%s%lu", i > 0 ? ", " : "", atomic_load(&c.queue[i].received));
        printf("], \"bytes\": %lu, \"again\": %lu, \"seconds\": %.4f, \"cpu\": %.4f", c.bytes, c.again,
               c.seconds,
               (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                               (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
        print_list("attach_us", c.attach_us, c.attaches);
        print_list("detach_us", c.detach_us, c.attaches);
        puts("}");
}

static unsigned number(const char *text, unsigned least, unsigned most) {
        char *end;
        unsigned long n = strtoul(text, &end, 10);

        if (*text == 0 || *end != 0 || n < least || n > most) {
                fprintf(stderr, "pour: %s is not between %u and %u\n", text, least, most);
                exit(2);
        }
        return (unsigned) n;
}

int main(int argc, char *argv[]) {
        pthread_t sender;

        c.to.sin_family = AF_INET;
        if (argc < 7 || argc > 8 || strlen(argv[1]) >= IFNAMSIZ ||
            inet_pton(AF_INET, argv[2], &c.to.sin_addr) != 1) {
                fputs("Usage: pour NAME ADDRESS QUEUES FLOWS RATE|tcp MSEC [ATTACHES]\n", stderr);
                return 2;
        }
        c.name = argv[1];
        c.queues = number(argv[3], 1, QUEUES_MAX);
        c.flows = number(argv[4], 1, FLOWS_MAX);
        c.streams = strcmp(argv[5], "tcp") == 0;
        c.rate = c.streams ? 0 : number(argv[5], 0, 100000000);
        c.msec = number(argv[6], 1, 600000);
        c.attaches = argc == 8 ? number(argv[7], 0, ATTACHES_MAX) : 0;

        start_readers();
        /* The first queue of a device gives it its carrier, and the kernel drops what is sent before it took
         * notice of that. */
        wait_until(now() + QUIET_MS / 1e3);
        if (c.streams)
                open_streams();
        else
                open_flows();
        if (pthread_create(&sender, NULL, c.streams ? run_streams : send_all, NULL) != 0)
                die("thread");
        attach_again_and_again();
        (void) pthread_join(sender, NULL);
        stop_readers();
        print();
        return EXIT_SUCCESS;
}
