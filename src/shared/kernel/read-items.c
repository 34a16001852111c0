/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Kernel -> routes, nexthops, rules and neighbours of a Snapshot, one dump for each and for each family and
 * protocol. They are read aside and put in place when all of them are there.
 *
 * A dump that the kernel sends in several parts goes on where it stopped, which for all but nexthops and
 * IPv4 routes is a number of entries: when one before it goes in between, another is left out, and the dump
 * is not marked torn (seen with IPv6 routes, of which those of others count too). Then everything is read
 * until it is twice the same.
 *
 * A kernel without a family or an item answers with an error, or with what other families have, and one
 * without strict checks does not filter: so every message is looked at again. */

#include "read-items.h"

#include <assert.h>
#include <linux/fib_rules.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "decode.h"
#include "encode.h"

typedef union Request {
        struct nlmsghdr nlh;
        uint8_t bytes[RTNL_MESSAGE_MAX];
} Request;

/* Less than any first part has room for (a page); all in one part is all of one moment. */
#define ONE_PART_MAX 3000

#define READINGS_MAX 4

typedef struct Items {
        Route *routes;
        NextHop *nexthops;
        Rule *rules;
        Neighbor *neighbors;
        size_t n_routes, n_nexthops, n_rules, n_neighbors;
        bool doubtful; /* came in parts that need not fit together */
} Items;

/* One dump: what it was asked for, and how much there was before it, to fall back to when it is torn. */
typedef struct Dump {
        Items *items;
        uint8_t family;
        uint8_t protocol;
        bool proxy;
        size_t start;
        bool goes_by_key; /* the kernel resumes it at an entry, or marks it torn */
        size_t bytes;     /* of all messages, also those of no interest */
} Dump;

static const uint8_t families[] = { AF_INET, AF_INET6 };

static void items_done(Items *items) {
        routes_free(items->routes, items->n_routes);
        nexthops_free(items->nexthops, items->n_nexthops);
        free(items->rules);
        free(items->neighbors);
}

/* What a kernel says that does not have the family or the item at all. */
static int none_if_unsupported(int r) {
        return r == -EOPNOTSUPP || r == -EAFNOSUPPORT || r == -EPROTONOSUPPORT ? 0 : r;
}

/* One dump, of what a kernel may lack: none of it then. */
static int run_dump(Rtnl *rtnl, Request *request, RtnlHandler handler, void (*restart)(void *userdata),
                    Dump *d) {
        int r;

        r = none_if_unsupported(rtnl_dump(rtnl, &request->nlh, handler, restart, d));
        if (r < 0)
                return r;

        if (d->bytes > ONE_PART_MAX && !d->goes_by_key)
                d->items->doubtful = true;
        return 0;
}

/* The header of a dumped message; NULL for one of another type or too short for it. */
static const void *header_of(Dump *d, const struct nlmsghdr *nlh, uint16_t type, size_t size) {
        d->bytes += nlh->nlmsg_len;

        if (nlh->nlmsg_type != type || nlh->nlmsg_len < MNL_NLMSG_HDRLEN + size)
                return NULL;

        return mnl_nlmsg_get_payload(nlh);
}

static void drop_routes(Items *items, size_t n) {
        while (items->n_routes > n)
                route_done(items->routes + --items->n_routes);
}

/* Takes the n routes over; what does not fit in is freed. */
static int take_routes(Items *items, Route *routes, size_t n) {
        for (size_t i = 0; i < n; i++) {
                int r = ARRAY_RESERVE_ONE(items->routes, items->n_routes);

                if (r < 0) {
                        for (; i < n; i++)
                                route_done(routes + i);
                        free(routes);
                        return r;
                }
                items->routes[items->n_routes++] = routes[i];
        }

        free(routes);
        return 0;
}

static int on_route(const struct nlmsghdr *nlh, void *userdata) {
        Dump *d = userdata;
        const struct rtmsg *rtm = header_of(d, nlh, RTM_NEWROUTE, sizeof(*rtm));
        Route *routes;
        size_t n;
        int r;

        if (!rtm || rtm->rtm_family != d->family || rtm->rtm_protocol != d->protocol)
                return 0;

        r = decode_routes(nlh, &routes, &n);
        return r < 0 ? r : take_routes(d->items, routes, n);
}

static void restart_routes(void *userdata) {
        Dump *d = userdata;

        drop_routes(d->items, d->start);
        d->bytes = 0;
}

static int read_routes_of(Rtnl *rtnl, Items *items, uint8_t protocol) {
        for (size_t i = 0; i < ELEMENTSOF(families); i++) {
                Dump d = {
                        .items = items,
                        .family = families[i],
                        .protocol = protocol,
                        .start = items->n_routes,
                        .goes_by_key = families[i] == AF_INET,
                };
                Request request = {};
                int r;

                encode_dump_routes(&request.nlh, d.family, protocol);
                r = run_dump(rtnl, &request, on_route, restart_routes, &d);
                if (r < 0)
                        return r;
        }

        return 0;
}

static int compare_route_qsort(const void *a, const void *b) {
        return route_compare(a, b);
}

