/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What can be seen of devices, beyond rtnetlink: a queue holder changes it without any privilege, it
 * outlives him, and nothing but an attached queue shows most of it.
 *
 *     traits PREFIX COUNT
 *
 * attaches for a moment to PREFIX0 to PREFIX(COUNT-1), multiqueue tun, and prints one line each, without the
 * name, so that devices that are alike have equal lines: "type T header H le L offloads CSUM TSO carrier C".
 * It needs to be root. */

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int ethtool(int sock, struct ifreq ifr, uint32_t command, uint32_t *ret) {
        struct ethtool_value value = { .cmd = command };

        ifr.ifr_data = (char *) &value;
        if (ioctl(sock, SIOCETHTOOL, &ifr) < 0)
                return -1;
        *ret = value.data;
        return 0;
}

static int print(int sock, const char *name) {
        uint32_t checksum, segmentation, carrier;
        struct ifreq ifr = { .ifr_flags = 0 }, queue;
        int fd, header, little_endian;

        memcpy(ifr.ifr_name, name, strlen(name));

        /* The carrier before the attach, since the first queue raises it. */
        if (ethtool(sock, ifr, ETHTOOL_GLINK, &carrier) < 0 ||
            ethtool(sock, ifr, ETHTOOL_GTXCSUM, &checksum) < 0 ||
            ethtool(sock, ifr, ETHTOOL_GTSO, &segmentation) < 0)
                return -1;

        fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
        queue = ifr;
        queue.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_MULTI_QUEUE;
        if (fd < 0 || ioctl(fd, TUNSETIFF, &queue) < 0 || ioctl(fd, TUNGETVNETHDRSZ, &header) < 0 ||
            ioctl(fd, TUNGETVNETLE, &little_endian) < 0 || ioctl(sock, SIOCGIFHWADDR, &ifr) < 0)
                return -1;

        (void) close(fd);
        printf("type %u header %d le %d offloads %u %u carrier %u\n", ifr.ifr_hwaddr.sa_family, header,
               little_endian, checksum, segmentation, carrier);
        return 0;
}

int main(int argc, char *argv[]) {
        int sock;

        if (argc != 3) {
                fputs("Usage: traits PREFIX COUNT\n", stderr);
                return 2;
        }

        sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        for (int i = 0; i < atoi(argv[2]); i++) {
                char name[IFNAMSIZ * 2];

                (void) snprintf(name, sizeof(name), "%s%i", argv[1], i);
                if (strlen(name) >= IFNAMSIZ)
                        errno = ENAMETOOLONG;
                else if (print(sock, name) >= 0)
                        continue;
                perror(name);
                return EXIT_FAILURE;
        }

        return EXIT_SUCCESS;
}
