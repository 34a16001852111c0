/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The parts of a link message that have a file of their own: what IPv4 and IPv6 say of it, its other names,
 * its place in a bridge. */

#include "test.h"

#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "kernel/decode.h"
#include "link-message.h"

static void begin_named(Message *m, const char *name) {
        begin_named_link(m, RTM_NEWLINK, AF_UNSPEC, 7, name);
}

/* A kernel's array of sysctls, of n values: 1000, 1001… */
static void put_conf(Message *m, uint16_t type, size_t n) {
        int32_t values[300];

        assert_true(n <= ELEMENTSOF(values));
        for (size_t i = 0; i < n; i++)
                values[i] = 1000 + (int32_t) i;
        mnl_attr_put(&m->nlh, type, n * sizeof(int32_t), values);
}

typedef struct Families {
        struct nlattr *families, *family;
} Families;

static Families begin_family(Message *m, uint16_t family) {
        Families f;

        f.families = mnl_attr_nest_start(&m->nlh, IFLA_AF_SPEC);
        f.family = mnl_attr_nest_start(&m->nlh, family);
        return f;
}

static void end_family(Message *m, Families f) {
        mnl_attr_nest_end(&m->nlh, f.family);
        mnl_attr_nest_end(&m->nlh, f.families);
}

static Link *with_conf(uint16_t family, uint16_t type, size_t n) {
        Families f;
        Message m;

        begin_named(&m, "tun0");
        f = begin_family(&m, family);
        put_conf(&m, type, n);
        mnl_attr_put_u32(&m.nlh, 77, 77); /* from the future */
        end_family(&m, f);
        return decoded(&m);
}

/* Each array at every length, from nothing to more than anybody knows. */
static void test_sysctls(void **state _unused_) {
        static const struct {
                uint16_t family, type;
                LinkSysctl sysctl;
                uint16_t place;
        } cases[] = {
                { AF_INET, IFLA_INET_CONF, SYSCTL_IPV4_FORWARDING, IPV4_DEVCONF_FORWARDING - 1 },
                { AF_INET, IFLA_INET_CONF, SYSCTL_IPV4_PROXY_ARP, IPV4_DEVCONF_PROXY_ARP - 1 },
                { AF_INET, IFLA_INET_CONF, SYSCTL_IPV4_PROXY_ARP_PVLAN, IPV4_DEVCONF_PROXY_ARP_PVLAN - 1 },
                { AF_INET, IFLA_INET_CONF, SYSCTL_IPV4_RP_FILTER, IPV4_DEVCONF_RP_FILTER - 1 },
                { AF_INET, IFLA_INET_CONF, SYSCTL_IPV4_ACCEPT_LOCAL, IPV4_DEVCONF_ACCEPT_LOCAL - 1 },
                { AF_INET, IFLA_INET_CONF, SYSCTL_IPV4_ROUTE_LOCALNET, IPV4_DEVCONF_ROUTE_LOCALNET - 1 },
                { AF_INET6, IFLA_INET6_CONF, SYSCTL_IPV6_FORWARDING, DEVCONF_FORWARDING },
                { AF_INET6, IFLA_INET6_CONF, SYSCTL_IPV6_DISABLE, DEVCONF_DISABLE_IPV6 },
                { AF_INET6, IFLA_INET6_CONF, SYSCTL_IPV6_USE_TEMPADDR, DEVCONF_USE_TEMPADDR },
                { AF_INET6, IFLA_INET6_CONF, SYSCTL_IPV6_DAD_TRANSMITS, DEVCONF_DAD_TRANSMITS },
                { AF_INET6, IFLA_INET6_CONF, SYSCTL_IPV6_HOP_LIMIT, DEVCONF_HOPLIMIT },
                { AF_INET6, IFLA_INET6_CONF, SYSCTL_IPV6_PROXY_NDP, DEVCONF_PROXY_NDP },
                { AF_INET6, IFLA_INET6_CONF, SYSCTL_IPV6_MTU, DEVCONF_MTU6 },
        };

        for (size_t n = 0; n <= 300; n += n < 60 ? 1 : 60)
                for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                        _cleanup_(link_freep) Link *l = with_conf(cases[i].family, cases[i].type, n);
                        bool known = l->sysctls_known & 1U << cases[i].sysctl;

                        assert_int_equal(l->has_ipv4, cases[i].family == AF_INET);
                        assert_int_equal(l->has_ipv6, cases[i].family == AF_INET6);
                        assert_int_equal(known, cases[i].place < n);
                        assert_int_equal(l->sysctls[cases[i].sysctl], known ? 1000 + cases[i].place : 0);
                }
}

