/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* [Route], and Gateway= of [Network]. */

#include <linux/icmpv6.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "config-file.h"
#include "config-objects.h"

/* The family that what was read before has settled, and the key that did. */
static int settled_family(const RouteConfig *c, const InAddr *beside, const char **ret_key) {
        const struct {
                const InAddr *address;
                const char *key;
        } all[] = { { &c->destination, "Destination" },
                    { &c->route_source, "Source" },
                    { &c->preferred_source, "PreferredSource" } };

        for (size_t i = 0; i < ELEMENTSOF(all); i++)
                if (all[i].address != beside && all[i].address->family) {
                        *ret_key = all[i].key;
                        return all[i].address->family;
                }
        *ret_key = NULL;
        return 0;
}

static int parse_prefix(const Assignment *a, const RouteConfig *c, InAddr *ret, uint8_t *ret_length) {
        const char *other;
        int family = settled_family(c, ret, &other);

        if (strcmp(a->value, "default") == 0)
                return key_refuse(a, "write 0.0.0.0/0 or ::/0, or leave it out", "%s=default is not known",
                                  a->source.key);
        if (object_prefix(a, family, other, ret, ret_length, NULL) == 0)
                return 0;
        in_addr_mask(ret, *ret_length);
        return 1;
}

static int parse_destination(const Assignment *a, void *field _unused_, void *object) {
        RouteConfig *c = object;

        return parse_prefix(a, c, &c->destination, &c->destination_length);
}

static int parse_source(const Assignment *a, void *field _unused_, void *object) {
        RouteConfig *c = object;

        return parse_prefix(a, c, &c->route_source, &c->route_source_length);
}

static int parse_preferred_source(const Assignment *a, void *field, void *object) {
        const char *other;
        int family = settled_family(object, field, &other);

        return object_address(a, family, other, field);
}

static bool is_dynamic(const char *value) {
        return strcmp(value, "_dhcp4") == 0 || strcmp(value, "_dhcp") == 0 || strcmp(value, "_ipv6ra") == 0;
}

static int parse_gateway(const Assignment *a, void *field, void *object _unused_) {
        if (!*a->value) {
                *(InAddr *) field = (InAddr){};
                return 1;
        }
        if (is_dynamic(a->value) && a->context) {
                left_out_add(&a->context->left_out, &a->source);
                return 0;
        }
        return object_address(a, 0, NULL, field);
}

static int parse_table(const Assignment *a, void *field, void *object _unused_) {
        uint32_t table;
        int r = key_parse_table(a, &table);

        if (r > 0)
                *(Optional *) field = (Optional){ true, table };
        return r;
}

static int parse_flag(const Assignment *a, void *field, void *object) {
        bool b;
        int r = key_parse_bool(a, &b, object);

        if (r > 0)
                *(uint32_t *) field = b;
        return r;
}

static int parse_congestion_control(const Assignment *a, void *field, void *object _unused_) {
        size_t n = strlen(a->value);

        if (n >= sizeof(((RouteConfig *) NULL)->congestion_control))
                return key_refuse(a, "use a name of net.ipv4.tcp_available_congestion_control",
                                  "%s= '%s' is longer than 15 bytes", a->source.key, a->value);
        memcpy(field, a->value, n + 1);
        return 1;
}

static int parse_retransmission(const Assignment *a, void *field, void *object _unused_) {
        uint64_t usec;

        if (parse_time(a->value, &usec) < 0 || usec == 0 || usec > UINT32_MAX * UINT64_C(1000))
                return key_refuse(a, "write a time like 200ms", "%s= '%s' is no time above 0", a->source.key,
                                  a->value);
        *(uint32_t *) field = (uint32_t) ((usec + 999) / 1000);
        return 1;
}

static int refuse_hop(const Assignment *a, const char *what) {
        return key_refuse(a, "write it like 192.0.2.1@tun1 10, with a weight from 1 to 256",
                          "MultiPathRoute= '%s' has no valid %s", a->value, what);
}

/* "ADDRESS[@NAME|INDEX] [WEIGHT]". */
static int read_hop(const Assignment *a, char *const *words, RouteHopConfig *ret) {
        RouteHopConfig hop = { .weight = 1 };
        char *at = words ? strchr(words[0], '@') : NULL;
        uint32_t index;

        if (!words || strv_length(words) > 2)
                return refuse_hop(a, "form");
        if (at)
                *at++ = '\0';
        if (parse_in_addr(words[0], &hop.gateway) < 0)
                return refuse_hop(a, "address");

        if (at && parse_u32(at, &index) >= 0 && index > 0 && index <= INT32_MAX)
                hop.ifindex = (int) index;
        else if (at && ifname_valid(at))
                (void) strcpy(hop.ifname, at);
        else if (at)
                return refuse_hop(a, "interface name");

        if (words[1] && (parse_u32(words[1], &hop.weight) < 0 || hop.weight < 1 || hop.weight > 256))
                return refuse_hop(a, "weight");

        *ret = hop;
        return 1;
}

