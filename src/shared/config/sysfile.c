/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads small files of the kernel. Their size is not known before (stat says 0 or a page), and one read may
 * give less than there is. */

#include "sysfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"

int sysfile_read(const char *path, size_t max, char **ret, size_t *ret_size) {
        _cleanup_(close_fdp) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        _cleanup_(freep) char *buffer = NULL;
        size_t n = 0;

        if (fd < 0)
                return -errno;

        max = max < SYSFILE_MAX ? max : SYSFILE_MAX;
        buffer = malloc(max + 1);
        if (!buffer)
                return -ENOMEM;

        while (n < max) {
                ssize_t k = read(fd, buffer + n, max - n);

                if (k < 0 && errno == EINTR)
                        continue;
                if (k < 0)
                        return -errno;
                if (k == 0)
                        break;
                n += (size_t) k;
        }

        buffer[n] = '\0';
        if (ret_size)
                *ret_size = n;
        *ret = TAKE_PTR(buffer);
        return 0;
}

char *sysfile_line(const char *path) {
        char *line = NULL;
        size_t n;

        if (sysfile_read(path, 4096, &line, NULL) < 0 || !line)
                return NULL;

        n = strcspn(line, "\n");
        while (n > 0 && strchr(" \t\r", line[n - 1]))
                n--;
        line[n] = '\0';
        return line;
}

bool sysfile_exists(const char *path) {
        return access(path, F_OK) >= 0;
}
