/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Nexthop, policy rule and neighbour messages -> plain data (routes have a file of their own). Pure. */

#include <assert.h>
#include <linux/fib_rules.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "decode-attr.h"
#include "decode.h"

/* A fixed header that is there whole, in a message of one of two types. */
static bool has_header(const struct nlmsghdr *nlh, uint16_t new_type, uint16_t del_type, size_t size) {
        return (nlh->nlmsg_type == new_type || nlh->nlmsg_type == del_type) &&
               nlh->nlmsg_len >= MNL_NLMSG_HDRLEN + size;
}

/* What a nexthop message holds beside plain numbers. */
typedef struct RawNextHop {
        NextHop nexthop;
        const struct nlattr *gateway, *group;
} RawNextHop;

static int on_nexthop_attribute(const struct nlattr *a, void *userdata) {
        RawNextHop *raw = userdata;

        switch (mnl_attr_get_type(a)) {
        case NHA_ID: return attr_get_u32(a, &raw->nexthop.id);
        case NHA_OIF: return attr_get_ifindex(a, &raw->nexthop.ifindex);
        case NHA_BLACKHOLE: raw->nexthop.blackhole = true; return 0;
        case NHA_GATEWAY: raw->gateway = a; return 0;
        case NHA_GROUP: raw->group = a; return 0;
        default: return 0;
        }
}

static int compare_entry(const void *a, const void *b) {
        const NextHopGroupEntry *x = a, *y = b;

        if (x->id != y->id)
                return x->id < y->id ? -1 : 1;

        return x->weight - y->weight;
}

/* Of the weight only the first byte counts: what older kernels leave in the next one is anything. */
static int get_group(const struct nlattr *a, NextHop *nexthop) {
        size_t n = attr_length(a) / sizeof(struct nexthop_grp);
        const struct nexthop_grp *entries = mnl_attr_get_payload(a);

        if (attr_length(a) % sizeof(*entries) != 0)
                return -EBADMSG;
        if (n == 0)
                return 0;

        nexthop->group = calloc(n, sizeof(NextHopGroupEntry));
        if (!nexthop->group)
                return -ENOMEM;

        for (size_t i = 0; i < n; i++)
                nexthop->group[i] = (NextHopGroupEntry){
                        .id = entries[i].id,
                        .weight = (uint16_t) (entries[i].weight + 1),
                };

        nexthop->n_group = n;
        qsort(nexthop->group, n, sizeof(NextHopGroupEntry), compare_entry);
        return 0;
}

int decode_nexthop(const struct nlmsghdr *nlh, NextHop *ret) {
        const struct nhmsg *nhm = mnl_nlmsg_get_payload(nlh);
        RawNextHop raw = {};
        int r;

        assert(nlh);
        assert(ret);

        if (!has_header(nlh, RTM_NEWNEXTHOP, RTM_DELNEXTHOP, sizeof(*nhm)))
                return -EBADMSG;

        raw.nexthop = (NextHop){
                .family = nhm->nh_family,
                .protocol = nhm->nh_protocol,
                .on_link = nhm->nh_flags & RTNH_F_ONLINK,
        };
        r = attr_each_of_message(nlh, sizeof(*nhm), on_nexthop_attribute, &raw);
        if (r < 0)
                return r;
        if (raw.nexthop.id == 0)
                return -EBADMSG;

        if (raw.gateway) {
                r = attr_get_in_addr(raw.gateway, nhm->nh_family, raw.nexthop.gateway);
                if (r < 0)
                        return r;
                raw.nexthop.gateway_family = nhm->nh_family;
        }

        r = raw.group ? get_group(raw.group, &raw.nexthop) : 0;
        if (r < 0)
                return r;

        *ret = raw.nexthop;
        return 0;
}

/* What a rule message holds beside plain numbers. */
typedef struct RawRule {
        Rule rule;
        const struct nlattr *source, *destination;
} RawRule;

/* A struct of two numbers of the same size: first and last. */
static int get_range(const struct nlattr *a, void *ret, size_t size) {
        if (attr_length(a) != size)
                return -EBADMSG;

        memcpy(ret, mnl_attr_get_payload(a), size);
        return 0;
}

/* All ones is how the kernel says "none". */
static int get_suppress(const struct nlattr *a, int64_t *ret) {
        uint32_t v;
        int r;

        r = attr_get_u32(a, &v);
        if (r < 0)
                return r;

        *ret = v == UINT32_MAX ? -1 : (int64_t) v;
        return 0;
}