static void test_ipv6_attributes(void **state _unused_) {
        const struct ifla_cacheinfo info = { .retrans_time = 1000 }, odd = { .retrans_time = UINT32_MAX };
        _cleanup_(link_freep) Link *l = NULL, *other = NULL;
        Families f;
        Message m;

        begin_named(&m, "tun0");
        f = begin_family(&m, AF_INET6);
        mnl_attr_put_u8(&m.nlh, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_RANDOM);
        mnl_attr_put(&m.nlh, IFLA_INET6_CACHEINFO, sizeof(info), &info);
        end_family(&m, f);
        l = decoded(&m);
        assert_true(l->has_ipv6 && !l->has_ipv4);
        assert_int_equal(l->address_generation, IN6_ADDR_GEN_MODE_RANDOM);
        assert_int_equal(l->sysctls_known, 1U << SYSCTL_IPV6_RETRANS_TIME);
        assert_int_equal(l->sysctls[SYSCTL_IPV6_RETRANS_TIME], 1000);

        begin_named(&m, "tun0");
        f = begin_family(&m, AF_INET6);
        mnl_attr_put(&m.nlh, IFLA_INET6_CACHEINFO, sizeof(odd), &odd);
        end_family(&m, f);
        other = decoded(&m);
        assert_int_equal(other->sysctls_known, 0);
}

static void test_malformed_families(void **state _unused_) {
        static const uint8_t junk[64] = {};
        static const struct {
                uint16_t family, type, length;
                bool good;
        } cases[] = {
                { AF_INET, IFLA_INET_CONF, 7, false },
                { AF_INET6, IFLA_INET6_CONF, 1, false },
                { AF_INET6, IFLA_INET6_ADDR_GEN_MODE, 4, false },
                { AF_INET6, IFLA_INET6_CACHEINFO, 12, false },
                { AF_PHONET, IFLA_INET6_ADDR_GEN_MODE, 4, true }, /* none of ours */
                { AF_INET6, 77, 3, true },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(link_freep) Link *l = NULL;
                Families f;
                Message m;

                begin_named(&m, "tun0");
                f = begin_family(&m, cases[i].family);
                mnl_attr_put(&m.nlh, cases[i].type, cases[i].length, junk);
                end_family(&m, f);
                if (cases[i].good)
                        l = decoded(&m);
                else
                        assert_int_equal(decode_link(&m.nlh, &l), -EBADMSG);
        }
}

static void test_properties(void **state _unused_) {
        static const uint8_t mac[] = { 2, 0, 0, 1, 2, 3 };
        char longest[ALTIFNAMSIZ];
        _cleanup_(link_freep) Link *l = NULL;
        Link *bad = NULL;
        struct nlattr *list;
        LinkEvent e;
        Message m;

        memset(longest, 'x', sizeof(longest) - 1);
        longest[sizeof(longest) - 1] = '\0';
        begin_named(&m, "eth0");
        mnl_attr_put_u32(&m.nlh, IFLA_GROUP, 4000000000);
        mnl_attr_put(&m.nlh, IFLA_PERM_ADDRESS, sizeof(mac), mac);
        list = mnl_attr_nest_start(&m.nlh, IFLA_PROP_LIST);
        mnl_attr_put_strz(&m.nlh, IFLA_ALT_IFNAME, "enp0s1");
        mnl_attr_put_u32(&m.nlh, 7, 7);
        mnl_attr_put_strz(&m.nlh, IFLA_ALT_IFNAME, longest);
        mnl_attr_nest_end(&m.nlh, list);
        l = decoded(&m);

        assert_true(l->group == 4000000000);
        assert_int_equal(l->permanent_address_length, 6);
        assert_memory_equal(l->permanent_address, mac, 6);
        assert_int_equal(l->address_length, 0);
        assert_int_equal(strv_length(l->altnames), 2);
        assert_string_equal(l->altnames[0], "enp0s1");
        assert_string_equal(l->altnames[1], longest);

        /* One that is too long behind a good one; an event does not look at them. */
        begin_named(&m, "eth0");
        list = mnl_attr_nest_start(&m.nlh, IFLA_PROP_LIST);
        mnl_attr_put_strz(&m.nlh, IFLA_ALT_IFNAME, "enp0s1");
        mnl_attr_put(&m.nlh, IFLA_ALT_IFNAME, sizeof(longest), memset(longest, 'x', sizeof(longest)));
        mnl_attr_nest_end(&m.nlh, list);
        assert_int_equal(decode_link(&m.nlh, &bad), -EBADMSG);
        assert_null(bad);
        assert_int_equal(decode_event(&m.nlh, &e), 1);
}

