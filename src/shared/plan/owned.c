/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A sorted array and its file: a line "netns INODE", then "made NAME IFINDEX" or "adopted NAME IFINDEX"
 * each, IFINDEX 0 means half made; "set NAME SETTING BEFORE VALUE" for what was set on it, "lent NAME UID
 * PID" for its loan; and "items BITS" (OwnedItems). */

#include "owned.h"

#include <assert.h>
#include <endian.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"

void owned_done(Owned *owned) {
        for (size_t i = 0; i < owned->n; i++)
                free(owned->items[i].settings);
        free(owned->items);
        *owned = (Owned){};
}

/* A name filled up with zeros as two numbers, which are in the order of strcmp(3): each device is looked up
 * a score of times. */
typedef struct NameKey {
        uint64_t high, low;
} NameKey;

static NameKey name_key(const char name[static IFNAMSIZ]) {
        NameKey key;

        memcpy(&key, name, IFNAMSIZ);
        return (NameKey){ be64toh(key.high), be64toh(key.low) };
}

static int compare_name(const void *item, const void *key) {
        NameKey a = name_key(((const OwnedLink *) item)->name);
        const NameKey *b = key;

        if (a.high != b->high)
                return a.high < b->high ? -1 : 1;
        return (a.low > b->low) - (a.low < b->low);
}

/* Of the first entry not before name. */
static size_t position(const Owned *owned, const char *name) {
        char filled[IFNAMSIZ] = {};
        NameKey key;

        memcpy(filled, name, strnlen(name, IFNAMSIZ));
        key = name_key(filled);
        return ARRAY_LOWER_BOUND(owned->items, owned->n, &key, compare_name);
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
                /* What was set on another link of this name is gone with it. */
                if (o->ifindex != ifindex && o->ifindex > 0) {
                        o->n_settings = 0;
                        o->loan = (OwnedLoan){};
                }
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

        free(o->settings);
        memmove(o, o + 1, (size_t) (owned->items + owned->n - o - 1) * sizeof(OwnedLink));
        owned->n--;
        owned->dirty = true;
}

static size_t setting_position(const OwnedLink *link, Setting s) {
        size_t i = 0;

        while (i < link->n_settings && link->settings[i].setting < s)
                i++;
        return i;
}

const OwnedSetting *owned_setting(const OwnedLink *link, Setting s) {
        size_t i = link ? setting_position(link, s) : 0;

        return link && i < link->n_settings && link->settings[i].setting == s ? link->settings + i : NULL;
}

int owned_set(Owned *owned, const char *name, Setting s, const uint64_t *before, uint64_t value) {
        OwnedLink *o = owned_find(owned, name);
        OwnedSetting *known;
        size_t i;
        int r;

        assert(o);

        known = (OwnedSetting *) owned_setting(o, s);
        if (known) {
                owned->dirty = owned->dirty || known->value != value;
                known->value = value;
                return 0;
        }

        r = ARRAY_RESERVE_ONE(o->settings, o->n_settings);
        if (r < 0)
                return r;
        i = setting_position(o, s);
        memmove(o->settings + i + 1, o->settings + i, (o->n_settings - i) * sizeof(OwnedSetting));
        o->settings[i] = (OwnedSetting){ s, before != NULL, before ? *before : 0, value };
        o->n_settings++;
        owned->dirty = true;
        return 0;
}

void owned_unset(Owned *owned, const char *name, Setting s) {
        OwnedLink *o = owned_find(owned, name);
        OwnedSetting *known = o ? (OwnedSetting *) owned_setting(o, s) : NULL;

        if (!known)
                return;
        memmove(known, known + 1, (size_t) (o->settings + o->n_settings - known - 1) * sizeof(OwnedSetting));
        o->n_settings--;
        owned->dirty = true;
}

void owned_lend(Owned *owned, const char *name, int64_t uid, uint32_t pid) {
        OwnedLoan loan = { .set = uid >= 0, .uid = uid < 0 ? 0 : (uint32_t) uid, .pid = uid < 0 ? 0 : pid };
        OwnedLink *o = owned_find(owned, name);

        if (!o || (o->loan.set == loan.set && o->loan.uid == loan.uid && o->loan.pid == loan.pid))
                return;
        o->loan = loan;
        owned->dirty = true;
}

void owned_see_items(Owned *owned, unsigned items) {
        owned->dirty = owned->dirty || (owned->items_seen | items) != owned->items_seen;
        owned->items_seen |= items;
}

