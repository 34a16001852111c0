/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Each setting of a link, its addresses and its place in a bridge: set on a real device, and read back. What
 * this kernel was built without is skipped, with its word for it. */

#include "../unit/test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "kernel/encode.h"
#include "kernel/follow.h"
#include "kernel/read.h"
#include "kernel/sysctl.h"
#include "kernel/tuntap.h"
#include "namespaces.h"

static Rtnl *rtnl;
static RtnlBatch *batch;
static Snapshot *snapshot;

static const ReadOptions all = { .vlans = true, .forwarding = true, .ipv6_default = true };

/* One message; its result. */
#define SEND(encode, ...)                                                                                   \
        ({                                                                                                  \
                encode(rtnl_batch_begin(batch), __VA_ARGS__);                                               \
                rtnl_batch_send_one(rtnl, batch, NULL);                                                     \
        })

static int make(const char *name, bool tap) {
        const TunSpec spec = { .name = name, .tap = tap, .owner = -1, .group = -1 };
        const char *step = NULL;
        int fd = -EBADF;

        assert_int_equal(tuntap_open(&fd, &step), 0);
        assert_int_equal(tuntap_create(fd, &spec, &step), 0);
        return fd;
}

static void encode_new_link(struct nlmsghdr *nlh, const char *name, const char *kind) {
        struct nlattr *info;

        mnl_nlmsg_put_header(nlh);
        nlh->nlmsg_type = RTM_NEWLINK;
        nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL;
        (void) mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
        mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
        info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
        mnl_attr_put_strz(nlh, IFLA_INFO_KIND, kind);
        if (strcmp(kind, "vrf") == 0) {
                struct nlattr *data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);

                mnl_attr_put_u32(nlh, IFLA_VRF_TABLE, 4711);
                mnl_attr_nest_end(nlh, data);
        }
        mnl_attr_nest_end(nlh, info);
}

static void encode_altnames(struct nlmsghdr *nlh, int ifindex, const char *a, const char *b) {
        struct ifinfomsg *ifi;
        struct nlattr *list;

        mnl_nlmsg_put_header(nlh);
        nlh->nlmsg_type = RTM_NEWLINKPROP;
        nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND;
        ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
        ifi->ifi_index = ifindex;
        list = mnl_attr_nest_start(nlh, IFLA_PROP_LIST);
        mnl_attr_put_strz(nlh, IFLA_ALT_IFNAME, a);
        mnl_attr_put_strz(nlh, IFLA_ALT_IFNAME, b);
        mnl_attr_nest_end(nlh, list);
}

static int index_of(const char *name) {
        _cleanup_(link_freep) Link *l = NULL;

        assert_int_equal(read_link(rtnl, 0, name, &l), 0);
        return l->ifindex;
}

static Link *refreshed(int ifindex) {
        Link *l;

        assert_int_equal(snapshot_refresh(rtnl, &all, snapshot, ifindex), 0);
        l = snapshot_by_index(snapshot, ifindex);
        assert_non_null(l);
        return l;
}

static void test_settings(void **state _unused_) {
        _cleanup_(close_fdp) _unused_ int fd = make("link0", false);
        int ifindex = index_of("link0");
        const Link *l = refreshed(ifindex);

        assert_int_equal(l->group, 0);
        assert_int_equal(l->tx_queue_length, 500);
        assert_null(l->altnames);
        assert_null(l->port);
        assert_int_equal(l->permanent_address_length, 0);

        assert_int_equal(SEND(encode_set_group, ifindex, 123456), 0);
        assert_int_equal(SEND(encode_set_tx_queue_length, ifindex, 77), 0);
        assert_int_equal(SEND(encode_altnames, ifindex, "a-name-longer-than-any-ifname-has", "b"), 0);
        l = refreshed(ifindex);
        assert_int_equal(l->group, 123456);
        assert_int_equal(l->tx_queue_length, 77);
        assert_int_equal(strv_length(l->altnames), 2);
        assert_string_equal(l->altnames[0], "a-name-longer-than-any-ifname-has");
        assert_string_equal(l->altnames[1], "b");
}