static void test_vrf(void **state _unused_) {
        _cleanup_(link_freep) Link *l = NULL, *other = NULL;
        Message m;
        Nests n;

        begin_named(&m, "vrf0");
        n = begin_kind(&m, "vrf");
        mnl_attr_put_u32(&m.nlh, IFLA_VRF_TABLE, 4711);
        end_kind(&m, n);
        l = decoded(&m);
        assert_int_equal(l->vrf_table, 4711);

        begin_named(&m, "no-vrf");
        n = begin_kind(&m, "vlan");
        mnl_attr_put_u16(&m.nlh, IFLA_VLAN_ID, 5);
        end_kind(&m, n);
        other = decoded(&m);
        assert_int_equal(other->vrf_table, 0);
        assert_int_equal(other->default_pvid, 0);
}

static void test_bridge(void **state _unused_) {
        _cleanup_(link_freep) Link *l = NULL;
        Message m;
        Nests n;

        begin_named(&m, "br0");
        n = begin_kind(&m, "bridge");
        mnl_attr_put_u8(&m.nlh, IFLA_BR_VLAN_FILTERING, 1);
        mnl_attr_put_u16(&m.nlh, IFLA_BR_VLAN_DEFAULT_PVID, 4094);
        end_kind(&m, n);
        l = decoded(&m);
        assert_int_equal(l->default_pvid, 4094);
        assert_int_equal(l->vrf_table, 0);
}

static void put_port(Message *m, const char *kind) {
        struct nlattr *info, *data;

        begin_named(m, "tap0");
        info = mnl_attr_nest_start(&m->nlh, IFLA_LINKINFO);
        data = mnl_attr_nest_start(&m->nlh, IFLA_INFO_SLAVE_DATA);
        mnl_attr_put_u8(&m->nlh, IFLA_BRPORT_MODE, 1);
        mnl_attr_put_u8(&m->nlh, IFLA_BRPORT_MULTICAST_ROUTER, 2);
        mnl_attr_put_u32(&m->nlh, IFLA_BRPORT_COST, 65535);
        mnl_attr_put_u16(&m->nlh, IFLA_BRPORT_PRIORITY, 32);
        mnl_attr_put_u8(&m->nlh, IFLA_BRPORT_ISOLATED, 1);
        mnl_attr_put_u64(&m->nlh, IFLA_BRPORT_HOLD_TIMER, 5); /* not for us */
        mnl_attr_nest_end(&m->nlh, data);
        mnl_attr_put_strz(&m->nlh, IFLA_INFO_SLAVE_KIND, kind);
        mnl_attr_nest_end(&m->nlh, info);
}

