/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The words of ip(8). Pure. */

#include "item-format.h"

#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <string.h>
#include <sys/socket.h>

static void print_ip(FILE *f, uint8_t family, const uint8_t *address) {
        char buffer[INET6_ADDRSTRLEN];

        fputs(inet_ntop(family, address, buffer, sizeof(buffer)) ?: "?", f);
}

static bool is_zero(const uint8_t *address) {
        static const uint8_t zero[16];

        return memcmp(address, zero, sizeof(zero)) == 0;
}

static void print_prefix(FILE *f, uint8_t family, const uint8_t *address, unsigned length) {
        print_ip(f, family, address);
        fprintf(f, "/%u", length);
}

static const char *type_word(uint8_t type) {
        static const char *const words[] = {
                [RTN_UNICAST] = "",
                [RTN_LOCAL] = "local ",
                [RTN_BROADCAST] = "broadcast ",
                [RTN_ANYCAST] = "anycast ",
                [RTN_MULTICAST] = "multicast ",
                [RTN_BLACKHOLE] = "blackhole ",
                [RTN_PROHIBIT] = "prohibit ",
                [RTN_THROW] = "throw ",
                [RTN_UNREACHABLE] = "unreachable ",
                [RTN_NAT] = "nat ",
                [RTN_XRESOLVE] = "xresolve ",
        };

        return type < sizeof(words) / sizeof(words[0]) && words[type] ? words[type] : "";
}

static void print_hop(FILE *f, const RouteHop *h, bool several) {
        if (several)
                fputs(" nexthop", f);
        if (h->gateway_family != AF_UNSPEC) {
                fputs(" via ", f);
                print_ip(f, h->gateway_family, h->gateway);
        }
        if (several || h->weight > 1)
                fprintf(f, " weight %u", h->weight);
        if (h->on_link)
                fputs(" onlink", f);
}

void item_print_route(FILE *f, const Route *r) {
        fputs(type_word(r->type), f);
        if (r->destination_length == 0 && is_zero(r->destination))
                fputs(r->family == AF_INET6 ? "default (IPv6)" : "default", f);
        else
                print_prefix(f, r->family, r->destination, r->destination_length);
        if (r->source_length > 0) {
                fputs(" from ", f);
                print_prefix(f, r->family, r->source, r->source_length);
        }
        if (r->nexthop_id > 0)
                fprintf(f, " nexthop id %u", r->nexthop_id);
        for (size_t i = 0; i < r->n_hops; i++)
                print_hop(f, r->hops + i, r->n_hops > 1);
        if (r->table != RT_TABLE_MAIN)
                fprintf(f, " table %u", r->table);
        if (!is_zero(r->preferred_source)) {
                fputs(" src ", f);
                print_ip(f, r->family, r->preferred_source);
        }
        if (r->priority > 0 && !(r->family == AF_INET6 && r->priority == 1024))
                fprintf(f, " metric %u", r->priority);
        if (r->metrics[RTAX_MTU] > 0)
                fprintf(f, " mtu %u", r->metrics[RTAX_MTU]);
}

void item_print_nexthop(FILE *f, const NextHop *n) {
        if (n->id > 0)
                fprintf(f, "id %u", n->id);
        else
                fputs("id of the kernel's choice", f);
        for (size_t i = 0; i < n->n_group; i++)
                fprintf(f, "%s%u,%u", i > 0 ? "/" : " group ", n->group[i].id, n->group[i].weight);
        if (n->gateway_family != AF_UNSPEC) {
                fputs(" via ", f);
                print_ip(f, n->gateway_family, n->gateway);
        }
        if (n->on_link)
                fputs(" onlink", f);
        if (n->blackhole)
                fputs(" blackhole", f);
}

static void print_ports(FILE *f, const char *what, const uint16_t ports[2]) {
        if (ports[0] == 0)
                return;
        fprintf(f, " %s %u", what, ports[0]);
        if (ports[1] != ports[0])
                fprintf(f, "-%u", ports[1]);
}

static void print_action(FILE *f, const Rule *r) {
        switch (r->action) {
        case FR_ACT_BLACKHOLE: fputs(" blackhole", f); break;
        case FR_ACT_UNREACHABLE: fputs(" unreachable", f); break;
        case FR_ACT_PROHIBIT: fputs(" prohibit", f); break;
        default:
                if (r->l3mdev)
                        fputs(" l3mdev", f);
                else
                        fprintf(f, " table %u", r->table);
        }
}

void item_print_rule(FILE *f, const Rule *r) {
        fprintf(f, "%s%s from ", r->family == AF_INET6 ? "IPv6" : "IPv4", r->invert ? " not" : "");
        if (r->source_length > 0)
                print_prefix(f, r->family, r->source, r->source_length);
        else
                fputs("all", f);
        if (r->destination_length > 0) {
                fputs(" to ", f);
                print_prefix(f, r->family, r->destination, r->destination_length);
        }
        if (r->fwmark > 0)
                fprintf(f, " fwmark 0x%x/0x%x", r->fwmark, r->fwmask);
        if (r->tos > 0)
                fprintf(f, " tos %u", r->tos);
        if (r->iifname[0])
                fprintf(f, " iif %s", r->iifname);
        if (r->oifname[0])
                fprintf(f, " oif %s", r->oifname);
        if (r->uids[0] != UINT32_MAX || r->uids[1] != UINT32_MAX)
                fprintf(f, " uidrange %u-%u", r->uids[0], r->uids[1]);
        if (r->ip_protocol > 0)
                fprintf(f, " ipproto %u", r->ip_protocol);
        print_ports(f, "sport", r->sport);
        print_ports(f, "dport", r->dport);
        print_action(f, r);
        if (r->suppress_prefixlen >= 0)
                fprintf(f, " suppress_prefixlength %lld", (long long) r->suppress_prefixlen);
        if (r->suppress_group >= 0)
                fprintf(f, " suppress_ifgroup %lld", (long long) r->suppress_group);
        if (r->has_priority)
                fprintf(f, " priority %u", r->priority);
}

void item_print_neighbor(FILE *f, const Neighbor *n) {
        if (n->proxy)
                fputs("proxy ", f);
        print_ip(f, n->family, n->address);
        for (unsigned i = 0; i < n->link_layer_length; i++)
                fprintf(f, "%s%02x", i > 0 ? ":" : " lladdr ", n->link_layer[i]);
}