static void test_address_generation(void **state _unused_) {
        static const uint8_t secret[16] = { 0xfd, 1, [15] = 9 };
        _cleanup_(close_fdp) _unused_ int fd = make("link0", false);
        int ifindex = index_of("link0");
        uint8_t got[16] = {};

        if (!refreshed(ifindex)->has_ipv6)
                test_skip("this kernel has no IPv6");

        for (uint8_t mode = 0; mode <= IN6_ADDR_GEN_MODE_RANDOM; mode++) {
                int expected = mode == IN6_ADDR_GEN_MODE_STABLE_PRIVACY ? -EINVAL : 0; /* needs a secret */

                assert_int_equal(SEND(encode_set_address_generation, ifindex, mode), expected);
                if (expected == 0)
                        assert_int_equal(refreshed(ifindex)->address_generation, mode);
        }

        assert_int_equal(sysctl_read_stable_secret("link0", got), -ENODATA);
        assert_int_equal(sysctl_write_stable_secret("link0", secret), 0);
        assert_int_equal(sysctl_read_stable_secret("link0", got), 0);
        assert_memory_equal(got, secret, sizeof(secret));
        /* Which the secret alone has set, too. */
        assert_int_equal(refreshed(ifindex)->address_generation, IN6_ADDR_GEN_MODE_STABLE_PRIVACY);
        assert_int_equal(SEND(encode_set_address_generation, ifindex, IN6_ADDR_GEN_MODE_STABLE_PRIVACY), 0);
}

static void test_qdiscs(void **state _unused_) {
        static const char *const kinds[] = {
                "noqueue", "pfifo", "bfifo", "pfifo_fast", "fq", "fq_codel", "sfq",
        };
        _cleanup_(close_fdp) _unused_ int fd = make("link0", false);
        int ifindex = index_of("link0"), known = 0;

        for (int up = 0; up <= 1; up++) {
                for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                        int r = SEND(encode_set_qdisc, ifindex, kinds[i]);

                        if (r == -ENOENT) {
                                print_message("        this kernel has no %s: ENOENT\n", kinds[i]);
                                continue;
                        }
                        assert_int_equal(r, 0);
                        assert_string_equal(refreshed(ifindex)->qdisc, kinds[i]);
                        /* Again, when it is there already. */
                        assert_int_equal(SEND(encode_set_qdisc, ifindex, kinds[i]), 0);
                        known++;
                }
                assert_int_equal(SEND(encode_set_flags, ifindex, IFF_UP, IFF_UP), 0);
        }

        assert_true(known >= 8);
        assert_int_equal(SEND(encode_set_qdisc, ifindex, "pfifo"), 0);
        assert_int_equal(SEND(encode_set_qdisc, ifindex, NULL), 0);
        assert_string_not_equal(refreshed(ifindex)->qdisc, "pfifo");
        assert_int_equal(SEND(encode_set_qdisc, ifindex, NULL), -ENOENT);
        assert_int_equal(SEND(encode_set_qdisc, ifindex, "no-such-qdisc"), -ENOENT);
}

static void test_vrf(void **state _unused_) {
        _cleanup_(close_fdp) _unused_ int fd = make("link0", false);
        int vrf, r;

        r = SEND(encode_new_link, "vrf0", "vrf");
        if (r == -EOPNOTSUPP)
                test_skip("this kernel has no VRF: EOPNOTSUPP");
        assert_int_equal(r, 0);

        vrf = index_of("vrf0");
        assert_int_equal(refreshed(vrf)->vrf_table, 4711);
        assert_int_equal(SEND(encode_set_master, index_of("link0"), vrf), 0);
        assert_int_equal(refreshed(index_of("link0"))->master, vrf);
        assert_null(refreshed(index_of("link0"))->port);
        assert_int_equal(SEND(encode_delete_link, vrf), 0);
}