static void test_port(void **state _unused_) {
        _cleanup_(link_freep) Link *l = NULL, *other = NULL;
        Message m;

        put_port(&m, "bridge");
        l = decoded(&m);
        assert_non_null(l->port);
        assert_string_equal(l->kind, "");
        for (PortSetting i = 0; i < _PORT_SETTING_MAX; i++)
                switch (i) {
                case PORT_HAIRPIN:
                case PORT_ISOLATED: assert_int_equal(l->port->values[i], 1); break;
                case PORT_MULTICAST_ROUTER: assert_int_equal(l->port->values[i], 2); break;
                case PORT_COST: assert_int_equal(l->port->values[i], 65535); break;
                case PORT_PRIORITY: assert_int_equal(l->port->values[i], 32); break;
                default: assert_int_equal(l->port->values[i], 0); break;
                }
        assert_false(l->port->has_vlans);

        /* A bond has other things under the same numbers. */
        put_port(&m, "bond");
        other = decoded(&m);
        assert_null(other->port);
}

static void test_malformed_port(void **state _unused_) {
        static const uint8_t junk[8] = {};
        static const struct {
                uint16_t type, length;
        } cases[] = {
                { IFLA_BRPORT_MODE, 4 },
                { IFLA_BRPORT_COST, 2 },
                { IFLA_BRPORT_PRIORITY, 4 },
                { IFLA_BRPORT_LEARNING, 0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Link *l = NULL;
                Message m;
                Nests n;

                begin_named(&m, "tap0");
                n = begin_port(&m, "bridge");
                mnl_attr_put(&m.nlh, cases[i].type, cases[i].length, junk);
                end_kind(&m, n);
                assert_int_equal(decode_link(&m.nlh, &l), -EBADMSG);
                assert_null(l);
        }
}

static void put_vlan(Message *m, uint16_t flags, uint16_t vid) {
        const struct bridge_vlan_info info = { .flags = flags, .vid = vid };

        mnl_attr_put(&m->nlh, IFLA_BRIDGE_VLAN_INFO, sizeof(info), &info);
}

static bool has_bit(const uint8_t *bits, unsigned i) {
        return bits[i / 8] & 1 << i % 8;
}

/* Single VLANs and ranges; what was known before of VLANs is gone, of settings only what is said anew. */
static void test_vlans(void **state _unused_) {
        BridgePort port = { .values = { [PORT_COST] = 5, [PORT_LEARNING] = 1 },
                            .vlans = { 0xff },
                            .pvid = 3 };
        struct nlattr *a;
        int ifindex = 0;
        Message m;

        begin_link(&m, RTM_NEWLINK, AF_BRIDGE, 9);
        mnl_attr_put_strz(&m.nlh, IFLA_IFNAME, "port");
        a = mnl_attr_nest_start(&m.nlh, IFLA_PROTINFO);
        mnl_attr_put_u8(&m.nlh, IFLA_BRPORT_LEARNING, 0);
        mnl_attr_nest_end(&m.nlh, a);
        a = mnl_attr_nest_start(&m.nlh, IFLA_AF_SPEC);
        mnl_attr_put_u16(&m.nlh, IFLA_BRIDGE_MODE, 1);
        put_vlan(&m, BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED, 1);
        put_vlan(&m, BRIDGE_VLAN_INFO_RANGE_BEGIN, 10);
        put_vlan(&m, BRIDGE_VLAN_INFO_RANGE_END, 20);
        put_vlan(&m, BRIDGE_VLAN_INFO_RANGE_BEGIN | BRIDGE_VLAN_INFO_UNTAGGED, 100);
        put_vlan(&m, BRIDGE_VLAN_INFO_RANGE_END | BRIDGE_VLAN_INFO_UNTAGGED, 4094);
        mnl_attr_nest_end(&m.nlh, a);

        assert_int_equal(decode_bridge_vlans(&m.nlh, &ifindex, &port), 0);
        assert_int_equal(ifindex, 9);
        assert_true(port.has_vlans);
        assert_int_equal(port.pvid, 1);
        assert_int_equal(port.values[PORT_COST], 5);
        assert_int_equal(port.values[PORT_LEARNING], 0);
        for (unsigned v = 0; v < 4096; v++) {
                bool untagged = v == 1 || (v >= 100 && v <= 4094);

                assert_int_equal(has_bit(port.untagged, v), untagged);
                assert_int_equal(has_bit(port.vlans, v), untagged || (v >= 10 && v <= 20));
        }

        /* Without the attribute there are none. An STP state is no setting. */
        begin_link(&m, RTM_NEWLINK, AF_BRIDGE, 9);
        mnl_attr_put_u8(&m.nlh, IFLA_PROTINFO, 3);
        assert_int_equal(decode_bridge_vlans(&m.nlh, &ifindex, &port), 0);
        assert_true(port.has_vlans);
        assert_int_equal(port.pvid, 0);
        for (unsigned v = 0; v < 4096; v++)
                assert_false(has_bit(port.vlans, v) || has_bit(port.untagged, v));
}

static void test_malformed_vlans(void **state _unused_) {
        static const uint16_t begin = BRIDGE_VLAN_INFO_RANGE_BEGIN, end = BRIDGE_VLAN_INFO_RANGE_END;
        const struct {
                uint16_t flags, vid, next_flags, next_vid; /* 0: no next */
        } cases[] = {
                { 0, 0, 0, 0 },          { 0, 4095, 0, 0 },        { 0, 65535, 0, 0 },
                { begin, 5, 0, 0 }, /* never ended */
                { end, 5, 0, 0 },        { begin | end, 5, 0, 0 }, { begin, 5, 0, 6 },
                { begin, 5, end, 4 },    { begin, 5, begin, 6 },   { begin, 5, begin | end, 6 },
                { begin, 5, end, 4095 },
        };
        const BridgePort before = { .pvid = 7 };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                BridgePort port = before;
                int ifindex = 42;
                struct nlattr *a;
                Message m;

                begin_link(&m, RTM_NEWLINK, AF_BRIDGE, 9);
                a = mnl_attr_nest_start(&m.nlh, IFLA_AF_SPEC);
                put_vlan(&m, cases[i].flags, cases[i].vid);
                if (cases[i].next_vid != 0)
                        put_vlan(&m, cases[i].next_flags, cases[i].next_vid);
                mnl_attr_nest_end(&m.nlh, a);
                assert_int_equal(decode_bridge_vlans(&m.nlh, &ifindex, &port), -EBADMSG);
                assert_memory_equal(&port, &before, sizeof(port));
                assert_int_equal(ifindex, 42);
        }
}

