/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The wrong way to keep a carrier, and the control for test-keep-carrier: it attaches a queue, leaves it
 * attached and never reads it, as systemd-networkd did before its pull request 30504. The kernel then steers
 * a share of the packets to it.
 *
 *     holder NAME
 *
 * attaches one queue of the multiqueue tun NAME, prints "holding NAME", and keeps it until a signal ends it.
 */

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int argc, char *argv[]) {
        struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI | IFF_MULTI_QUEUE };
        int fd;

        if (argc != 2 || strlen(argv[1]) >= IFNAMSIZ) {
                fputs("Usage: holder NAME\n", stderr);
                return 2;
        }

        memcpy(ifr.ifr_name, argv[1], strlen(argv[1]));
        fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
        if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr) < 0) {
                perror(argv[1]);
                return EXIT_FAILURE;
        }

        printf("holding %s\n", argv[1]);
        (void) fflush(stdout);
        (void) pause();
        return EXIT_SUCCESS;
}