/* A value other than any default, for each. */
static void test_sysctls(void **state _unused_) {
        static const int32_t values[_LINK_SYSCTL_MAX] = {
                [SYSCTL_IPV4_FORWARDING] = 1,      [SYSCTL_IPV4_PROXY_ARP] = 1,
                [SYSCTL_IPV4_PROXY_ARP_PVLAN] = 1, [SYSCTL_IPV4_RP_FILTER] = 2,
                [SYSCTL_IPV4_ACCEPT_LOCAL] = 1,    [SYSCTL_IPV4_ROUTE_LOCALNET] = 1,
                [SYSCTL_IPV6_FORWARDING] = 1,      [SYSCTL_IPV6_DISABLE] = 1,
                [SYSCTL_IPV6_USE_TEMPADDR] = -1,   [SYSCTL_IPV6_DAD_TRANSMITS] = 7,
                [SYSCTL_IPV6_HOP_LIMIT] = 77,      [SYSCTL_IPV6_PROXY_NDP] = 1,
                [SYSCTL_IPV6_MTU] = 1300,          [SYSCTL_IPV6_RETRANS_TIME] = 4320, /* of whole ticks */
        };
        _cleanup_(close_fdp) _unused_ int fd = make("link.0", false);
        int ifindex = index_of("link.0");

        assert_true(refreshed(ifindex)->has_ipv4);
        for (LinkSysctl i = 0; i < _LINK_SYSCTL_MAX; i++) {
                int32_t value = 0, got = 0;
                const Link *l;

                if (i >= SYSCTL_IPV6_FORWARDING && !refreshed(ifindex)->has_ipv6)
                        break;

                /* use_tempaddr = -1 is the kernel's own for a tun */
                value = values[i];
                if (i == SYSCTL_IPV6_USE_TEMPADDR) {
                        l = refreshed(ifindex);
                        value = l->sysctls[i] == 2 ? 1 : 2;
                }

                assert_true(refreshed(ifindex)->sysctls_known & 1U << i);
                assert_int_not_equal(refreshed(ifindex)->sysctls[i], value);
                assert_int_equal(sysctl_write(i, "link.0", value), 0);
                assert_int_equal(sysctl_read(i, "link.0", &got), 0);
                assert_int_equal(got, value);

                l = refreshed(ifindex);
                assert_true(l->sysctls_known & 1U << i);
                assert_int_equal(l->sysctls[i], value);
        }
}

static void test_sysctl_refused(void **state _unused_) {
        static const char *const names[] = { "",        ".",   "..",      "all",
                                             "default", "a/b", "../conf", "sixteen_chars_is" };
        int32_t value = 42;

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                uint8_t secret[16] = {};

                assert_int_equal(sysctl_write(SYSCTL_IPV4_RP_FILTER, names[i], 0), -EINVAL);
                assert_int_equal(sysctl_read(SYSCTL_IPV4_RP_FILTER, names[i], &value), -EINVAL);
                assert_int_equal(sysctl_write_stable_secret(names[i], secret), -EINVAL);
        }

        assert_int_equal(sysctl_read(SYSCTL_IPV4_RP_FILTER, "nosuch", &value), -ENOENT);
        assert_int_equal(sysctl_write(SYSCTL_IPV4_RP_FILTER, "nosuch", 1), -ENOENT);
        assert_int_equal(sysctl_write(SYSCTL_IPV6_MTU, "lo", 7), -EINVAL);
        assert_int_equal(value, 42);
}

static void test_sysctl_names(void **state _unused_) {
        _cleanup_(freep) char *plain = sysctl_name(SYSCTL_IPV4_RP_FILTER, "tun0");
        _cleanup_(freep) char *dotted = sysctl_name(SYSCTL_IPV6_RETRANS_TIME, "tun0.5");

        assert_string_equal(plain, "net.ipv4.conf.tun0.rp_filter");
        assert_string_equal(dotted, "net.ipv6.neigh.tun0/5.retrans_time_ms");
}

