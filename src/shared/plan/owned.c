/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A sorted array and its file: a line "netns INODE", then "made NAME IFINDEX" or "adopted NAME IFINDEX"
 * each; IFINDEX 0 means half made. */

#include "owned.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"

void owned_done(Owned *owned) {
        free(owned->items);
        *owned = (Owned){};
}

/* The first entry not before name. */
static size_t position(const Owned *owned, const char *name) {
        size_t low = 0, high = owned->n;

        while (low < high) {
                size_t middle = (low + high) / 2;

                if (strcmp(owned->items[middle].name, name) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

OwnedLink *owned_find(const Owned *owned, const char *name) {
        size_t i = position(owned, name);

        return i < owned->n && strcmp(owned->items[i].name, name) == 0 ? owned->items + i : NULL;
}

int owned_put(Owned *owned, const char *name, int ifindex, bool made) {
        OwnedLink *o = owned_find(owned, name);
        size_t i;
        int r;

        assert(strlen(name) < IFNAMSIZ);

        if (o) {
                owned->dirty = owned->dirty || o->ifindex != ifindex || o->made != made;
                o->ifindex = ifindex;
                o->made = made;
                return 0;
        }

        r = ARRAY_RESERVE_ONE(owned->items, owned->n);
        if (r < 0)
                return r;

        i = position(owned, name);
        memmove(owned->items + i + 1, owned->items + i, (owned->n - i) * sizeof(OwnedLink));
        owned->items[i] = (OwnedLink){ .ifindex = ifindex, .made = made };
        memcpy(owned->items[i].name, name, strlen(name));
        owned->n++;
        owned->dirty = true;
        return 0;
}

void owned_remove(Owned *owned, const char *name) {
        OwnedLink *o = owned_find(owned, name);

        if (!o)
                return;

        memmove(o, o + 1, (size_t) (owned->items + owned->n - o - 1) * sizeof(OwnedLink));
        owned->n--;
        owned->dirty = true;
}

/* The directory should be ours; should it not be, what is there must not make us wait. */
static int open_record(const char *path, FILE **ret) {
        _cleanup_(close_fdp) int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
        struct stat st;

        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;

        *ret = fdopen(fd, "r");
        if (!*ret)
                return -ENOMEM;
        take_fd(&fd);
        return 0;
}

int owned_read(Owned *owned, const char *dir, uint64_t netns) {
        _cleanup_(freep) char *path = NULL, *line = NULL;
        _cleanup_(fclosep) FILE *f = NULL;
        uint64_t written_for = 0;
        size_t size = 0;
        int r = 0;

        *owned = (Owned){};
        if (asprintf(&path, "%s/links", dir) < 0) {
                path = NULL;
                return -ENOMEM;
        }

        r = open_record(path, &f);
        if (r < 0)
                return r == -ENOENT ? 0 : r;

        while (r >= 0 && getline(&line, &size, f) > 0) {
                char how[8], name[IFNAMSIZ];
                int ifindex;

                if (sscanf(line, "netns %" SCNu64, &written_for) == 1 && written_for != netns)
                        break;
                if (written_for != netns || sscanf(line, "%7s %15s %d", how, name, &ifindex) != 3 ||
                    ifindex < 0)
                        continue;
                if (strcmp(how, "made") == 0 || strcmp(how, "adopted") == 0)
                        r = owned_put(owned, name, ifindex, how[0] == 'm');
        }

        if (r >= 0 && ferror(f))
                r = -EIO;
        owned->dirty = false;
        if (r < 0)
                owned_done(owned);
        return r;
}

static int write_lines(const Owned *owned, FILE *f, uint64_t netns) {
        fprintf(f, "# Links made by netdevd(8); rewritten by it.\nnetns %" PRIu64 "\n", netns);
        for (size_t i = 0; i < owned->n; i++)
                fprintf(f, "%s %s %d\n", owned->items[i].made ? "made" : "adopted", owned->items[i].name,
                        owned->items[i].ifindex);

        errno = EIO;
        return fflush(f) != 0 || ferror(f) ? -errno : 0;
}

int owned_write(Owned *owned, const char *dir, uint64_t netns) {
        _cleanup_(freep) char *path = NULL, *temporary = NULL;
        _cleanup_(fclosep) FILE *f = NULL;
        int fd, r;

        if (!owned->dirty)
                return 0;

        if (asprintf(&path, "%s/links", dir) < 0)
                path = NULL;
        if (asprintf(&temporary, "%s/.links.tmp", dir) < 0)
                temporary = NULL;
        if (!path || !temporary)
                return -ENOMEM;

        (void) unlink(temporary); /* of a run that was cut short */
        fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0)
                return -errno;
        f = fdopen(fd, "w");
        if (!f) {
                safe_close(fd);
                return -ENOMEM;
        }

        r = fchmod(fd, 0644) < 0 ? -errno : write_lines(owned, f, netns);
        if (r >= 0 && rename(temporary, path) < 0)
                r = -errno;
        if (r < 0) {
                (void) unlink(temporary);
                return r;
        }

        owned->dirty = false;
        return 0;
}
