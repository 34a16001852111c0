/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A library for LD_PRELOAD: somebody else is on the first device that the program makes before it has its
 * owner, every time, as squatter.c is by chance. That queue is closed when the program makes the next one.
 */

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int squatter = -1; /* -2: it was there */

int ioctl(int fd, unsigned long request, ...) {
        void *argument;
        va_list ap;
        int r;

        va_start(ap, request);
        argument = va_arg(ap, void *);
        va_end(ap);

        r = (int) syscall(SYS_ioctl, fd, request, argument);
        if (request != TUNSETIFF || r < 0)
                return r;
        if (squatter == -1) {
                struct ifreq again = *(struct ifreq *) argument;

                again.ifr_flags &= (short) ~IFF_TUN_EXCL;
                squatter = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
                (void) syscall(SYS_ioctl, squatter, TUNSETIFF, &again);
        } else if (squatter >= 0) {
                (void) close(squatter);
                squatter = -2;
        }
        return r;
}