static void test_forwarding(void **state _unused_) {
        for (int ipv6 = 0; ipv6 <= 1; ipv6++)
                for (int on = 1; on >= 0; on--) {
                        _cleanup_(snapshot_freep) Snapshot *s = NULL, *without = NULL;
                        int8_t got = -1;

                        if (sysctl_write_forwarding(ipv6, on) == -ENOENT)
                                continue; /* no IPv6 */
                        assert_int_equal(sysctl_read_forwarding(ipv6, &got), 0);
                        assert_int_equal(got, on);

                        assert_int_equal(snapshot_read(rtnl, &all, &s), 0);
                        assert_int_equal(ipv6 ? s->ipv6_forward : s->ip_forward, on);
                        assert_int_equal(snapshot_read(rtnl, NULL, &without), 0);
                        assert_int_equal(ipv6 ? without->ipv6_forward : without->ip_forward, -1);

                        /* And what was read once does not stay so, where it is asked for. */
                        assert_int_equal(sysctl_write_forwarding(ipv6, !on), 0);
                        snapshot_refresh_switches(&(ReadOptions){}, s);
                        assert_int_equal(ipv6 ? s->ipv6_forward : s->ip_forward, on);
                        snapshot_refresh_switches(&all, s);
                        assert_int_equal(ipv6 ? s->ipv6_forward : s->ip_forward, !on);
                        assert_int_equal(sysctl_write_forwarding(ipv6, on), 0);
                }
}

static void write_ipv6_disable_default(char value) {
        _cleanup_(close_fdp) int fd =
                        open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY | O_CLOEXEC);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, &value, 1), 1);
}

static void test_ipv6_disable_default(void **state _unused_) {
        _cleanup_(snapshot_freep) Snapshot *s = NULL;

        if (access("/proc/sys/net/ipv6", F_OK) < 0)
                return;
        write_ipv6_disable_default('0');
        assert_int_equal(snapshot_read(rtnl, &all, &s), 0);
        assert_int_equal(s->ipv6_disable_default, 0);
        write_ipv6_disable_default('1');
        snapshot_refresh_switches(&(ReadOptions){ .forwarding = true }, s);
        assert_int_equal(s->ipv6_disable_default, 0);
        snapshot_refresh_switches(&all, s);
        assert_int_equal(s->ipv6_disable_default, 1);
        write_ipv6_disable_default('0');
}

static Address address(uint8_t family, const char *local, uint8_t prefixlen) {
        Address a = { .family = family, .prefixlen = prefixlen, .preferred = ADDRESS_FOREVER };

        assert_int_equal(inet_pton(family, local, a.local), 1);
        memcpy(a.peer, a.local, sizeof(a.peer));
        return a;
}

/* Every field, one by one and all together, and each as it was meant. */
static void test_addresses(void **state _unused_) {
        static const uint8_t broadcast[4] = { 10, 3, 0, 77 };
        _cleanup_(close_fdp) _unused_ int fd = make("link0", false);
        int ifindex = index_of("link0");
        Address addresses[] = {
                address(AF_INET, "10.1.0.1", 24),     address(AF_INET, "10.2.0.1", 24),
                address(AF_INET, "10.3.0.1", 24),     address(AF_INET6, "fd00::1", 64),
                address(AF_INET6, "fd00:0:1::1", 64),
        };
        const Link *l;

        addresses[1].preferred = 0;
        memcpy(addresses[2].broadcast, broadcast, sizeof(broadcast));
        strcpy(addresses[2].label, "link0:label");
        addresses[2].metric = 4242;
        addresses[2].preferred = 0;
        addresses[2].protocol = NETDEVD_PROTOCOL;
        addresses[2].scope = RT_SCOPE_LINK;
        addresses[2].flags = IFA_F_NOPREFIXROUTE;
        addresses[4].metric = 99;
        addresses[4].preferred = 0;
        addresses[4].protocol = NETDEVD_PROTOCOL;
        addresses[4].flags = IFA_F_NODAD;

        for (size_t i = 0; i < ELEMENTSOF(addresses); i++)
                assert_int_equal(SEND(encode_add_address, ifindex, addresses + i), 0);

        l = refreshed(ifindex);
        assert_int_equal(l->n_addresses, ELEMENTSOF(addresses));
        for (size_t i = 0; i < ELEMENTSOF(addresses); i++) {
                const Address *want = addresses + i, *have = l->addresses + i;

                assert_int_equal(address_compare(want, have), 0);
                assert_memory_equal(have->broadcast, want->broadcast, sizeof(want->broadcast));
                assert_int_equal(have->metric, want->metric);
                assert_int_equal(have->preferred, want->preferred);
                assert_int_equal(have->protocol, want->protocol);
                assert_int_equal(have->flags & want->flags, want->flags);
                assert_int_equal(!!(have->flags & IFA_F_DEPRECATED), want->preferred == 0);
                if (want->family == AF_INET) {
                        assert_int_equal(have->scope, want->scope);
                        /* Without one, the kernel gives the link's name. */
                        assert_string_equal(have->label, want->label[0] ? want->label : "link0");
                } else
                        assert_string_equal(have->label, "");
        }

        for (size_t i = 0; i < ELEMENTSOF(addresses); i++)
                assert_int_equal(SEND(encode_delete_address, ifindex, addresses + i), 0);
        assert_int_equal(refreshed(ifindex)->n_addresses, 0);
}