static int parse_hop(const Assignment *a, void *field _unused_, void *object) {
        _cleanup_(strv_freep) char **words = NULL;
        RouteConfig *c = object;
        RouteHopConfig hop;
        int r;

        if (!*a->value) {
                free(c->hops);
                c->hops = NULL;
                c->n_hops = 0;
                return 1;
        }

        r = split_words(a->value, &words);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return refuse_hop(a, "form");
        if (read_hop(a, words, &hop) == 0)
                return 0;
        if (c->n_hops >= CONFIG_HOPS_MAX)
                return key_refuse(a, "use fewer hops", "more than %d hops of one route", CONFIG_HOPS_MAX);

        r = ARRAY_RESERVE_ONE(c->hops, c->n_hops);
        if (r < 0)
                return r;
        c->hops[c->n_hops++] = hop;
        return 1;
}

static const KeyWord protocol_words[] = {
        { "kernel", RTPROT_KERNEL },
        { "boot", RTPROT_BOOT },
        { "static", RTPROT_STATIC },
        {},
};

static const KeyWord type_words[] = {
        { "unicast", RTN_UNICAST },
        { "local", RTN_LOCAL },
        { "broadcast", RTN_BROADCAST },
        { "anycast", RTN_ANYCAST },
        { "multicast", RTN_MULTICAST },
        { "blackhole", RTN_BLACKHOLE },
        { "unreachable", RTN_UNREACHABLE },
        { "prohibit", RTN_PROHIBIT },
        { "throw", RTN_THROW },
        { "nat", RTN_NAT },
        { "xresolve", RTN_XRESOLVE },
        {},
};

static const KeyWord preference_words[] = {
        { "low", ICMPV6_ROUTER_PREF_LOW },
        { "medium", ICMPV6_ROUTER_PREF_MEDIUM },
        { "high", ICMPV6_ROUTER_PREF_HIGH },
        {},
};

#define FIELD(member)  offsetof(RouteConfig, member), -1
#define METRIC(metric) FIELD(metrics[metric])

const Key route_keys[] = {
        { "Route", "Destination", parse_destination, FIELD(destination) },
        { "Route", "Source", parse_source, FIELD(route_source) },
        { "Route", "Gateway", parse_gateway, FIELD(gateway) },
        { "Route", "GatewayOnLink", key_parse_optional_bool, FIELD(on_link) },
        { "Route", "GatewayOnlink", key_parse_optional_bool, FIELD(on_link) },
        { "Route", "Metric", key_parse_optional_number, FIELD(metric), .max = UINT32_MAX },
        { "Route", "Scope", key_parse_optional_word, FIELD(scope), .words = scope_words, .max = UINT8_MAX },
        { "Route", "PreferredSource", parse_preferred_source, FIELD(preferred_source) },
        { "Route", "Table", parse_table, FIELD(table) },
        { "Route", "Protocol", key_parse_optional_word, FIELD(protocol), .words = protocol_words,
          .max = UINT8_MAX },
        { "Route", "Type", key_parse_u8_word, FIELD(type), .words = type_words },
        { "Route", "IPv6Preference", key_parse_optional_word, FIELD(preference), .words = preference_words },
        { "Route", "MTUBytes", key_parse_u32_size, METRIC(RTAX_MTU), KEY_LINE_ONLY, .max = UINT32_MAX },
        { "Route", "TCPAdvertisedMaximumSegmentSize", key_parse_u32_size, METRIC(RTAX_ADVMSS),
          KEY_EMPTY_RESETS, .min = 1, .max = UINT32_MAX },
        { "Route", "HopLimit", key_parse_u32, METRIC(RTAX_HOPLIMIT), KEY_EMPTY_RESETS, .min = 1,
          .max = 255 },
        { "Route", "InitialCongestionWindow", key_parse_u32, METRIC(RTAX_INITCWND), KEY_LINE_ONLY, .min = 1,
          .max = 1023 },
        { "Route", "InitialAdvertisedReceiveWindow", key_parse_u32, METRIC(RTAX_INITRWND), KEY_LINE_ONLY,
          .min = 1, .max = 1023 },
        { "Route", "QuickAck", parse_flag, METRIC(RTAX_QUICKACK) },
        { "Route", "FastOpenNoCookie", parse_flag, METRIC(RTAX_FASTOPEN_NO_COOKIE) },
        { "Route", "TTLPropagate", key_parse_optional_bool, FIELD(ttl_propagate) },
        { "Route", "TCPCongestionControlAlgorithm", parse_congestion_control, FIELD(congestion_control) },
        { "Route", "TCPRetransmissionTimeoutSec", parse_retransmission, METRIC(RTAX_RTO_MIN) },
        { "Route", "MultiPathRoute", parse_hop, FIELD(hops) },
        { "Route", "NextHop", key_parse_u32, FIELD(nexthop_id), KEY_EMPTY_RESETS, .min = 1,
          .max = UINT32_MAX },
        {},
};