static int on_rule_attribute(const struct nlattr *a, void *userdata) {
        RawRule *raw = userdata;
        Rule *rule = &raw->rule;

        switch (mnl_attr_get_type(a)) {
        case FRA_SRC: raw->source = a; return 0;
        case FRA_DST: raw->destination = a; return 0;
        case FRA_IIFNAME: return attr_get_string(a, rule->iifname, sizeof(rule->iifname));
        case FRA_OIFNAME: return attr_get_string(a, rule->oifname, sizeof(rule->oifname));
        case FRA_PRIORITY: return attr_get_u32(a, &rule->priority);
        case FRA_TABLE: return attr_get_u32(a, &rule->table);
        case FRA_FWMARK: return attr_get_u32(a, &rule->fwmark);
        case FRA_FWMASK: return attr_get_u32(a, &rule->fwmask);
        case FRA_PROTOCOL: return attr_get_u8(a, &rule->protocol);
        case FRA_IP_PROTO: return attr_get_u8(a, &rule->ip_protocol);
        case FRA_L3MDEV: return attr_get_bool(a, &rule->l3mdev);
        case FRA_SUPPRESS_PREFIXLEN: return get_suppress(a, &rule->suppress_prefixlen);
        case FRA_SUPPRESS_IFGROUP: return get_suppress(a, &rule->suppress_group);
        case FRA_UID_RANGE: return get_range(a, rule->uids, sizeof(rule->uids));
        case FRA_SPORT_RANGE: return get_range(a, rule->sport, sizeof(rule->sport));
        case FRA_DPORT_RANGE: return get_range(a, rule->dport, sizeof(rule->dport));
        default: return 0;
        }
}

/* The kernel leaves out what is not set; a priority of 0, too. */
static Rule rule_of_header(const struct fib_rule_hdr *frh) {
        return (Rule){
                .family = frh->family,
                .action = frh->action,
                .tos = frh->tos,
                .table = frh->table, /* FRA_TABLE knows better */
                .source_length = frh->src_len,
                .destination_length = frh->dst_len,
                .has_priority = true,
                .invert = frh->flags & FIB_RULE_INVERT,
                .uids = { UINT32_MAX, UINT32_MAX },
                .suppress_prefixlen = -1,
                .suppress_group = -1,
        };
}

int decode_rule(const struct nlmsghdr *nlh, Rule *ret) {
        const struct fib_rule_hdr *frh = mnl_nlmsg_get_payload(nlh);
        RawRule raw = {};
        int r;

        assert(nlh);
        assert(ret);

        if (!has_header(nlh, RTM_NEWRULE, RTM_DELRULE, sizeof(*frh)) || in_addr_length(frh->family) == 0)
                return -EBADMSG;

        raw.rule = rule_of_header(frh);
        r = attr_each_of_message(nlh, sizeof(*frh), on_rule_attribute, &raw);
        if (r < 0)
                return r;

        r = attr_get_prefix(raw.source, frh->family, frh->src_len, raw.rule.source);
        if (r < 0)
                return r;
        r = attr_get_prefix(raw.destination, frh->family, frh->dst_len, raw.rule.destination);
        if (r < 0)
                return r;

        rule_normalize(&raw.rule);
        *ret = raw.rule;
        return 0;
}

/* What a neighbour message holds. */
typedef struct RawNeighbor {
        Neighbor neighbor;
        const struct nlattr *address;
} RawNeighbor;

static int get_link_layer(const struct nlattr *a, Neighbor *neighbor) {
        size_t length = attr_length(a);

        if (length > sizeof(neighbor->link_layer))
                return -EBADMSG;

        memset(neighbor->link_layer, 0, sizeof(neighbor->link_layer));
        memcpy(neighbor->link_layer, mnl_attr_get_payload(a), length);
        neighbor->link_layer_length = (uint8_t) length;
        return 0;
}

static int on_neighbor_attribute(const struct nlattr *a, void *userdata) {
        RawNeighbor *raw = userdata;

        switch (mnl_attr_get_type(a)) {
        case NDA_DST: raw->address = a; return 0;
        case NDA_LLADDR: return get_link_layer(a, &raw->neighbor);
        case NDA_PROTOCOL: return attr_get_u8(a, &raw->neighbor.protocol);
        default: return 0;
        }
}

/* A proxy without a link (ifindex 0) answers on all of them. */
int decode_neighbor(const struct nlmsghdr *nlh, Neighbor *ret) {
        const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
        RawNeighbor raw = {};
        int r;

        assert(nlh);
        assert(ret);

        if (!has_header(nlh, RTM_NEWNEIGH, RTM_DELNEIGH, sizeof(*ndm)) || ndm->ndm_ifindex < 0)
                return -EBADMSG;

        raw.neighbor = (Neighbor){
                .ifindex = ndm->ndm_ifindex,
                .family = ndm->ndm_family,
                .proxy = ndm->ndm_flags & NTF_PROXY,
                .permanent = ndm->ndm_state & NUD_PERMANENT,
        };
        r = attr_each_of_message(nlh, sizeof(*ndm), on_neighbor_attribute, &raw);
        if (r < 0)
                return r;
        if (!raw.address)
                return -EBADMSG;

        r = attr_get_in_addr(raw.address, ndm->ndm_family, raw.neighbor.address);
        if (r < 0)
                return r;

        *ret = raw.neighbor;
        return 0;
}