/* A tap in a bridge. Returns its queue; the bridge goes with leave_nothing(). */
static int make_port(int *ret_ifindex, int *ret_bridge) {
        int fd = make("tap0", true);
        int r = SEND(encode_new_link, "br0", "bridge");

        if (r == -EOPNOTSUPP) {
                safe_close(fd);
                test_skip("this kernel has no bridge: EOPNOTSUPP");
        }
        assert_int_equal(r, 0);

        *ret_ifindex = index_of("tap0");
        *ret_bridge = index_of("br0");
        assert_int_equal(SEND(encode_set_master, *ret_ifindex, *ret_bridge), 0);
        return fd;
}

static void test_master(void **state _unused_) {
        int ifindex, bridge;
        _cleanup_(close_fdp) _unused_ int fd = make_port(&ifindex, &bridge);
        const Link *l = refreshed(ifindex);

        assert_int_equal(l->master, bridge);
        assert_non_null(l->port);
        assert_true(l->port->has_vlans);
        assert_null(refreshed(bridge)->port);
        assert_string_equal(snapshot_by_index(snapshot, bridge)->kind, "bridge");

        assert_int_equal(SEND(encode_set_master, ifindex, 0), 0);
        l = refreshed(ifindex);
        assert_int_equal(l->master, 0);
        assert_null(l->port);
}

static void test_port_settings(void **state _unused_) {
        uint32_t wanted[_PORT_SETTING_MAX];
        int ifindex, bridge;
        _cleanup_(close_fdp) _unused_ int fd = make_port(&ifindex, &bridge);

        for (PortSetting i = 0; i < _PORT_SETTING_MAX; i++) {
                uint32_t before = refreshed(ifindex)->port->values[i];
                int r;

                wanted[i] = i == PORT_COST ? 4464 : i == PORT_PRIORITY ? 33 : before == 0;
                assert_int_not_equal(wanted[i], before);
                r = SEND(encode_set_port, ifindex, i, wanted[i]);
                if (i == PORT_MULTICAST_ROUTER && refreshed(ifindex)->port->values[i] == before) {
                        print_message("        this kernel has no multicast snooping: %s\n", strerror(-r));
                        wanted[i] = before;
                        continue;
                }
                assert_int_equal(r, 0);
                assert_int_equal(refreshed(ifindex)->port->values[i], wanted[i]);
        }

        assert_memory_equal(refreshed(ifindex)->port->values, wanted, sizeof(wanted)); /* none for another */
}

static bool has_bit(const uint8_t *bits, unsigned i) {
        return bits[i / 8] & 1 << i % 8;
}

static void test_vlans(void **state _unused_) {
        int ifindex, bridge, r;
        _cleanup_(close_fdp) _unused_ int fd = make_port(&ifindex, &bridge);
        _cleanup_(snapshot_freep) Snapshot *s = NULL;
        const BridgePort *port;

        r = SEND(encode_bridge_vlan, ifindex, true, 100, 300, false, true);
        if (r == -EOPNOTSUPP)
                test_skip("this kernel has no VLANs in bridges: EOPNOTSUPP");
        assert_int_equal(r, 0);
        assert_int_equal(SEND(encode_bridge_vlan, ifindex, true, 42, 42, true, false), 0);
        assert_int_equal(SEND(encode_bridge_vlan, ifindex, false, 200, 250, false, false), 0);

        assert_int_equal(snapshot_read(rtnl, &all, &s), 0);
        port = snapshot_by_index(s, ifindex)->port;
        assert_true(port->has_vlans);
        assert_memory_equal(port->vlans, refreshed(ifindex)->port->vlans, sizeof(port->vlans));
        assert_memory_equal(port->untagged, refreshed(ifindex)->port->untagged, sizeof(port->untagged));
        assert_int_equal(port->pvid, refreshed(ifindex)->port->pvid);
        assert_int_equal(port->pvid, 42);
        for (unsigned v = 0; v < 4096; v++) {
                bool ours = (v >= 100 && v < 200) || (v > 250 && v <= 300);

                if (v == 1)
                        continue; /* the default */
                assert_int_equal(has_bit(port->untagged, v), ours);
                assert_int_equal(has_bit(port->vlans, v), ours || v == 42);
        }
}

