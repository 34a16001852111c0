/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The files are written to a folder below /tmp, which is removed again. Only what differs from the default
 * is dumped. */

#include "config-text.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "test.h"

#include "config-dir.h"
#include "config/config-file.h"

static void dump_hwaddr(FILE *f, const char *name, const HwAddr *a) {
        for (unsigned i = 0; i < a->length; i++)
                fprintf(f, i == 0 ? " %s=%02x" : "%.0s%02x", name, a->bytes[i]);
}

static void dump_address(FILE *f, const char *name, const InAddr *a, int length) {
        char buffer[IN_ADDR_TEXT_MAX];

        if (a->family)
                fprintf(f, " %s%s", name, in_addr_format(a, length, buffer));
}

static void dump_optional(FILE *f, const char *name, const Optional *o) {
        if (o->set)
                fprintf(f, " %s=%lld", name, (long long) o->value);
}

static void dump_number(FILE *f, const char *name, uint64_t v) {
        if (v > 0)
                fprintf(f, " %s=%llu", name, (unsigned long long) v);
}

static void dump_flag(FILE *f, const char *name, bool b) {
        if (b)
                fprintf(f, " %s", name);
}

static void dump_string(FILE *f, const char *name, const char *s) {
        if (s && *s)
                fprintf(f, " %s=%s", name, s);
}

static void dump_device(FILE *f, const DeviceConfig *d) {
        fprintf(f, "%s %s", d->name, kind_to_string(d->kind));
        dump_flag(f, "mq", d->multi_queue);
        dump_flag(f, "pi", d->packet_info);
        dump_flag(f, "vnet", d->vnet_header);
        dump_flag(f, "keep", d->keep_carrier);
        dump_flag(f, "any", d->allow_any_user);
        dump_flag(f, "napi", d->napi);
        dump_flag(f, "frags", d->napi_frags);
        dump_flag(f, "recreate", d->recreate);
        dump_optional(f, "enforce", &d->enforce);
        dump_number(f, "mtu", d->mtu);
        dump_hwaddr(f, "mac", &d->mac_address);
        dump_number(f, "sndbuf", d->send_buffer);
        dump_number(f, "vnetbytes", d->vnet_header_bytes);
        dump_string(f, "user", d->user);
        dump_string(f, "group", d->group);
        if (d->description)
                fprintf(f, " desc='%s'", d->description);
        fputc('\n', f);
}

static void dump_address_settings(FILE *f, const AddressConfig *a) {
        char buffer[INET_ADDRSTRLEN];

        dump_address(f, "peer=", &a->peer, -1);
        if (a->broadcast_mode == BROADCAST_NO)
                fputs(" brd=no", f);
        if (a->broadcast_mode == BROADCAST_GIVEN)
                fprintf(f, " brd=%s", inet_ntop(AF_INET, &a->broadcast, buffer, sizeof(buffer)));
        dump_string(f, "label", a->label);
        dump_flag(f, "deprecated", a->preferred_zero);
        dump_optional(f, "scope", &a->scope);
        dump_number(f, "metric", a->route_metric);
        dump_flag(f, "home", a->home_address);
        dump_flag(f, "mngtmp", a->manage_temporary_address);
        dump_flag(f, "noprefixroute", a->no_prefix_route);
        dump_flag(f, "autojoin", a->auto_join);
        dump_flag(f, "nodad", a->no_duplicate_detection);
}

static const char *metric_name(size_t i) {
        switch (i) {
        case RTAX_MTU: return "mtu";
        case RTAX_ADVMSS: return "advmss";
        case RTAX_HOPLIMIT: return "hoplimit";
        case RTAX_INITCWND: return "initcwnd";
        case RTAX_INITRWND: return "initrwnd";
        case RTAX_QUICKACK: return "quickack";
        case RTAX_FASTOPEN_NO_COOKIE: return "fastopen_no_cookie";
        case RTAX_RTO_MIN: return "rto_min";
        default: return "?";
        }
}

static void dump_hop(FILE *f, const RouteHopConfig *h) {
        dump_address(f, "hop=", &h->gateway, -1);
        if (*h->ifname)
                fprintf(f, "@%s", h->ifname);
        if (h->ifindex > 0)
                fprintf(f, "@%d", h->ifindex);
        fprintf(f, "*%u", h->weight);
}

