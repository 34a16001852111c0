/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The event socket and the set of dirty links. */

#include "monitor.h"

#include <linux/if.h>

#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/log.h"
#include "kernel/decode.h"
#include "kernel/follow.h"
#include "kernel/read.h"

/* So many links are read anew in one turn: some milliseconds, unless somebody has the kernel wait all the
 * time, who deletes devices, say. Then so long. */
#define SLICE_MAX  64
#define SLICE_USEC 5000

void monitor_mark_all(Manager *m) {
        m->all_dirty = true;
        m->items_dirty = m->dependents_dirty = false;
        m->n_dirty = 0;
}

static int compare_index(const void *item, const void *key) {
        int a = *(const int *) item, b = *(const int *) key;

        return (a > b) - (a < b);
}

/* Where the index is, or would be. */
static size_t place_of(const Manager *m, int ifindex) {
        return ARRAY_LOWER_BOUND(m->dirty, m->n_dirty, &ifindex, compare_index);
}

void monitor_mark(Manager *m, int ifindex) {
        size_t i = place_of(m, ifindex);

        if (monitor_is_marked(m, ifindex))
                return;

        if (m->n_dirty >= DIRTY_MAX) {
                monitor_mark_all(m);
                return;
        }
        memmove(m->dirty + i + 1, m->dirty + i, (m->n_dirty++ - i) * sizeof(m->dirty[0]));
        m->dirty[i] = ifindex;
}

bool monitor_is_marked(const Manager *m, int ifindex) {
        size_t i = place_of(m, ifindex);

        return m->all_dirty || (i < m->n_dirty && m->dirty[i] == ifindex);
}

bool monitor_is_dirty(const Manager *m) {
        return m->all_dirty || m->n_dirty > 0 || m->items_dirty || m->dependents_dirty;
}

/* Links that are neither TUN/TAP nor of a name we want are others' affair, however often they change. */
static bool is_of_interest(const Manager *m, const LinkEvent *event) {
        const Link *known = snapshot_by_index(m->snapshot, event->ifindex);

        if (event->is_tun || (known && known->is_tun))
                return true;
        if (event->name[0] && wants_find(&m->wants, event->name))
                return true;
        return known && wants_find(&m->wants, known->name);
}

/* A bridge that appears, a link whose carrier counts (BindCarrier=). */
static bool is_looked_at(const Manager *m, const LinkEvent *event) {
        const Link *known = snapshot_by_index(m->snapshot, event->ifindex);

        return wants_depend_on(&m->wants, event->name) || (known && wants_depend_on(&m->wants, known->name));
}

static bool reads_items(const ReadOptions *o) {
        return o->routes || o->nexthops || o->neighbors;
}

/* Reading a router's routes anew has its price, so a link counts that was up. Carrier only next hops need;
 * the kernel removes these up to a second after it is gone, so what was known of it says nothing. */
static bool may_have_lost_items(const Manager *m, const LinkEvent *event) {
        const Link *known = snapshot_by_index(m->snapshot, event->ifindex);

        if (!event->loses || !reads_items(&m->read_options))
                return false;
        if (event->address || event->deleted)
                return true;
        return known &&
               (((known->flags & IFF_UP) && !event->up) || (!event->carrier && m->read_options.nexthops));
}

static int on_event(const struct nlmsghdr *nlh, void *userdata) {
        Manager *m = userdata;
        bool interest, looked_at;
        LinkEvent event;

        if (event_is_about_item(nlh, m->protocols)) {
                m->items_dirty = !m->all_dirty;
                return 0;
        }

        if (decode_event(nlh, &event) <= 0)
                return 0; /* not ours to judge what is malformed: the next dump tells */

        interest = is_of_interest(m, &event);
        looked_at = is_looked_at(m, &event);
        m->dependents_dirty = !m->all_dirty && (m->dependents_dirty || looked_at);
        m->items_dirty = !m->all_dirty &&
                         (m->items_dirty || ((interest || looked_at) && may_have_lost_items(m, &event)));
        if (interest) {
                monitor_mark(m, event.ifindex);
                return 0;
        }

        m->summary_dirty = true;
        return snapshot_follow(m->snapshot, nlh);
}

int monitor_drain(Manager *m) {
        int r;

        if (m->events_fd < 0)
                return 0;

        r = rtnl_events_drain(m->events_fd, on_event, m);
        if (r > 0) {
                log_debug("Kernel events were lost; reading everything anew");
                monitor_mark_all(m);
                return 0;
        }
        return r;
}

static int on_kernel(sd_event_source *s _unused_, int fd _unused_, uint32_t events _unused_,
                     void *userdata) {
        Manager *m = userdata;
        int r = monitor_drain(m);

        if (r < 0) {
                log_warning_errno(r, "Cannot read kernel events: %m; reading everything anew");
                monitor_mark_all(m);
        }
        return 0;
}

