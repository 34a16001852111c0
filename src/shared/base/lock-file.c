/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Locks of whole files, flock(2), and where the kernel lists them, proc_locks(5). */

#include "lock-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cleanup.h"

/* Root in a directory of somebody else: the next one to lock it is him. Only for a file we have just made:
 * one that was there could be anything that he has linked to. */
static void give_to_owner_of_directory(int fd, const char *path) {
        const char *slash = strrchr(path, '/');
        _cleanup_(freep) char *directory =
                        slash && slash > path ? strndup(path, (size_t) (slash - path)) : NULL;
        struct stat st;

        if (geteuid() == 0 && directory && stat(directory, &st) >= 0 && st.st_uid != 0)
                (void) !fchown(fd, st.st_uid, st.st_gid); /* or not, without CAP_CHOWN */
}

int lock_file_take(const char *path) {
        _cleanup_(close_fdp) int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

        if (fd >= 0)
                give_to_owner_of_directory(fd, path);
        else if (errno == EEXIST)
                fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);

        if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
                return -errno;
        return take_fd(&fd);
}

bool lock_file_is_taken(const char *path) {
        _cleanup_(fclosep) FILE *locks = NULL;
        bool taken = false;
        struct stat st;
        char line[256];

        if (stat(path, &st) < 0)
                return false;
        locks = fopen("/proc/locks", "re");
        while (locks && !taken && fgets(line, sizeof(line), locks)) {
                unsigned long long inode;
                unsigned major, minor;

                taken = sscanf(line, "%*u: FLOCK ADVISORY WRITE %*d %x:%x:%llu", &major, &minor, &inode) ==
                                        3 &&
                        makedev(major, minor) == st.st_dev && inode == st.st_ino;
        }
        return taken;
}