static void dump_route(FILE *f, const RouteConfig *r) {
        fprintf(f, "  route %d", r->family == AF_INET ? 4 : 6);
        dump_address(f, "dst=", &r->destination, r->destination_length);
        dump_address(f, "src=", &r->route_source, r->route_source_length);
        dump_address(f, "gw=", &r->gateway, -1);
        dump_optional(f, "onlink", &r->on_link);
        dump_optional(f, "metric", &r->metric);
        dump_optional(f, "scope", &r->scope);
        dump_address(f, "prefsrc=", &r->preferred_source, -1);
        dump_optional(f, "table", &r->table);
        dump_optional(f, "proto", &r->protocol);
        dump_number(f, "type", r->type);
        dump_optional(f, "pref", &r->preference);
        for (size_t i = 0; i < ROUTE_METRICS_MAX; i++)
                dump_number(f, metric_name(i), r->metrics[i]);
        dump_string(f, "cc", r->congestion_control);
        dump_optional(f, "ttl", &r->ttl_propagate);
        for (size_t i = 0; i < r->n_hops; i++)
                dump_hop(f, r->hops + i);
        dump_number(f, "nexthop", r->nexthop_id);
        fputc('\n', f);
}

static void dump_nexthop(FILE *f, const NextHopConfig *h) {
        fprintf(f, "  nexthop %d", h->family == AF_INET ? 4 : h->family == AF_INET6 ? 6 : 0);
        dump_number(f, "id", h->id);
        dump_address(f, "gw=", &h->gateway, -1);
        dump_optional(f, "onlink", &h->on_link);
        dump_flag(f, "blackhole", h->blackhole);
        for (size_t i = 0; i < h->n_group; i++)
                fprintf(f, " %u*%u", h->group[i].id, h->group[i].weight);
        fputc('\n', f);
}

static void dump_range(FILE *f, const char *name, const uint16_t ports[static 2]) {
        if (ports[0] > 0)
                fprintf(f, " %s=%u-%u", name, ports[0], ports[1]);
}

static void dump_rule(FILE *f, const RuleConfig *r) {
        fprintf(f, "  rule %d", r->family == AF_INET ? 4 : r->family == AF_INET6 ? 6 : 0);
        dump_address(f, "from=", &r->from, r->from_length);
        dump_address(f, "to=", &r->to, r->to_length);
        dump_number(f, "table", r->table);
        dump_optional(f, "prio", &r->priority);
        if (r->fwmark || r->fwmask)
                fprintf(f, " mark=%#x/%#x", r->fwmark, r->fwmask);
        dump_number(f, "tos", r->tos);
        dump_string(f, "iif", r->incoming);
        dump_string(f, "oif", r->outgoing);
        dump_range(f, "sport", r->source_port);
        dump_range(f, "dport", r->destination_port);
        dump_number(f, "ipproto", r->ip_protocol);
        dump_flag(f, "not", r->invert);
        if (r->has_uids)
                fprintf(f, " uids=%u-%u", r->uids[0], r->uids[1]);
        dump_optional(f, "suppress_prefix", &r->suppress_prefixlen);
        dump_optional(f, "suppress_group", &r->suppress_group);
        dump_number(f, "action", r->action);
        dump_flag(f, "l3mdev", r->l3mdev);
        fputc('\n', f);
}

/* "1-3,7" */
static void dump_set(FILE *f, const char *name, const uint8_t set[static 512]) {
        const char *separator = "";

        fprintf(f, " %s=", name);
        for (unsigned i = 0, end; i < 4096; i = end + 1) {
                for (end = i; end < 4096 && (set[end / 8] & (1 << end % 8)); end++)
                        ;
                if (end == i)
                        continue;
                fprintf(f, end - i > 1 ? "%s%u-%u" : "%s%u", separator, i, end - 1);
                separator = ",";
        }
}

static const char *key_name(NetworkKey key) {
        for (const Key *k = network_link_keys; k->section; k++)
                if (k->source == (int) key)
                        return k->name;
        return "?";
}

static void dump_values(FILE *f, const NetworkConfig *n) {
        for (NetworkKey key = 0; key < _NETWORK_KEY_MAX; key++) {
                Optional o = given_value(&n->given, key);

                /* Whatever is set has been written somewhere. */
                if (o.set && !given_source(&n->given, key)->path)
                        fprintf(f, " UNSOURCED");
                if (key >= NETWORK_PORT_UNICAST_FLOOD && o.set)
                        fputs(" port", f);
                if (o.set && o.value == INT64_MAX)
                        fprintf(f, " %s=forever", key_name(key));
                else
                        dump_optional(f, key_name(key), &o);
        }
}