static int on_event(const struct nlmsghdr *nlh, void *userdata) {
        ++*(size_t *) userdata;
        return snapshot_follow(snapshot, nlh);
}

static size_t drain(int events) {
        size_t n = 0;

        assert_int_equal(rtnl_events_drain(events, on_event, &n), 0);
        return n;
}

/* By its events alone a port is known as if read anew. */
static void test_follow(void **state _unused_) {
        _cleanup_(close_fdp) int events = -EBADF, fd = -EBADF;
        int ifindex, bridge;
        const Link *l;

        assert_int_equal(rtnl_events_open(&events), 0);
        fd = make_port(&ifindex, &bridge);
        assert_true(drain(events) > 0);
        l = snapshot_by_index(snapshot, ifindex);
        assert_non_null(l);
        assert_int_equal(l->master, bridge);
        assert_non_null(l->port);
        assert_int_equal(l->port->values[PORT_LEARNING], 1);

        (void) refreshed(ifindex); /* with its VLANs */
        assert_int_equal(SEND(encode_set_port, ifindex, PORT_LEARNING, 0), 0);
        assert_int_equal(SEND(encode_set_port, ifindex, PORT_COST, 1234), 0);
        assert_int_equal(SEND(encode_set_mtu, ifindex, 1400), 0);
        assert_true(drain(events) > 0);
        l = snapshot_by_index(snapshot, ifindex);
        assert_int_equal(l->mtu, 1400);
        assert_non_null(l->port);
        assert_int_equal(l->port->values[PORT_LEARNING], 0);
        assert_int_equal(l->port->values[PORT_COST], 1234);
        assert_true(l->port->has_vlans);
        assert_int_equal(!!(l->sysctls_known & 1U << SYSCTL_IPV6_RETRANS_TIME), l->has_ipv6);

        assert_int_equal(SEND(encode_set_master, ifindex, 0), 0);
        assert_true(drain(events) > 0);
        l = snapshot_by_index(snapshot, ifindex);
        assert_non_null(l);
        assert_null(l->port);
        assert_int_equal(l->master, 0);
}

static void encode_neighbor(struct nlmsghdr *nlh, uint16_t type, int ifindex) {
        static const uint8_t address4[4] = { 10, 7, 7, 7 }, mac[6] = { 2, 1, 1, 1, 1, 1 };
        struct ndmsg *nd;

        mnl_nlmsg_put_header(nlh);
        nlh->nlmsg_type = type;
        nlh->nlmsg_flags = NLM_F_REQUEST | (type == RTM_NEWNEIGH ? NLM_F_CREATE : 0);
        nd = mnl_nlmsg_put_extra_header(nlh, sizeof(*nd));
        nd->ndm_family = AF_INET;
        nd->ndm_ifindex = ifindex;
        nd->ndm_state = NUD_PERMANENT;
        mnl_attr_put(nlh, NDA_DST, sizeof(address4), address4);
        mnl_attr_put(nlh, NDA_LLADDR, sizeof(mac), mac);
}

static void encode_blackhole(struct nlmsghdr *nlh, uint16_t type) {
        static const uint8_t destination[4] = { 10, 8, 8, 8 };
        struct rtmsg *rtm;

        mnl_nlmsg_put_header(nlh);
        nlh->nlmsg_type = type;
        nlh->nlmsg_flags = NLM_F_REQUEST | (type == RTM_NEWROUTE ? NLM_F_CREATE : 0);
        rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
        rtm->rtm_family = AF_INET;
        rtm->rtm_dst_len = 32;
        rtm->rtm_table = RT_TABLE_MAIN;
        rtm->rtm_type = RTN_BLACKHOLE;
        rtm->rtm_protocol = RTPROT_STATIC;
        mnl_attr_put(nlh, RTA_DST, sizeof(destination), destination);
}

