/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* /proc, /sys and the journal, each of which may be missing. */

#include "status-parts.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <systemd/sd-journal.h>
#include <systemd/sd-login.h>
#include <time.h>

#include "base/escape.h"
#include "config/values.h"
#include "holders.h"

#define TEXT_MAX 512

/* A device that was renamed by hand goes by another name in /sys and /proc. */
static int link_name(const Status *d, char *name) {
        _cleanup_(close_fdp) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        struct ifreq ifr = { .ifr_ifindex = d->ifindex };

        if (d->ifindex <= 0 || fd < 0 || ioctl(fd, SIOCGIFNAME, &ifr) < 0)
                return -ENODEV;
        memcpy(name, ifr.ifr_name, IFNAMSIZ);
        return 0;
}

/* The first line of a small file, escaped; NULL when there is none. */
static char *read_line(const char *path) {
        _cleanup_(close_fdp) int fd = open(path, O_RDONLY | O_CLOEXEC);
        char text[128];
        ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

        if (n <= 0)
                return NULL;
        text[n] = 0;
        text[strcspn(text, "\n")] = 0;
        return text_escape(text, TEXT_MAX);
}

static char *unit_of(pid_t pid) {
        _cleanup_(freep) char *unit = NULL;

        if (sd_pid_get_user_unit(pid, &unit) < 0 && sd_pid_get_unit(pid, &unit) < 0)
                unit = NULL;
        return text_escape(unit ?: "", TEXT_MAX);
}

static Consumer *find(Consumers *c, uint32_t pid) {
        for (size_t i = 0; i < c->n; i++)
                if (c->items[i].pid == pid)
                        return c->items + i;
        return NULL;
}

/* Takes command and unit over. */
static int add(Consumers *c, Consumer consumer, char *command, char *unit) {
        consumer.command = command;
        consumer.unit = unit;
        if (!command || !unit || ARRAY_RESERVE_ONE(c->items, c->n) < 0) {
                free(command);
                free(unit);
                return -ENOMEM;
        }
        c->items[c->n++] = consumer;
        return 0;
}

static int add_leases(const Status *d, bool remote, Consumers *c) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < d->n_leases; i++) {
                const StatusLease *l = d->leases + i;
                Consumer consumer = { .pid = l->pid, .uid = l->uid, .leased = true };
                char path[64];

                (void) snprintf(path, sizeof(path), "/proc/%" PRIu32 "/comm", l->pid);
                if (!find(c, l->pid))
                        r = add(c, consumer, (remote ? NULL : read_line(path)) ?: strdup(""),
                                strdup(l->unit));
        }
        return r;
}

static int add_holders(const Status *d, pid_t daemon, Consumers *c) {
        _cleanup_(holders_done) Holders h = {};
        char name[IFNAMSIZ];
        int r = 0;

        if (!d->is_tuntap || link_name(d, name) < 0 || holders_find(name, &h) < 0)
                return 0;
        c->complete = h.complete;
        for (size_t i = 0; r >= 0 && i < h.n; i++) {
                const Holder *x = h.items + i;
                Consumer *known = find(c, (uint32_t) x->pid);
                Consumer consumer = { .pid = (uint32_t) x->pid, .uid = x->uid, .queues = x->queues };

                if (x->other_namespace || x->pid == daemon)
                        continue;
                if (known)
                        known->queues = x->queues;
                else
                        r = add(c, consumer, strdup(x->comm), unit_of(x->pid));
        }
        return r;
}

int consumers_find(const Status *d, const Shown *s, Consumers *ret) {
        _cleanup_(consumers_done) Consumers c = {};
        int r = add_leases(d, s->is_remote, &c);

        if (r >= 0 && !s->is_remote)
                r = add_holders(d, s->daemon, &c);
        if (r < 0)
                return r;
        *ret = c;
        c = (Consumers){};
        return 0;
}

void consumers_done(Consumers *c) {
        for (size_t i = 0; i < c->n; i++) {
                free(c->items[i].command);
                free(c->items[i].unit);
        }
        free(c->items);
        *c = (Consumers){};
}

/* /sys may be another namespace's: the index tells. */
static int read_number(const char *name, const char *file, uint64_t *ret) {
        _cleanup_(freep) char *line = NULL;
        char path[128], *end;

        (void) snprintf(path, sizeof(path), "/sys/class/net/%s/%s", name, file);
        line = read_line(path);
        if (!line)
                return -ENOENT;
        errno = 0;
        *ret = strtoull(line, &end, 10);
        return errno != 0 || end == line ? -EBADMSG : 0;
}

int traffic_read(const Status *d, Traffic *ret) {
        Traffic t = {};
        const struct {
                const char *file;
                uint64_t *to;
        } files[] = {
                { "statistics/rx_bytes", &t.rx_bytes },   { "statistics/rx_packets", &t.rx_packets },
                { "statistics/rx_errors", &t.rx_errors }, { "statistics/rx_dropped", &t.rx_dropped },
                { "statistics/tx_bytes", &t.tx_bytes },   { "statistics/tx_packets", &t.tx_packets },
                { "statistics/tx_errors", &t.tx_errors }, { "statistics/tx_dropped", &t.tx_dropped },
        };
        char name[IFNAMSIZ];
        uint64_t index;
        int r;

        r = link_name(d, name);
        if (r < 0)
                return r;
        r = read_number(name, "ifindex", &index);
        if (r >= 0 && index != (uint64_t) d->ifindex)
                return -ENODEV;
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(files); i++)
                r = read_number(name, files[i].file, files[i].to);
        if (r >= 0)
                *ret = t;
        return r;
}

static void close_journal(sd_journal **j) {
        sd_journal_close(*j);
}

/* The value of a field of the entry, escaped; "" when it has none. */
static char *field(sd_journal *j, const char *name) {
        _cleanup_(freep) char *text = NULL;
        size_t n, k = strlen(name) + 1;
        const void *data;

        if (sd_journal_get_data(j, name, &data, &n) < 0 || n < k)
                return strdup("");
        text = strndup((const char *) data + k, n - k);
        return text ? text_escape(text, TEXT_MAX) : NULL;
}

static int add_entry(sd_journal *j, char ***lines) {
        _cleanup_(freep) char *message = field(j, "MESSAGE"), *program = field(j, "SYSLOG_IDENTIFIER"),
                              *pid = field(j, "_PID");
        char when[32] = "", *line;
        struct tm tm;
        uint64_t usec;
        time_t t;
        int r = sd_journal_get_realtime_usec(j, &usec);

        if (r < 0 || !message || !program || !pid)
                return r < 0 ? r : -ENOMEM;
        t = (time_t) (usec / 1000000);
        if (localtime_r(&t, &tm))
                (void) strftime(when, sizeof(when), "%b %d %H:%M:%S", &tm);
        if (asprintf(&line, "%s %s[%s]: %s", when, *program ? program : "?", pid, message) < 0)
                return -ENOMEM;
        return strv_consume(lines, line);
}

int journal_read(const char *interface, unsigned n, char ***lines) {
        _cleanup_(close_journal) sd_journal *j = NULL;
        char match[128];
        int r = sd_journal_open(&j, SD_JOURNAL_LOCAL_ONLY);

        (void) snprintf(match, sizeof(match), "INTERFACE=%s", interface);
        if (r >= 0)
                r = sd_journal_add_match(j, match, 0);
        if (r >= 0)
                r = sd_journal_seek_tail(j);
        if (r >= 0)
                r = sd_journal_previous_skip(j, n);
        while (r > 0) {
                r = add_entry(j, lines);
                if (r >= 0)
                        r = sd_journal_next(j);
        }
        return r;
}