void monitor_join_items(Manager *m) {
        const ReadOptions *o = &m->read_options;
        int r;

        if (m->events_fd < 0)
                return;
        r = rtnl_events_join_items(m->events_fd, o->routes, o->nexthops, o->rules, o->neighbors);
        if (r < 0)
                log_warning_errno(r, "Cannot follow changes of routes: %m; a reload still sees them");
}

int monitor_open(Manager *m) {
        int r;

        if (m->events_fd >= 0)
                return 0;

        r = rtnl_events_open(&m->events_fd);
        if (r >= 0)
                r = sd_event_add_io(m->event, &m->event_source, m->events_fd, EPOLLIN, on_kernel, m);
        if (r < 0) {
                m->events_fd = safe_close(m->events_fd);
                return log_error_errno(r, "Cannot follow kernel events: %m");
        }

        monitor_join_items(m);

        /* What changed until now made no event for us. */
        monitor_mark_all(m);
        return 0;
}

/* What a [Match] looks at. */
static bool is_alike(const Link *a, const Link *b) {
        return a && b && strcmp(a->name, b->name) == 0 && a->address_length == b->address_length &&
               memcmp(a->address, b->address, a->address_length) == 0;
}

static int refresh_all(Manager *m,
                       int (*changed)(Manager *m, int ifindex, const char *before, const char *after)) {
        Snapshot *snapshot;
        int r;

        if (m->may_hold) /* the event loop goes round in between */
                rtnl_set_dump_attempts(m->rtnl, 1);
        r = snapshot_read(m->rtnl, &m->read_options, &snapshot);
        rtnl_set_dump_attempts(m->rtnl, RTNL_DUMP_ATTEMPTS);
        if (r < 0)
                return r;

        snapshot_free(m->snapshot);
        m->snapshot = snapshot;
        m->links_changed = m->much_freed = true;
        m->all_dirty = m->items_dirty = m->dependents_dirty = false;
        return changed(m, 0, "", "");
}

typedef struct Refreshed {
        int ifindex;
        char before[IFNAMSIZ], after[IFNAMSIZ];
} Refreshed;

/* *lost: what it lost by going down is gone without an event of its own. */
static int refresh_link(Manager *m, int ifindex, Refreshed *ret, bool *lost) {
        const Link *link = snapshot_by_index(m->snapshot, ifindex);
        Link old = {};
        int r;

        *ret = (Refreshed){ .ifindex = ifindex };
        if (link) {
                memcpy(ret->before, link->name, sizeof(ret->before));
                old = *link; /* only what it holds itself is looked at later */
        }

        r = snapshot_refresh(m->rtnl, &m->read_options, m->snapshot, ifindex);
        if (r < 0)
                return r;

        link = snapshot_by_index(m->snapshot, ifindex);
        if (link)
                memcpy(ret->after, link->name, sizeof(ret->after));
        *lost = *lost || ((old.flags & IFF_UP) && !(link && link->flags & IFF_UP));
        m->links_changed = m->links_changed || !is_alike(&old, link);
        return 0;
}

/* Unmarks those that were read; the next slice begins behind them, so that each has its turn. */
static void unmark(Manager *m, size_t first, size_t n) {
        m->next_dirty = m->dirty[first + n - 1] + 1;
        m->n_dirty -= n;
        memmove(m->dirty + first, m->dirty + first + n, (m->n_dirty - first) * sizeof(m->dirty[0]));
}

int monitor_refresh(Manager *m,
                    int (*changed)(Manager *m, int ifindex, const char *before, const char *after)) {
        Refreshed links[SLICE_MAX];
        uint64_t end = now_usec() + SLICE_USEC;
        size_t first, n = 0;
        bool lost = false;
        int r = 0;

        if (m->all_dirty)
                return refresh_all(m, changed);

        first = place_of(m, m->next_dirty);
        if (first == m->n_dirty)
                first = 0;
        snapshot_refresh_switches(&m->read_options, m->snapshot);
        for (; r >= 0 && n < SLICE_MAX && first + n < m->n_dirty && (n == 0 || now_usec() < end); n++)
                r = refresh_link(m, m->dirty[first + n], links + n, &lost);
        m->items_dirty = m->items_dirty || (lost && reads_items(&m->read_options));
        if (r >= 0 && n == m->n_dirty && m->items_dirty)
                r = snapshot_refresh_items(m->rtnl, &m->read_options, m->snapshot);
        if (r < 0)
                return r;

        if (n > 0)
                unmark(m, first, n);
        if (m->n_dirty == 0)
                m->items_dirty = m->dependents_dirty = false;
        for (size_t i = 0; r >= 0 && i < n; i++)
                r = changed(m, links[i].ifindex, links[i].before, links[i].after);
        if (r < 0)
                monitor_mark_all(m); /* what was not told yet must not be lost */
        return r < 0 ? r : m->n_dirty > 0;
}
