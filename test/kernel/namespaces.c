/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Everything here is undone by the end of the process: namespaces and the mounts in them go with their last
 * user. The order matters: mounts become private before anything is mounted, so that nothing gets out. */

#include "namespaces.h"

#include "../unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"

#define TUN_DIRECTORY "/dev/net"
#define TUN_NODE      TUN_DIRECTORY "/tun"

static int complain(const char *what) {
        int r = -errno;

        fprintf(stderr, "Skipped: %s: %s\n", what, strerror(-r));
        return r;
}

static int write_text(const char *path, const char *text) {
        _cleanup_(close_fdp) int fd = open(path, O_WRONLY | O_CLOEXEC);

        if (fd < 0 || write(fd, text, strlen(text)) < 0)
                return complain(path);
        return 0;
}

static int write_map(const char *path, unsigned id) {
        char line[64];

        snprintf(line, sizeof(line), "0 %u 1\n", id);
        return write_text(path, line);
}

/* To root of a user namespace, which may make the others. */
static int enter_user_namespace(void) {
        unsigned uid = geteuid(), gid = getegid();
        int r;

        if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) < 0)
                return complain("unshare of user, network and mount namespaces");

        r = write_text("/proc/self/setgroups", "deny");
        if (r < 0)
                return r;

        r = write_map("/proc/self/uid_map", uid);
        if (r < 0)
                return r;

        return write_map("/proc/self/gid_map", gid);
}

static int enter_namespaces(void) {
        if (unshare(CLONE_NEWNET | CLONE_NEWNS) >= 0)
                return 0;
        if (errno != EPERM)
                return complain("unshare of network and mount namespaces");

        return enter_user_namespace();
}

static int make_own_tun_node(void) {
        mode_t mask = umask(0);
        int r;

        r = mknod(TUN_NODE, S_IFCHR | 0666, makedev(10, 200));
        umask(mask);
        return r;
}

/* A tmpfs over /dev/net with our own node. Where either is forbidden (a user namespace), what is there stays
 * as it is. */
static void hide_tun_node(void) {
        if (mount("tmpfs", TUN_DIRECTORY, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=64k") < 0)
                return;

        if (make_own_tun_node() < 0)
                (void) umount2(TUN_DIRECTORY, MNT_DETACH);
}

static int raise_loopback(void) {
        _cleanup_(close_fdp) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };

        if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
                return complain("loopback up");
        return 0;
}

int test_enter_namespaces(void) {
        int r;

        r = enter_namespaces();
        if (r < 0)
                return r;

        if (mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0)
                return complain("private mounts");

        hide_tun_node();
        return raise_loopback();
}

void test_skip(const char *reason) {
        printf("Skipped: %s\n", reason); /* where cmocka says which test it was */
        skip();
}
