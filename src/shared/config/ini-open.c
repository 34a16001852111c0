/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whoever may write to a configuration directory may put anything there. Only regular files are read; the
 * rest is opened so that it cannot block, looked at, and named in the diagnostic. */

#include "ini-open.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "ini.h"

static const char *type_name(mode_t mode) {
        switch (mode & S_IFMT) {
        case S_IFDIR: return "directory";
        case S_IFIFO: return "FIFO";
        case S_IFSOCK: return "socket";
        case S_IFCHR: return "character device";
        case S_IFBLK: return "block device";
        default: return "special file";
        }
}

static int refuse_type(const char *path, mode_t mode, Diagnostics *diag) {
        (void) diag_add(diag, SEVERITY_ERROR, &(Source){ .path = path },
                        "put a file there, or remove it; to mask the name, make it a symlink to /dev/null",
                        "is a %s, not a regular file; it is not used", type_name(mode));
        return S_ISDIR(mode) ? -EISDIR : -EINVAL;
}

/* Permission is missing on the file, or on a directory above it when not even stat() is allowed. */
static int refuse_permission(const char *path, int error, Diagnostics *diag) {
        struct stat st;

        if (stat(path, &st) < 0)
                (void) diag_add(diag, SEVERITY_ERROR, &(Source){ .path = path },
                                "give that user search permission on the directories, with chmod or chgrp",
                                "permission denied: uid %u may not enter a directory on the way; the file "
                                "is not used",
                                geteuid());
        else
                (void) diag_add(diag, SEVERITY_ERROR, &(Source){ .path = path },
                                "give that user read permission, with chmod (for example chmod a+r), chgrp "
                                "or chown",
                                "permission denied: uid %u may not read it, it has mode %04o, owner %u and "
                                "group %u; "
                                "it is not used",
                                geteuid(), st.st_mode & 07777, st.st_uid, st.st_gid);
        return error;
}

static int refuse(const char *path, int error, Diagnostics *diag) {
        const char *hint = "check the file and the file system it is on";
        struct stat st;

        if (error == -ENOENT || error == -ENOMEM)
                return error;
        if (error == -EACCES || error == -EPERM)
                return refuse_permission(path, error, diag);
        if (error == -ENXIO &&
            stat(path, &st) == 0) /* sockets and devices without a driver cannot be opened */
                return refuse_type(path, st.st_mode, diag);
        if (error == -ELOOP)
                hint = "its symlinks lead in a circle; remove it or point it to a file";
        if (error == -ENOTDIR)
                hint = "something on the path is no directory; check the path";

        (void) diag_add(diag, SEVERITY_ERROR, &(Source){ .path = path }, hint,
                        "cannot be opened: %s; it is not used", strerror(-error));
        return error;
}

static int check(const char *path, int fd, Diagnostics *diag, size_t *ret_size) {
        struct stat st;

        if (fstat(fd, &st) < 0)
                return refuse(path, -errno, diag);
        if (!S_ISREG(st.st_mode))
                return refuse_type(path, st.st_mode, diag);
        *ret_size = st.st_size > 0 ? (size_t) st.st_size : SIZE_MAX;
        if (st.st_size <= INI_FILE_MAX)
                return 0;

        (void) diag_add(diag, SEVERITY_ERROR, &(Source){ .path = path },
                        "split it into drop-ins, if it is a configuration file",
                        "the file has %lld bytes, at most %d are read; it is not used",
                        (long long) st.st_size, INI_FILE_MAX);
        return -EFBIG;
}

int ini_open(const char *path, Diagnostics *diag, size_t *ret_size) {
        _cleanup_(close_fdp) int fd = -EBADF;
        int r;

        assert(path);
        assert(diag);
        assert(ret_size);

        /* O_NONBLOCK: a FIFO without a writer opens at once. O_NOCTTY: a terminal does not become ours. */
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
                return refuse(path, -errno, diag);

        r = check(path, fd, diag, ret_size);
        return r < 0 ? r : take_fd(&fd);
}
