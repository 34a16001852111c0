/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* fdinfo of a tun descriptor has a line "iff:" with the name of the device. Processes come and go meanwhile:
 * what vanished is passed over. */

#include "holders.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/escape.h"

static void closedirp(DIR **d) {
        if (*d)
                (void) closedir(*d);
}

void holders_done(Holders *h) {
        free(h->items);
        *h = (Holders){};
}

/* Whether the descriptor is a tun's, by where it leads: spares reading what most descriptors say. */
static bool is_tun_fd(int dir_fd, const char *name) {
        char target[PATH_MAX];
        ssize_t n = readlinkat(dir_fd, name, target, sizeof(target) - 1);

        if (n < 0)
                return false;
        target[n] = 0;
        return strstr(target, "/net/tun") != NULL;
}

static bool is_of_device(int process_fd, const char *fd_name, const char *ifname) {
        _cleanup_(close_fdp) int fd = -EBADF;
        char path[NAME_MAX + 16], text[1024], *line;
        ssize_t n;

        (void) snprintf(path, sizeof(path), "fdinfo/%s", fd_name);
        fd = openat(process_fd, path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return false;
        n = read(fd, text, sizeof(text) - 1);
        if (n < 0)
                return false;
        text[n] = 0;

        line = strstr(text, "iff:");
        if (!line)
                return false;
        line += strcspn(line, " \t");
        line += strspn(line, " \t");
        line[strcspn(line, "\n")] = 0;
        return strcmp(line, ifname) == 0;
}

static int count_queues(int process_fd, const char *ifname, unsigned *ret) {
        _cleanup_(closedirp) DIR *d = NULL;
        int fd = openat(process_fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        const struct dirent *de;

        *ret = 0;
        if (fd < 0)
                return -errno;
        d = fdopendir(fd);
        if (!d) {
                safe_close(fd);
                return -ENOMEM;
        }

        while ((de = readdir(d)))
                if (isdigit((unsigned char) de->d_name[0]) && is_tun_fd(dirfd(d), de->d_name) &&
                    is_of_device(process_fd, de->d_name, ifname))
                        (*ret)++;
        return 0;
}

static void read_comm(int process_fd, Holder *h) {
        _cleanup_(close_fdp) int fd = openat(process_fd, "comm", O_RDONLY | O_CLOEXEC);
        _cleanup_(freep) char *escaped = NULL;
        char text[32] = "";
        ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

        text[n > 0 ? n : 0] = 0;
        text[strcspn(text, "\n")] = 0;
        escaped = text_escape(text, sizeof(h->comm) - 8);
        (void) snprintf(h->comm, sizeof(h->comm), "%s", escaped && *escaped ? escaped : "?");
}

static int look_into(Holders *h, const char *pid, const char *ifname) {
        _cleanup_(close_fdp) int fd = -EBADF;
        Holder holder = { .pid = (pid_t) atol(pid) };
        struct stat st, own;
        char path[NAME_MAX + 16];
        int r;

        (void) snprintf(path, sizeof(path), "/proc/%s", pid);
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) < 0)
                return 0; /* gone */
        holder.uid = st.st_uid;

        r = count_queues(fd, ifname, &holder.queues);
        if (r == -EACCES || r == -EPERM)
                h->complete = false;
        if (r == -ENOMEM || ARRAY_RESERVE_ONE(h->items, h->n) < 0)
                return -ENOMEM;
        if (holder.queues == 0)
                return 0;

        holder.other_namespace = stat("/proc/self/ns/net", &own) < 0 || fstatat(fd, "ns/net", &st, 0) < 0 ||
                                 st.st_ino != own.st_ino;
        read_comm(fd, &holder);
        h->items[h->n++] = holder;
        return 0;
}

int holders_find(const char *ifname, Holders *ret) {
        _cleanup_(closedirp) DIR *d = opendir("/proc");
        _cleanup_(holders_done) Holders h = { .complete = true };
        const struct dirent *de;
        int r = 0;

        if (!d)
                return -errno;
        while (r >= 0 && (de = readdir(d)))
                if (isdigit((unsigned char) de->d_name[0]))
                        r = look_into(&h, de->d_name, ifname);
        if (r < 0)
                return r;

        *ret = h;
        h = (Holders){};
        return 0;
}
