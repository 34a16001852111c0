/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The plain way to make persistent devices: create, then give to the owner. It is the control for
 * squatter.c: what the loop wins here shows that the machine is able to lose the race that netdevd must not
 * lose.
 *
 *     naive PREFIX COUNT OWNER
 *
 * makes PREFIX0 to PREFIX(COUNT-1), multiqueue tun, persistent, owned by the uid OWNER, and closes every
 * descriptor it had. Whatever queue a device has after that is somebody else's: it prints "squatted N of
 * COUNT". The devices stay. */

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct Count {
        const char *prefix;
        unsigned devices;
        unsigned squatted;
} Count;

typedef struct Link {
        const char *name;
        uint32_t queues; /* attached and detached ones */
} Link;

static int create(const char *prefix, int i, uid_t owner) {
        struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI | IFF_MULTI_QUEUE };
        char name[IFNAMSIZ * 2];
        int fd;

        (void) snprintf(name, sizeof(name), "%s%i", prefix, i);
        if (strlen(name) >= IFNAMSIZ)
                return -EINVAL;
        memcpy(ifr.ifr_name, name, strlen(name));

        fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        if (ioctl(fd, TUNSETIFF, &ifr) < 0 || ioctl(fd, TUNSETOWNER, (unsigned long) owner) < 0 ||
            ioctl(fd, TUNSETPERSIST, 1) < 0)
                return -errno; /* the program ends, and the descriptor with it */

        (void) close(fd);
        return 0;
}

static int on_tun_attr(const struct nlattr *attr, void *userdata) {
        Link *link = userdata;

        switch (mnl_attr_get_type(attr)) {
        case IFLA_TUN_NUM_QUEUES:
        case IFLA_TUN_NUM_DISABLED_QUEUES: link->queues += mnl_attr_get_u32(attr);
        }

        return MNL_CB_OK;
}

static int on_info_attr(const struct nlattr *attr, void *userdata) {
        if (mnl_attr_get_type(attr) == IFLA_INFO_DATA)
                return mnl_attr_parse_nested(attr, on_tun_attr, userdata);

        return MNL_CB_OK;
}

static int on_link_attr(const struct nlattr *attr, void *userdata) {
        Link *link = userdata;

        switch (mnl_attr_get_type(attr)) {
        case IFLA_IFNAME: link->name = mnl_attr_get_str(attr); break;
        case IFLA_LINKINFO: return mnl_attr_parse_nested(attr, on_info_attr, link);
        }

        return MNL_CB_OK;
}

static int on_link(const struct nlmsghdr *nlh, void *userdata) {
        Count *count = userdata;
        Link link = { .name = "" };

        if (mnl_attr_parse(nlh, sizeof(struct ifinfomsg), on_link_attr, &link) < 0)
                return MNL_CB_ERROR;
        if (strncmp(link.name, count->prefix, strlen(count->prefix)) == 0) {
                count->devices++;
                count->squatted += link.queues > 0;
        }

        return MNL_CB_OK;
}

static int count_squatted(Count *count) {
        static char buffer[32768];
        struct mnl_socket *sock;
        struct nlmsghdr *nlh;
        struct ifinfomsg *info;
        int r = 1;

        sock = mnl_socket_open(NETLINK_ROUTE);
        if (!sock)
                return -1;

        nlh = mnl_nlmsg_put_header(buffer);
        nlh->nlmsg_type = RTM_GETLINK;
        nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
        nlh->nlmsg_seq = 1;
        info = mnl_nlmsg_put_extra_header(nlh, sizeof(*info));
        info->ifi_family = AF_UNSPEC;

        if (mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0 ||
            mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) < 0)
                r = -1;
        while (r > 0) {
                ssize_t n;

                n = mnl_socket_recvfrom(sock, buffer, sizeof(buffer));
                r = n < 0 ? -1
                          : mnl_cb_run(buffer, (size_t) n, 1, mnl_socket_get_portid(sock), on_link, count);
        }

        (void) mnl_socket_close(sock);
        return r;
}

int main(int argc, char *argv[]) {
        Count count = { 0 };
        int n;

        if (argc != 4) {
                fputs("Usage: naive PREFIX COUNT OWNER\n", stderr);
                return 2;
        }

        count.prefix = argv[1];
        n = atoi(argv[2]);

        for (int i = 0; i < n; i++) {
                int r;

                r = create(argv[1], i, (uid_t) strtoul(argv[3], NULL, 10));
                if (r < 0) {
                        fprintf(stderr, "%s%i: %s\n", argv[1], i, strerror(-r));
                        return EXIT_FAILURE;
                }
        }

        if (count_squatted(&count) < 0) {
                perror("RTM_GETLINK");
                return EXIT_FAILURE;
        }
        if (count.devices != (unsigned) n) {
                fprintf(stderr, "%u devices of %i are there\n", count.devices, n);
                return EXIT_FAILURE;
        }

        printf("squatted %u of %i\n", count.squatted, n);
        return EXIT_SUCCESS;
}