/* A table that changes under the dump can show a route twice without the dump being marked torn. The kernel
 * has no two routes that are equal in everything. */
static void drop_repeated_routes(Items *items) {
        size_t n = 0;

        for (size_t i = 0; i < items->n_routes; i++)
                if (n > 0 && route_compare(items->routes + n - 1, items->routes + i) == 0)
                        route_done(items->routes + i);
                else
                        items->routes[n++] = items->routes[i];
        items->n_routes = n;
}

static int read_routes(Rtnl *rtnl, const uint8_t *protocols, Items *items) {
        int r;

        r = read_routes_of(rtnl, items, NETDEVD_PROTOCOL);
        for (const uint8_t *p = protocols; r >= 0 && p && *p != 0; p++)
                if (*p != NETDEVD_PROTOCOL)
                        r = read_routes_of(rtnl, items, *p);
        if (r < 0)
                return r;

        if (items->n_routes > 1)
                qsort(items->routes, items->n_routes, sizeof(Route), compare_route_qsort);
        drop_repeated_routes(items);
        return 0;
}

static int on_nexthop(const struct nlmsghdr *nlh, void *userdata) {
        Dump *d = userdata;
        NextHop nexthop;
        int r;

        if (!header_of(d, nlh, RTM_NEWNEXTHOP, sizeof(struct nhmsg)))
                return 0;

        r = decode_nexthop(nlh, &nexthop);
        if (r < 0)
                return r;

        r = ARRAY_RESERVE_ONE(d->items->nexthops, d->items->n_nexthops);
        if (r < 0) {
                nexthop_done(&nexthop);
                return r;
        }

        d->items->nexthops[d->items->n_nexthops++] = nexthop;
        return 0;
}

static void restart_nexthops(void *userdata) {
        Dump *d = userdata;

        while (d->items->n_nexthops > d->start)
                nexthop_done(d->items->nexthops + --d->items->n_nexthops);
}

static int compare_nexthop_qsort(const void *a, const void *b) {
        return nexthop_compare(a, b);
}

static int read_nexthops(Rtnl *rtnl, Items *items) {
        Dump d = { .items = items, .goes_by_key = true };
        Request request = {};
        int r;

        encode_dump_nexthops(&request.nlh);
        r = run_dump(rtnl, &request, on_nexthop, restart_nexthops, &d);
        if (r < 0)
                return r;

        if (items->n_nexthops > 1)
                qsort(items->nexthops, items->n_nexthops, sizeof(NextHop), compare_nexthop_qsort);
        return 0;
}

static int on_rule(const struct nlmsghdr *nlh, void *userdata) {
        Dump *d = userdata;
        const struct fib_rule_hdr *frh = header_of(d, nlh, RTM_NEWRULE, sizeof(*frh));
        Rule rule;
        int r;

        if (!frh || frh->family != d->family)
                return 0;

        r = decode_rule(nlh, &rule);
        if (r < 0)
                return r;

        r = ARRAY_RESERVE_ONE(d->items->rules, d->items->n_rules);
        if (r < 0)
                return r;

        d->items->rules[d->items->n_rules++] = rule;
        return 0;
}

static void restart_rules(void *userdata) {
        Dump *d = userdata;

        d->items->n_rules = d->start;
        d->bytes = 0;
}

static int compare_rule_qsort(const void *a, const void *b) {
        return rule_compare(a, b);
}

static int read_rules(Rtnl *rtnl, Items *items) {
        for (size_t i = 0; i < ELEMENTSOF(families); i++) {
                Dump d = { .items = items, .family = families[i], .start = items->n_rules };
                Request request = {};
                int r;

                encode_dump_rules(&request.nlh, d.family);
                r = run_dump(rtnl, &request, on_rule, restart_rules, &d);
                if (r < 0)
                        return r;
        }

        if (items->n_rules > 1)
                qsort(items->rules, items->n_rules, sizeof(Rule), compare_rule_qsort);
        return 0;
}

/* Most neighbours are the kernel's own, found and forgotten by itself. */
static bool is_wanted_neighbor(const struct ndmsg *ndm, const Dump *d) {
        if (ndm->ndm_family != d->family)
                return false;

        return d->proxy ? ndm->ndm_flags & NTF_PROXY : ndm->ndm_state & NUD_PERMANENT;
}

static int on_neighbor(const struct nlmsghdr *nlh, void *userdata) {
        Dump *d = userdata;
        const struct ndmsg *ndm = header_of(d, nlh, RTM_NEWNEIGH, sizeof(*ndm));
        Neighbor neighbor;
        int r;

        if (!ndm || !is_wanted_neighbor(ndm, d))
                return 0;

        r = decode_neighbor(nlh, &neighbor);
        if (r < 0)
                return r;

        r = ARRAY_RESERVE_ONE(d->items->neighbors, d->items->n_neighbors);
        if (r < 0)
                return r;

        d->items->neighbors[d->items->n_neighbors++] = neighbor;
        return 0;
}

