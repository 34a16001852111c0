/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is, as two sorted arrays of pointers to the same links: by_index owns them, by_name does not. Between
 * snapshot_append() and snapshot_sort() the order is that of the dump and nothing may be looked up; at any
 * other time both arrays are sorted, each ifindex and each name is there once, and look-ups are binary
 * searches. Pure: only memory. */

#include "snapshot.h"

#include <assert.h>
#include <string.h>

#include "base/array.h"

typedef int (*LinkCompare)(const void *a, const void *b);

/* Of two elements of the arrays. */
static int compare_index(const void *a, const void *b) {
        const Link *x = *(Link *const *) a, *y = *(Link *const *) b;

        return (x->ifindex > y->ifindex) - (x->ifindex < y->ifindex);
}

static int compare_name(const void *a, const void *b) {
        return strcmp((*(Link *const *) a)->name, (*(Link *const *) b)->name);
}

static int compare_address_qsort(const void *a, const void *b) {
        return address_compare(a, b);
}

/* Where the first link not less than key is, or would be. */
static size_t lower_bound(Link *const *links, size_t n, const Link *key, LinkCompare compare) {
        /* Dumps and new links come in the order of their ifindex. */
        if (n > 0 && compare(links + n - 1, &key) < 0)
                return n;
        return ARRAY_LOWER_BOUND(links, n, &key, compare);
}

static Link *find(Link *const *links, size_t n, const Link *key, LinkCompare compare) {
        size_t i = lower_bound(links, n, key, compare);

        return i < n && compare(links + i, &key) == 0 ? links[i] : NULL;
}

static void insert(Link **links, size_t n, Link *link, LinkCompare compare) {
        size_t i = lower_bound(links, n, link, compare);

        memmove(links + i + 1, links + i, (n - i) * sizeof(Link *));
        links[i] = link;
}

static void erase(Link **links, size_t n, const Link *link, LinkCompare compare) {
        size_t i = lower_bound(links, n, link, compare);

        assert(i < n && links[i] == link);
        memmove(links + i, links + i + 1, (n - i - 1) * sizeof(Link *));
}

Link *link_free(Link *link) {
        if (!link)
                return NULL;

        free(link->addresses);
        strv_free(link->altnames);
        free(link->port);
        free(link);
        return NULL;
}

Snapshot *snapshot_new(void) {
        Snapshot *s = calloc(1, sizeof(Snapshot));

        if (s)
                s->ip_forward = s->ipv6_forward = s->ipv6_disable_default = -1;
        return s;
}

Snapshot *snapshot_free(Snapshot *s) {
        if (!s)
                return NULL;

        for (size_t i = 0; i < s->n_links; i++)
                link_free(s->by_index[i]);
        snapshot_clear_items(s);
        free(s->by_index);
        free(s->by_name);
        free(s);
        return NULL;
}

void snapshot_clear_items(Snapshot *s) {
        assert(s);

        for (size_t i = 0; i < s->n_routes; i++)
                route_done(s->routes + i);
        for (size_t i = 0; i < s->n_nexthops; i++)
                nexthop_done(s->nexthops + i);

        free(s->routes);
        free(s->nexthops);
        free(s->rules);
        free(s->neighbors);

        s->routes = NULL;
        s->nexthops = NULL;
        s->rules = NULL;
        s->neighbors = NULL;
        s->n_routes = s->n_nexthops = s->n_rules = s->n_neighbors = 0;
}

Link *snapshot_by_name(const Snapshot *s, const char *name) {
        Link key = {};

        assert(s);
        assert(name);

        if (strlen(name) >= sizeof(key.name))
                return NULL; /* no link can have it */

        strcpy(key.name, name);
        return find(s->by_name, s->n_links, &key, compare_name);
}

Link *snapshot_by_index(const Snapshot *s, int ifindex) {
        const Link key = { .ifindex = ifindex };

        assert(s);

        return find(s->by_index, s->n_links, &key, compare_index);
}

static int reserve(Snapshot *s) {
        int r;

        r = ARRAY_RESERVE_ONE(s->by_index, s->n_links);
        if (r < 0)
                return r;

        return ARRAY_RESERVE_ONE(s->by_name, s->n_links);
}

static void drop(Snapshot *s, Link *link) {
        if (!link)
                return;

        erase(s->by_index, s->n_links, link, compare_index);
        erase(s->by_name, s->n_links, link, compare_name);
        s->n_links--;
        link_free(link);
}

int snapshot_put(Snapshot *s, Link *link) {
        _cleanup_(link_freep) Link *owned = link;
        int r;

        assert(s);
        assert(link);

        /* First what may fail, so that a failure changes nothing. */
        r = reserve(s);
        if (r < 0)
                return r;

        drop(s, snapshot_by_index(s, link->ifindex));
        drop(s, snapshot_by_name(s, link->name));

        insert(s->by_index, s->n_links, link, compare_index);
        insert(s->by_name, s->n_links, link, compare_name);
        s->n_links++;

        TAKE_PTR(owned);
        return 0;
}

int snapshot_append(Snapshot *s, Link *link) {
        _cleanup_(link_freep) Link *owned = link;
        int r;

        assert(s);
        assert(link);

        r = reserve(s);
        if (r < 0)
                return r;

        s->by_index[s->n_links] = s->by_name[s->n_links] = TAKE_PTR(owned);
        s->n_links++;
        return 0;
}

void snapshot_sort(Snapshot *s) {
        assert(s);

        if (s->n_links == 0)
                return; /* qsort() wants no NULL */

        qsort(s->by_index, s->n_links, sizeof(Link *), compare_index);
        qsort(s->by_name, s->n_links, sizeof(Link *), compare_name);

        for (size_t i = 0; i < s->n_links; i++)
                link_sort_addresses(s->by_index[i]);
}

void snapshot_remove(Snapshot *s, int ifindex) {
        assert(s);

        drop(s, snapshot_by_index(s, ifindex));
}

int link_add_address(Link *link, const Address *address) {
        int r;

        assert(link);
        assert(address);

        r = ARRAY_RESERVE_ONE(link->addresses, link->n_addresses);
        if (r < 0)
                return r;

        link->addresses[link->n_addresses++] = *address;
        return 0;
}

void link_sort_addresses(Link *link) {
        assert(link);

        if (link->n_addresses > 1)
                qsort(link->addresses, link->n_addresses, sizeof(Address), compare_address_qsort);
}

int address_compare(const Address *a, const Address *b) {
        int r;

        assert(a);
        assert(b);

        if (a->family != b->family)
                return a->family < b->family ? -1 : 1;

        r = memcmp(a->local, b->local, sizeof(a->local));
        if (r != 0)
                return r;

        if (a->prefixlen != b->prefixlen)
                return a->prefixlen < b->prefixlen ? -1 : 1;

        return memcmp(a->peer, b->peer, sizeof(a->peer));
}
