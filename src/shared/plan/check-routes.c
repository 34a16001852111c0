/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Addresses and the gateways among them. The kernel takes a gateway only where a route of the link itself
 * leads to it: that of a subnet, or one without gateway. */

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "check.h"

static uint8_t bits_of(int family) {
        return family == AF_INET ? 32 : 128;
}

/* Whether a and b are the same in their first n bits. */
static bool same_prefix(const uint8_t *a, const uint8_t *b, unsigned n) {
        unsigned rest = n % 8;

        return memcmp(a, b, n / 8) == 0 && (rest == 0 || (a[n / 8] ^ b[n / 8]) >> (8 - rest) == 0);
}

static bool is_null(const InAddr *a) {
        static const uint8_t zero[16];

        return memcmp(a->bytes, zero, 16) == 0;
}

static bool is_link_local(const InAddr *a) {
        return a->family == AF_INET ? a->bytes[0] == 169 && a->bytes[1] == 254
                                    : a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

static bool same(const InAddr *a, const InAddr *b) {
        return a->family == b->family && memcmp(a->bytes, b->bytes, 16) == 0;
}

/* Whether an address makes the kernel add a route to the gateway. An address from a pool may be any. */
static bool address_leads_to(const AddressConfig *a, const InAddr *gateway) {
        const InAddr *subnet = a->peer.family ? &a->peer : &a->address;

        if (a->address.family != gateway->family)
                return false;
        if (is_null(&a->address))
                return true;
        return !a->no_prefix_route && same_prefix(subnet->bytes, gateway->bytes, a->prefixlen);
}

static bool route_leads_to(const RouteConfig *route, const InAddr *gateway) {
        if (route->family != gateway->family || route->gateway.family || route->n_hops > 0 ||
            route->nexthop_id > 0 || (route->type != 0 && route->type != RTN_UNICAST))
                return false;
        return !route->destination.family ||
               same_prefix(route->destination.bytes, gateway->bytes, route->destination_length);
}

static bool is_reachable(const NetworkConfig *n, const InAddr *gateway) {
        if (gateway->family == AF_INET6 && is_link_local(gateway))
                return true;
        if (gateway->family == AF_INET && given_value(&n->given, NETWORK_DEFAULT_ROUTE_ON_DEVICE).value)
                return true;

        for (size_t i = 0; i < n->n_addresses; i++)
                if (address_leads_to(n->addresses + i, gateway))
                        return true;
        for (size_t i = 0; i < n->n_routes; i++)
                if (route_leads_to(n->routes + i, gateway))
                        return true;
        return false;
}

static bool is_own(const NetworkConfig *n, const InAddr *gateway) {
        for (size_t i = 0; i < n->n_addresses; i++)
                if (same(&n->addresses[i].address, gateway))
                        return true;
        return false;
}

static void check_gateway(const NetworkConfig *n, const InAddr *gateway, bool on_link, const Source *source,
                          Diagnostics *diag) {
        char text[IN_ADDR_TEXT_MAX];

        if (gateway->family == 0 || is_null(gateway))
                return;
        (void) in_addr_format(gateway, -1, text);

        if (is_own(n, gateway))
                (void) diag_add(diag, SEVERITY_WARNING, source, "write the address of the other end",
                                "gateway %s is an address of the link itself; the kernel refuses the route",
                                text);
        else if (!on_link && !is_reachable(n, gateway))
                (void) diag_add(diag, SEVERITY_WARNING, source,
                                "correct it, or give the link an address of its subnet, or write "
                                "GatewayOnLink=yes in a [Route] section",
                                "gateway %s is in no subnet of the link's addresses; the kernel refuses the "
                                "route",
                                text);
}

void check_gateways(const NetworkConfig *n, Diagnostics *diag) {
        /* Without an address all gateways count as on-link, and the loader says so. */
        if (n->n_addresses == 0)
                return;

        for (size_t i = 0; i < n->n_routes; i++) {
                const RouteConfig *r = n->routes + i;

                check_gateway(n, &r->gateway, r->on_link.value, &r->source, diag);
                for (size_t j = 0; j < r->n_hops; j++)
                        if (!r->hops[j].ifname[0] && r->hops[j].ifindex == 0)
                                check_gateway(n, &r->hops[j].gateway, r->on_link.value, &r->source, diag);
        }
        for (size_t i = 0; i < n->n_nexthops; i++)
                check_gateway(n, &n->nexthops[i].gateway, n->nexthops[i].on_link.value,
                              &n->nexthops[i].source, diag);
}

/* One subnet of one device. */
typedef struct Claim {
        const Want *want;
        const AddressConfig *address;
} Claim;

static const InAddr *subnet_of(const AddressConfig *a) {
        return a->peer.family ? &a->peer : &a->address;
}

static const char *vrf_of(const Claim *c) {
        return c->want->network->vrf ?: "";
}

/* By VRF, family and subnet, the larger subnet first: what overlaps lies together. */
static int compare_claims(const void *a, const void *b) {
        const Claim *x = a, *y = b;
        const InAddr *s = subnet_of(x->address), *t = subnet_of(y->address);
        unsigned n = x->address->prefixlen < y->address->prefixlen ? x->address->prefixlen
                                                                   : y->address->prefixlen;
        int r = strcmp(vrf_of(x), vrf_of(y));

        if (r == 0)
                r = s->family - t->family;
        if (r == 0 && !same_prefix(s->bytes, t->bytes, n))
                r = memcmp(s->bytes, t->bytes, 16);
        if (r == 0)
                r = x->address->prefixlen - y->address->prefixlen;
        if (r == 0) /* host bits do not count, so equal subnets must not be told apart by them */
                r = strcmp(x->want->name, y->want->name);
        return r;
}

static bool overlap(const Claim *larger, const Claim *c) {
        const InAddr *s = subnet_of(larger->address), *t = subnet_of(c->address);

        return s->family == t->family && strcmp(vrf_of(larger), vrf_of(c)) == 0 &&
               same_prefix(s->bytes, t->bytes, larger->address->prefixlen);
}

/* Single addresses may be on many links, and so may the link-local subnets; pools are told apart later. */
static bool claims_subnet(const AddressConfig *a) {
        return a->prefixlen < bits_of(a->address.family) && !a->no_prefix_route && !is_null(&a->address) &&
               !is_link_local(&a->address);
}

static void advise_overlap(const Claim *first, const Claim *c, Diagnostics *diag) {
        char own[IN_ADDR_TEXT_MAX], other[IN_ADDR_TEXT_MAX];

        (void) in_addr_format(&c->address->address, c->address->prefixlen, own);
        (void) in_addr_format(&first->address->address, first->address->prefixlen, other);

        if (first->address == c->address)
                diag_advise(diag, &c->address->source,
                            "write a .network file for each of them, or a prefix length of a single address",
                            "this file gives %s to more than one device, %s and %s; only one of them gets "
                            "the "
                            "packets of the subnet",
                            own, first->want->name, c->want->name);
        else
                diag_advise(diag, &c->address->source,
                            "give them different subnets, or the prefix length of a single address",
                            "%s of %s is in the same subnet as %s of %s (%s:%u); only one of them gets the "
                            "packets of the subnet",
                            own, c->want->name, other, first->want->name, first->address->source.path,
                            first->address->source.line);
}

int check_overlaps(const Wants *wants, Diagnostics *diag) {
        _cleanup_(freep) Claim *claims = NULL;
        const AddressConfig *said = NULL;
        size_t n = 0, first = 0;

        for (size_t i = 0; i < wants->n; i++) {
                const Want *w = wants->items + i;

                for (size_t j = 0; w->network && j < w->network->n_addresses; j++) {
                        if (!claims_subnet(w->network->addresses + j))
                                continue;
                        if (ARRAY_RESERVE_ONE(claims, n) < 0)
                                return -ENOMEM;
                        claims[n++] = (Claim){ w, w->network->addresses + j };
                }
        }
        if (n == 0)
                return 0;

        qsort(claims, n, sizeof(Claim), compare_claims);
        for (size_t i = 1; i < n; i++) {
                if (!overlap(claims + first, claims + i)) {
                        first = i;
                        continue;
                }
                /* Two addresses of one subnet on one device are what they look like. */
                if (claims[i].want == claims[first].want || claims[i].address == said)
                        continue;
                said = claims[i].address;
                advise_overlap(claims + first, claims + i, diag);
        }
        return 0;
}