int owned_add_missing(Owned *owned, Owned *from) {
        int r;

        for (size_t i = 0; i < from->n; i++) {
                OwnedLink *link = from->items + i, *added;

                if (owned_find(owned, link->name))
                        continue;
                r = owned_put(owned, link->name, link->ifindex, link->made);
                if (r < 0)
                        return r;
                added = owned_find(owned, link->name);
                added->settings = TAKE_PTR(link->settings);
                added->n_settings = link->n_settings;
                added->loan = link->loan;
                link->n_settings = 0;
        }
        owned_see_items(owned, from->items_seen);
        return 0;
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

/* "set NAME SETTING BEFORE VALUE"; BEFORE is "-" when it could not be read. */
static int read_setting(Owned *owned, const char *line) {
        char name[IFNAMSIZ], word[64], before_text[24], rest;
        uint64_t before = 0, value;
        Setting s;

        if (sscanf(line, "set %15s %63s %23s %" SCNu64 " %c", name, word, before_text, &value, &rest) != 4)
                return 0;
        s = setting_from_string(word);
        if (s < 0 || !owned_find(owned, name))
                return 0;
        if (strcmp(before_text, "-") == 0)
                return owned_set(owned, name, s, NULL, value);
        if (sscanf(before_text, "%" SCNu64 "%c", &before, &rest) != 1)
                return 0;
        return owned_set(owned, name, s, &before, value);
}

/* What is malformed costs its line. */
static int read_line(Owned *owned, const char *line) {
        char how[8], name[IFNAMSIZ], rest;
        unsigned items;
        uint32_t uid, pid;
        int ifindex;

        if (strncmp(line, "set ", 4) == 0)
                return read_setting(owned, line);
        if (sscanf(line, "lent %15s %" SCNu32 " %" SCNu32 " %c", name, &uid, &pid, &rest) == 3) {
                owned_lend(owned, name, uid, pid);
                return 0;
        }
        if (sscanf(line, "items %u %c", &items, &rest) == 1) {
                owned_see_items(owned, items);
                return 0;
        }
        if (sscanf(line, "%7s %15s %d %c", how, name, &ifindex, &rest) != 3 || ifindex < 0)
                return 0;
        if (strcmp(how, "made") == 0 || strcmp(how, "adopted") == 0)
                return owned_put(owned, name, ifindex, how[0] == 'm');
        return 0;
}

int owned_read(Owned *owned, const char *dir, uint64_t netns) {
        _cleanup_(freep) char *path = NULL, *line = NULL;
        _cleanup_(fclosep) FILE *f = NULL;
        uint64_t written_for = 0;
        bool torn = false;
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
                torn = !strchr(line, '\n');
                if (torn)
                        break; /* what it says may be half a number */
                if (sscanf(line, "netns %" SCNu64, &written_for) == 1 && written_for != netns)
                        break;
                if (written_for == netns)
                        r = read_line(owned, line);
        }

        if (r >= 0 && ferror(f))
                r = -EIO;
        owned->dirty = torn; /* nothing may be added behind it */
        if (r < 0)
                owned_done(owned);
        return r;
}

static void write_setting(const OwnedLink *link, const OwnedSetting *s, FILE *f) {
        fprintf(f, "set %s %s ", link->name, setting_to_string(s->setting));
        if (s->has_before)
                fprintf(f, "%" PRIu64, s->before);
        else
                fputc('-', f);
        fprintf(f, " %" PRIu64 "\n", s->value);
}

static int write_lines(const Owned *owned, FILE *f, uint64_t netns) {
        fprintf(f, "# Links made by netdevd(8); rewritten by it.\nnetns %" PRIu64 "\n", netns);
        if (owned->items_seen)
                fprintf(f, "items %u\n", owned->items_seen);
        for (size_t i = 0; i < owned->n; i++) {
                fprintf(f, "%s %s %d\n", owned->items[i].made ? "made" : "adopted", owned->items[i].name,
                        owned->items[i].ifindex);
                if (owned->items[i].loan.set)
                        fprintf(f, "lent %s %" PRIu32 " %" PRIu32 "\n", owned->items[i].name,
                                owned->items[i].loan.uid, owned->items[i].loan.pid);
                for (size_t j = 0; j < owned->items[i].n_settings; j++)
                        write_setting(owned->items + i, owned->items[i].settings + j, f);
        }

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

int owned_append(const char *dir, const char *name, int ifindex) {
        _cleanup_(close_fdp) int fd = -EBADF;
        _cleanup_(freep) char *path = NULL;
        char line[64];
        ssize_t n;

        if (asprintf(&path, "%s/links", dir) < 0) {
                path = NULL;
                return -ENOMEM;
        }

        fd = open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
        if (fd < 0)
                return -errno;

        n = snprintf(line, sizeof(line), "made %s %d\n", name, ifindex);
        n = write(fd, line, (size_t) n) - n;
        return n == 0 ? 0 : -EIO;
}