static void restart_neighbors(void *userdata) {
        Dump *d = userdata;

        d->items->n_neighbors = d->start;
        d->bytes = 0;
}

static int read_neighbors_of(Rtnl *rtnl, Items *items, uint8_t family, bool proxy) {
        Dump d = { .items = items, .family = family, .proxy = proxy, .start = items->n_neighbors };
        Request request = {};

        encode_dump_neighbors(&request.nlh, family, proxy);
        return run_dump(rtnl, &request, on_neighbor, restart_neighbors, &d);
}

static int compare_neighbor_qsort(const void *a, const void *b) {
        return neighbor_compare(a, b);
}

static int read_neighbors(Rtnl *rtnl, Items *items) {
        for (size_t i = 0; i < ELEMENTSOF(families); i++) {
                int r;

                r = read_neighbors_of(rtnl, items, families[i], false);
                if (r < 0)
                        return r;
                r = read_neighbors_of(rtnl, items, families[i], true);
                if (r < 0)
                        return r;
        }

        if (items->n_neighbors > 1)
                qsort(items->neighbors, items->n_neighbors, sizeof(Neighbor), compare_neighbor_qsort);
        return 0;
}

static int read_all(Rtnl *rtnl, const ReadOptions *options, Items *items) {
        int r = 0;

        if (options->nexthops)
                r = read_nexthops(rtnl, items);
        if (r >= 0 && options->routes)
                r = read_routes(rtnl, options->protocols, items);
        if (r >= 0 && options->rules)
                r = read_rules(rtnl, items);
        if (r >= 0 && options->neighbors)
                r = read_neighbors(rtnl, items);
        return r;
}

/* Puts the items in the place of those of the snapshot, and the old ones in theirs. */
static void swap_items(Snapshot *s, Items *items) {
        Items old = {
                .routes = s->routes,
                .nexthops = s->nexthops,
                .rules = s->rules,
                .neighbors = s->neighbors,
                .n_routes = s->n_routes,
                .n_nexthops = s->n_nexthops,
                .n_rules = s->n_rules,
                .n_neighbors = s->n_neighbors,
        };

        s->routes = items->routes;
        s->n_routes = items->n_routes;
        s->nexthops = items->nexthops;
        s->n_nexthops = items->n_nexthops;
        s->rules = items->rules;
        s->n_rules = items->n_rules;
        s->neighbors = items->neighbors;
        s->n_neighbors = items->n_neighbors;
        *items = old;
}

/* Moves over what only the second array has, and leaves that unsorted; the first is sorted before and after.
 * Returns how many these were, or -ENOMEM. */
static int add_missing(void *array, size_t *n, void *more, size_t *n_more, size_t size,
                       int (*compare)(const void *a, const void *b)) {
        const size_t before = *n;
        void **to = array;

        for (size_t i = 0; i < *n_more;) {
                void *item = (char *) more + i * size;
                int r;

                if (before > 0 && bsearch(item, *to, before, size, compare)) {
                        i++;
                        continue;
                }

                r = array_reserve_one(array, *n, size);
                if (r < 0)
                        return r;
                memcpy((char *) *to + (*n)++ * size, item, size);
                memmove(item, (char *) more + --*n_more * size, size);
        }

        if (*n > before)
                qsort(*to, *n, size, compare);
        return (int) (*n - before);
}

/* Adds what another reading has and this one has not. Returns 1 if there was any, 0, or -ENOMEM. */
static int add_items(Items *items, Items *more) {
        int routes, rules, neighbors;

        routes = add_missing(&items->routes, &items->n_routes, more->routes, &more->n_routes, sizeof(Route),
                             compare_route_qsort);
        if (routes < 0)
                return routes;

        rules = add_missing(&items->rules, &items->n_rules, more->rules, &more->n_rules, sizeof(Rule),
                            compare_rule_qsort);
        if (rules < 0)
                return rules;

        neighbors = add_missing(&items->neighbors, &items->n_neighbors, more->neighbors, &more->n_neighbors,
                                sizeof(Neighbor), compare_neighbor_qsort);
        if (neighbors < 0)
                return neighbors;

        return routes + rules + neighbors > 0;
}

/* What is doubtful is read again until nothing new comes. What went meanwhile is still in it: as if it had
 * gone a moment later. */
static int read_whole(Rtnl *rtnl, const ReadOptions *options, Items *items) {
        int r;

        r = read_all(rtnl, options, items);

        for (unsigned i = 1; r >= 0 && items->doubtful && i < READINGS_MAX; i++) {
                _cleanup_(items_done) Items more = {};

                r = read_all(rtnl, options, &more);
                if (r >= 0)
                        r = add_items(items, &more);
                if (r == 0)
                        return 0;
        }

        return r < 0 ? r : 0;
}

int read_items(Rtnl *rtnl, const ReadOptions *options, Snapshot *s) {
        _cleanup_(items_done) Items items = {};
        int r;

        assert(rtnl);
        assert(options);
        assert(s);

        r = read_whole(rtnl, options, &items);
        if (r < 0)
                return r;

        swap_items(s, &items);
        return 0;
}