static void dump_single(FILE *f, const NetworkConfig *n) {
        dump_number(f, "mtu", n->mtu);
        dump_hwaddr(f, "mac", &n->mac_address);
        dump_string(f, "bridge", n->bridge);
        dump_string(f, "vrf", n->vrf);
        dump_address(f, "secret=", &n->stable_secret, -1);
        for (char **b = n->bind_carrier; b && *b; b++)
                fprintf(f, " bind='%s'", *b);
        for (size_t i = 0; i < n->n_proxy_ndp_addresses; i++)
                dump_address(f, "proxy=", n->proxy_ndp_addresses + i, -1);
        if (!n->required_for_online)
                fputs(" optional", f);
        if (n->online_min != ONLINE_DEGRADED || n->online_max != ONLINE_ROUTABLE)
                fprintf(f, " online=%s:%s", online_level_to_string(n->online_min),
                        online_level_to_string(n->online_max));
        dump_values(f, n);
        if (n->vlans) {
                fprintf(f, " vlans@%u", n->vlans->source.line);
                dump_set(f, "tagged", n->vlans->vlans);
                dump_set(f, "untagged", n->vlans->untagged);
                dump_number(f, "pvid", n->vlans->pvid);
        }
        if (n->description)
                fprintf(f, " desc='%s'", n->description);
}

static bool is_plain(const AddressConfig *a) {
        _cleanup_(freep) char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        assert_non_null(f);
        dump_address_settings(f, a);
        assert_int_equal(fclose(f), 0);
        return size == 0;
}

static void dump_network(FILE *f, const NetworkConfig *n) {
        fputs(n->file_name, f);
        for (size_t i = 0; i < n->match.name.n; i++) {
                const MatchWord *w = n->match.name.items + i;

                fprintf(f, w->literal ? " '%s%s'" : " %s%s", w->negative ? "!" : "", w->glob);
        }
        for (size_t i = 0; i < n->n_addresses; i++)
                if (is_plain(n->addresses + i))
                        dump_address(f, "", &n->addresses[i].address, n->addresses[i].prefixlen);
        dump_single(f, n);
        fputc('\n', f);

        for (size_t i = 0; i < n->n_addresses; i++)
                if (!is_plain(n->addresses + i)) {
                        fputs("  address", f);
                        dump_address(f, "", &n->addresses[i].address, n->addresses[i].prefixlen);
                        dump_address_settings(f, n->addresses + i);
                        fputc('\n', f);
                }
        for (size_t i = 0; i < n->n_routes; i++)
                dump_route(f, n->routes + i);
        for (size_t i = 0; i < n->n_nexthops; i++)
                dump_nexthop(f, n->nexthops + i);
        for (size_t i = 0; i < n->n_rules; i++)
                dump_rule(f, n->rules + i);
        for (size_t i = 0; i < n->n_neighbors; i++) {
                fputs("  neighbor", f);
                dump_address(f, "", &n->neighbors[i].address, -1);
                dump_hwaddr(f, "lladdr", &n->neighbors[i].link_layer);
                fputc('\n', f);
        }
}

static char *load(void) {
        Host host = { .hostname = (char *) "box", .kernel_release = (char *) "6.1.0" };
        RouteTableName table = { (char *) "vpn", 77 };
        Settings settings = { .tables = &table, .n_tables = 1 };
        _cleanup_(config_freep) Config *c = NULL;
        _cleanup_(diag_done) Diagnostics diag = {};

        assert_int_equal(config_load((const char *const[]){ ".", NULL }, &host, &settings, &diag, &c), 0);
        return config_dump_with(c, &diag, dump_device, dump_network);
}

char *config_text(const ConfigFile *files) {
        char *text;

        assert_int_equal(config_dir_enter(NULL), 0);
        for (; files->path; files++)
                config_dir_put(files->path, files->text);
        text = load();
        assert_int_equal(config_dir_leave(NULL), 0);
        return text;
}

char *config_text_one(const char *path, const char *text) {
        return config_text((const ConfigFile[]){ { path, text }, {} });
}