/* Nobody pays for what he does not look at. */
static void test_join_items(void **state _unused_) {
        _cleanup_(close_fdp) int events = -EBADF;
        _cleanup_(close_fdp) _unused_ int fd = make("tap0", true);
        int ifindex = index_of("tap0");

        assert_int_equal(rtnl_events_open(&events), 0);
        assert_int_equal(SEND(encode_blackhole, RTM_NEWROUTE), 0);
        assert_int_equal(SEND(encode_neighbor, RTM_NEWNEIGH, ifindex), 0);
        assert_int_equal(drain(events), 0);

        assert_int_equal(rtnl_events_join_items(events, true, true, true, false), 0);
        assert_int_equal(SEND(encode_blackhole, RTM_DELROUTE), 0);
        assert_int_equal(SEND(encode_neighbor, RTM_DELNEIGH, ifindex), 0);
        assert_int_equal(drain(events), 1);

        assert_int_equal(rtnl_events_join_items(events, false, false, false, true), 0);
        assert_int_equal(SEND(encode_blackhole, RTM_NEWROUTE), 0);
        assert_int_equal(drain(events), 0);
        assert_int_equal(SEND(encode_neighbor, RTM_NEWNEIGH, ifindex), 0);
        assert_true(drain(events) > 0);

        assert_int_equal(rtnl_events_join_items(events, false, false, false, false), 0);
        assert_int_equal(SEND(encode_neighbor, RTM_DELNEIGH, ifindex), 0);
        assert_int_equal(SEND(encode_blackhole, RTM_DELROUTE), 0);
        assert_int_equal(drain(events), 0);

        assert_int_equal(SEND(encode_set_mtu, ifindex, 1400), 0); /* links are followed as ever */
        assert_true(drain(events) > 0);
}

static void test_send_one(void **state _unused_) {
        _cleanup_(freep) char *text = NULL;

        encode_set_mtu(rtnl_batch_begin(batch), 1, UINT32_MAX);
        assert_int_equal(rtnl_batch_send_one(rtnl, batch, &text), -EINVAL);
        assert_non_null(text);
        assert_int_equal(rtnl_batch_length(batch), 0);

        text = (freep(&text), NULL);
        encode_set_mtu(rtnl_batch_begin(batch), 1, 65536);
        assert_int_equal(rtnl_batch_send_one(rtnl, batch, &text), 0);
        assert_null(text);
}

static int start(void **state _unused_) {
        snapshot = snapshot_new();
        return snapshot ? 0 : -1;
}

/* A test that failed or was skipped may have left something. */
static int leave_nothing(void **state _unused_) {
        static const char *const names[] = { "br0", "link0", "link.0", "tap0", "vrf0" };

        snapshot = snapshot_free(snapshot);
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                _cleanup_(link_freep) Link *l = NULL;

                if (read_link(rtnl, 0, names[i], &l) == 0)
                        (void) SEND(encode_delete_link, l->ifindex);
        }
        return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, leave_nothing)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_settings),
                TEST(test_address_generation),
                TEST(test_qdiscs),
                TEST(test_vrf),
                TEST(test_sysctls),
                TEST(test_sysctl_refused),
                TEST(test_sysctl_names),
                TEST(test_forwarding),
                TEST(test_ipv6_disable_default),
                TEST(test_addresses),
                TEST(test_master),
                TEST(test_port_settings),
                TEST(test_vlans),
                TEST(test_follow),
                TEST(test_join_items),
                TEST(test_send_one),
        };
        int fd = -EBADF, r;

        if (test_enter_namespaces() < 0)
                return 77;
        if (tuntap_open(&fd, NULL) < 0)
                return fputs("Skipped: " TUNTAP_NODE " cannot be opened\n", stderr), 77;
        safe_close(fd);

        batch = rtnl_batch_new();
        if (!batch || rtnl_open(&rtnl) < 0)
                return EXIT_FAILURE;

        r = cmocka_run_group_tests(tests, NULL, NULL);
        rtnl = rtnl_close(rtnl);
        batch = rtnl_batch_free(batch);
        return r;
}