static void test_vlans_of_others(void **state _unused_) {
        static const struct {
                uint16_t type;
                uint8_t family;
                int ifindex;
        } cases[] = {
                { RTM_DELLINK, AF_BRIDGE, 9 },
                { RTM_NEWLINK, AF_UNSPEC, 9 },
                { RTM_NEWLINK, AF_BRIDGE, 0 },
                { RTM_NEWROUTE, AF_BRIDGE, 9 },
        };
        BridgePort port = {};
        int ifindex;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Message m;

                begin_link(&m, cases[i].type, cases[i].family, cases[i].ifindex);
                assert_int_equal(decode_bridge_vlans(&m.nlh, &ifindex, &port), -EBADMSG);
        }
}

/* In a bridge's own view IFLA_AF_SPEC is something else. */
static void test_bridge_event_with_vlans(void **state _unused_) {
        struct nlattr *a;
        LinkEvent e;
        Message m;

        begin_link(&m, RTM_NEWLINK, AF_BRIDGE, 9);
        mnl_attr_put_strz(&m.nlh, IFLA_IFNAME, "port");
        a = mnl_attr_nest_start(&m.nlh, IFLA_AF_SPEC);
        put_vlan(&m, 0, 1);
        mnl_attr_nest_end(&m.nlh, a);
        assert_int_equal(decode_event(&m.nlh, &e), 1);
        assert_int_equal(e.ifindex, 9);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sysctls),
                cmocka_unit_test(test_ipv6_attributes),
                cmocka_unit_test(test_malformed_families),
                cmocka_unit_test(test_properties),
                cmocka_unit_test(test_vrf),
                cmocka_unit_test(test_bridge),
                cmocka_unit_test(test_port),
                cmocka_unit_test(test_malformed_port),
                cmocka_unit_test(test_vlans),
                cmocka_unit_test(test_malformed_vlans),
                cmocka_unit_test(test_vlans_of_others),
                cmocka_unit_test(test_bridge_event_with_vlans),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
