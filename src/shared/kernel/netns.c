/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The cookie of the namespace (Linux 5.14) is never used twice in a boot; before that the inode number has
 * to do, which is. */

#include "netns.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-id128.h>

int netns_identify(int socket_fd, uint64_t *ret) {
        uint64_t cookie;
        socklen_t size = sizeof(cookie);
        sd_id128_t boot;
        struct stat st;
        int r;

        r = sd_id128_get_boot(&boot);
        if (r < 0)
                return r;

        if (getsockopt(socket_fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) < 0) {
                if (stat("/proc/self/ns/net", &st) < 0)
                        return -errno;
                cookie = st.st_ino;
        }

        *ret = cookie ^ boot.qwords[0];
        return 0;
}