void route_config_done(void *object) {
        RouteConfig *c = object;

        free(c->hops);
        c->hops = NULL;
}

static bool is_reject(uint8_t type) {
        return type == RTN_BLACKHOLE || type == RTN_UNREACHABLE || type == RTN_PROHIBIT || type == RTN_THROW;
}

/* What of the ways to say where packets go excludes another; NULL: nothing. Whether there is a gateway that
 * counts is known already. */
static const char *conflict(const RouteConfig *c, const char **ret_hint) {
        *ret_hint = "remove one of the two";
        if (c->gateway.family && c->n_hops > 0)
                return "Gateway= and MultiPathRoute= exclude each other";
        if (c->nexthop_id > 0 && c->gateway.family)
                return "NextHop= and Gateway= exclude each other";
        if (c->nexthop_id > 0 && c->n_hops > 0)
                return "NextHop= and MultiPathRoute= exclude each other";

        *ret_hint = "remove Gateway=, MultiPathRoute= and NextHop=, or Type=";
        if (is_reject(c->type) && (c->gateway.family || c->n_hops > 0 || c->nexthop_id > 0))
                return "a route of this Type= drops packets and leads nowhere";

        *ret_hint = "give both of one family";
        if (c->family == AF_INET6 && c->gateway.family == AF_INET)
                return "an IPv6 route cannot have an IPv4 Gateway=";
        for (size_t i = 0; i < c->n_hops; i++)
                if (c->family == AF_INET6 && c->hops[i].gateway.family == AF_INET)
                        return "an IPv6 route cannot have an IPv4 hop";
        return NULL;
}

/* "Everything" is the same as no prefix at all. */
static void normalize(InAddr *prefix, uint8_t length) {
        if (length == 0)
                *prefix = (InAddr){};
}

int route_verify(ObjectDraft *draft, ObjectContext *context) {
        RouteConfig *c = &draft->route;
        const char *key, *what, *hint;

        c->family = settled_family(c, NULL, &key);
        if (!c->family)
                c->family = c->gateway.family;
        if (!c->family)
                return object_refuse(context, &c->source, "write for example Destination=0.0.0.0/0",
                                     "section [Route] has none of Destination=, Source=, PreferredSource= "
                                     "and Gateway=, so its family is not known");

        /* 0.0.0.0 or ::, "on the device itself". */
        if (c->gateway.family && in_addr_is_null(&c->gateway))
                c->gateway = (InAddr){};
        normalize(&c->destination, c->destination_length);
        normalize(&c->route_source, c->route_source_length);
        if (in_addr_is_null(&c->preferred_source))
                c->preferred_source = (InAddr){};

        what = conflict(c, &hint);
        if (what)
                return object_refuse(context, &c->source, hint, "%s", what);

        if (c->family == AF_INET6 && c->scope.set && c->scope.value != RT_SCOPE_UNIVERSE) {
                (void) diag_add(context->diag, SEVERITY_WARNING, &c->source, "remove the line",
                                "Scope= of the route is ignored: it is for IPv4 only");
                c->scope = (Optional){};
        }
        return 1;
}

int route_parse_line(const Assignment *a, void *field _unused_, void *object _unused_) {
        ObjectDraft draft = { .route.source = { a->source.path, a->source.line, "Network", "Gateway" } };
        int r;

        if (object_address(a, 0, NULL, &draft.route.gateway) == 0)
                return 0;

        r = object_finish(a->context, OBJECT_ROUTE, &draft);
        return r < 0 ? r : 1;
}

void routes_set_on_link(ObjectContext *context) {
        NetworkConfig *n = context->network;

        if (n->n_addresses > 0)
                return;

        for (size_t i = 0; i < n->n_routes; i++) {
                RouteConfig *c = n->routes + i;

                if (!c->gateway.family || c->on_link.set)
                        continue;
                c->on_link = (Optional){ true, 1 };
                (void) diag_add(context->diag, SEVERITY_WARNING, &c->source,
                                c->source.key ? "write a section [Route] with GatewayOnLink=yes"
                                              : "write GatewayOnLink=yes",
                                "the file has a Gateway= but no static address; the gateway is taken to be "
                                "on the link");
        }
}
