/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Messages as the kernel writes them, and as it never would. */

#include "test.h"

#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "kernel/decode.h"
#include "link-message.h"

static struct ifaddrmsg *begin_address(Message *m, uint16_t type, uint8_t family, uint32_t ifindex) {
        struct ifaddrmsg *ifa = begin_message(m, type, sizeof(*ifa));

        ifa->ifa_family = family;
        ifa->ifa_index = ifindex;
        ifa->ifa_prefixlen = 24;
        return ifa;
}

static void assert_bad_link(const Message *m) {
        Link *l = (Link *) 1;
        LinkEvent e;

        assert_int_equal(decode_link(&m->nlh, &l), -EBADMSG);
        assert_ptr_equal(l, (Link *) 1);
        assert_int_equal(decode_event(&m->nlh, &e), -EBADMSG);
}

/* Decodes from a heap copy of exactly the message's size: a sanitizer then sees each byte read too many. */
static int decode_exact(const Message *m, Link **ret) {
        _cleanup_(freep) struct nlmsghdr *copy = malloc(m->nlh.nlmsg_len);

        assert_non_null(copy);
        memcpy(copy, m, m->nlh.nlmsg_len);
        return decode_link(copy, ret);
}

static void put_full_tun(Message *m) {
        Nests n;

        begin_link(m, RTM_NEWLINK, AF_UNSPEC, 7);
        mnl_attr_put_strz(&m->nlh, IFLA_IFNAME, "vpn0");
        mnl_attr_put_u32(&m->nlh, IFLA_TXQLEN, 500);
        mnl_attr_put_u8(&m->nlh, IFLA_OPERSTATE, 6);
        mnl_attr_put_u32(&m->nlh, IFLA_MTU, 1420);
        mnl_attr_put_strz(&m->nlh, IFLA_QDISC, "fq_codel");
        mnl_attr_put_u8(&m->nlh, IFLA_CARRIER, 1);
        mnl_attr_put_u32(&m->nlh, IFLA_CARRIER_CHANGES, 3);
        mnl_attr_put_u32(&m->nlh, IFLA_MASTER, 12);
        mnl_attr_put_u32(&m->nlh, 0x3abc, 99); /* from the future */

        n = begin_kind(m, "tun");
        mnl_attr_put_u32(&m->nlh, IFLA_TUN_OWNER, 4000000000);
        mnl_attr_put_u32(&m->nlh, IFLA_TUN_GROUP, 0);
        mnl_attr_put_u8(&m->nlh, IFLA_TUN_TYPE, 1);
        mnl_attr_put_u8(&m->nlh, IFLA_TUN_PI, 1);
        mnl_attr_put_u8(&m->nlh, IFLA_TUN_VNET_HDR, 1);
        mnl_attr_put_u8(&m->nlh, IFLA_TUN_PERSIST, 1);
        mnl_attr_put_u8(&m->nlh, IFLA_TUN_MULTI_QUEUE, 1);
        mnl_attr_put_u32(&m->nlh, IFLA_TUN_NUM_QUEUES, 2);
        mnl_attr_put_u32(&m->nlh, IFLA_TUN_NUM_DISABLED_QUEUES, 1);
        mnl_attr_put_u32(&m->nlh, 77, 77);
        end_kind(m, n);
}

/* All that a link may have, in one that cannot be. */
static void put_everything(Message *m) {
        const struct ifla_cacheinfo info = {};
        static const int32_t values[60];
        struct nlattr *a, *b;

        put_full_tun(m);
        a = mnl_attr_nest_start(&m->nlh, IFLA_PROP_LIST);
        mnl_attr_put_strz(&m->nlh, IFLA_ALT_IFNAME, "another-name");
        mnl_attr_nest_end(&m->nlh, a);
        a = mnl_attr_nest_start(&m->nlh, IFLA_AF_SPEC);
        b = mnl_attr_nest_start(&m->nlh, AF_INET);
        mnl_attr_put(&m->nlh, IFLA_INET_CONF, 33 * sizeof(int32_t), values);
        mnl_attr_nest_end(&m->nlh, b);
        b = mnl_attr_nest_start(&m->nlh, AF_INET6);
        mnl_attr_put(&m->nlh, IFLA_INET6_CACHEINFO, sizeof(info), &info);
        mnl_attr_put(&m->nlh, IFLA_INET6_CONF, sizeof(values), values);
        mnl_attr_put_u8(&m->nlh, IFLA_INET6_ADDR_GEN_MODE, 1);
        mnl_attr_nest_end(&m->nlh, b);
        mnl_attr_nest_end(&m->nlh, a);
        a = mnl_attr_nest_start(&m->nlh, IFLA_LINKINFO);
        mnl_attr_put_strz(&m->nlh, IFLA_INFO_SLAVE_KIND, "bridge");
        b = mnl_attr_nest_start(&m->nlh, IFLA_INFO_SLAVE_DATA);
        mnl_attr_put_u32(&m->nlh, IFLA_BRPORT_COST, 5);
        mnl_attr_nest_end(&m->nlh, b);
        mnl_attr_nest_end(&m->nlh, a);
}

static void test_full_tun(void **state _unused_) {
        _cleanup_(link_freep) Link *l = NULL;
        Message m;

        put_full_tun(&m);
        l = decoded(&m);

        assert_int_equal(l->ifindex, 7);
        assert_string_equal(l->name, "vpn0");
        assert_string_equal(l->kind, "tun");
        assert_int_equal(l->flags, IFF_UP | IFF_NOARP);
        assert_int_equal(l->arp_type, ARPHRD_NONE);
        assert_int_equal(l->mtu, 1420);
        assert_int_equal(l->tx_queue_length, 500);
        assert_int_equal(l->address_length, 0);
        assert_int_equal(l->operstate, 6);
        assert_true(l->carrier);
        assert_int_equal(l->carrier_changes, 3);
        assert_int_equal(l->master, 12);
        assert_string_equal(l->qdisc, "fq_codel");
        assert_true(l->is_tun);
        assert_false(l->tun.tap);
        assert_true(l->tun.pi && l->tun.vnet_hdr && l->tun.persist && l->tun.multi_queue);
        assert_true(l->tun.owner == 4000000000);
        assert_true(l->tun.group == 0);
        assert_int_equal(l->tun.num_queues, 2);
        assert_int_equal(l->tun.num_disabled_queues, 1);
        assert_null(l->addresses);
}

static void test_single_queue_tap(void **state _unused_) {
        static const uint8_t mac[] = { 2, 0, 0, 1, 2, 3 };
        _cleanup_(link_freep) Link *l = NULL;
        Message m;
        Nests n;

        begin_link(&m, RTM_NEWLINK, AF_UNSPEC, 8);
        mnl_attr_put_strz(&m.nlh, IFLA_IFNAME, "exactly15chars_");
        mnl_attr_put(&m.nlh, IFLA_ADDRESS, sizeof(mac), mac);
        mnl_attr_put_u8(&m.nlh, IFLA_CARRIER, 0);
        n = begin_kind(&m, "tun");
        mnl_attr_put_u8(&m.nlh, IFLA_TUN_TYPE, 2);
        mnl_attr_put_u8(&m.nlh, IFLA_TUN_PI, 0);
        mnl_attr_put_u8(&m.nlh, IFLA_TUN_MULTI_QUEUE, 0);
        end_kind(&m, n);
        l = decoded(&m);

        assert_string_equal(l->name, "exactly15chars_");
        assert_int_equal(l->address_length, 6);
        assert_memory_equal(l->address, mac, 6);
        assert_int_equal(l->address[6], 0);
        assert_false(l->carrier);
        assert_true(l->is_tun && l->tun.tap);
        assert_false(l->tun.pi || l->tun.persist || l->tun.multi_queue);
        assert_int_equal(l->tun.num_queues, 0);
        assert_true(l->tun.owner == -1 && l->tun.group == -1);
}

/* A bridge's data use the same numbers for other things. */
static void test_other_kinds(void **state _unused_) {
        static const struct {
                const char *sent, *got;
        } kinds[] = {
                { "bridge", "bridge" },
                { "tunnel", "tunnel" },
                { "fifteen_letters", "fifteen_letters" },
                { "a-kind-with-a-longer-name", "a-kind-with-a-l" },
        };

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                _cleanup_(link_freep) Link *l = NULL;
                Message m;
                Nests n;

                begin_link(&m, RTM_NEWLINK, AF_UNSPEC, 3);
                mnl_attr_put_strz(&m.nlh, IFLA_IFNAME, "br0");
                n = begin_kind(&m, kinds[i].sent);
                mnl_attr_put_u64(&m.nlh, IFLA_TUN_OWNER, 1);
                end_kind(&m, n);
                l = decoded(&m);

                assert_string_equal(l->kind, kinds[i].got);
                assert_false(l->is_tun);
                assert_true(l->tun.owner == -1);
        }
}

static void test_no_kind(void **state _unused_) {
        _cleanup_(link_freep) Link *l = NULL;
        Message m;

        begin_link(&m, RTM_NEWLINK, AF_UNSPEC, 1);
        mnl_attr_put_strz(&m.nlh, IFLA_IFNAME, "lo");
        l = decoded(&m);
        assert_string_equal(l->kind, "");
        assert_false(l->is_tun);
}

/* Kind behind data, and a tun of an old kernel that sends no data. */
static void test_info_order(void **state _unused_) {
        Link *l;
        Message m;
        struct nlattr *info, *data;

        begin_link(&m, RTM_NEWLINK, AF_UNSPEC, 4);
        mnl_attr_put_strz(&m.nlh, IFLA_IFNAME, "t");
        info = mnl_attr_nest_start(&m.nlh, IFLA_LINKINFO);
        data = mnl_attr_nest_start(&m.nlh, IFLA_INFO_DATA);
        mnl_attr_put_u32(&m.nlh, IFLA_TUN_OWNER, 5);
        mnl_attr_nest_end(&m.nlh, data);
        mnl_attr_put_strz(&m.nlh, IFLA_INFO_KIND, "tun");
        mnl_attr_nest_end(&m.nlh, info);
        l = decoded(&m);
        assert_true(l->is_tun && l->tun.owner == 5);
        l = link_free(l);

        begin_link(&m, RTM_NEWLINK, AF_UNSPEC, 4);
        mnl_attr_put_strz(&m.nlh, IFLA_IFNAME, "t");
        info = mnl_attr_nest_start(&m.nlh, IFLA_LINKINFO);
        mnl_attr_put_strz(&m.nlh, IFLA_INFO_KIND, "tun");
        mnl_attr_nest_end(&m.nlh, info);
        l = decoded(&m);
        assert_string_equal(l->kind, "tun");
        assert_false(l->is_tun);
        link_free(l);
}

static void test_malformed_messages(void **state _unused_) {
        struct nlattr *a;
        Message m;

        begin_link(&m, RTM_NEWLINK, AF_UNSPEC, 1); /* no name */
        assert_bad_link(&m);

        begin_link(&m, RTM_NEWLINK, AF_UNSPEC, 0); /* no ifindex */
        mnl_attr_put_strz(&m.nlh, IFLA_IFNAME, "lo");
        assert_bad_link(&m);

        begin_link(&m, RTM_NEWLINK, AF_UNSPEC, -1);
        mnl_attr_put_strz(&m.nlh, IFLA_IFNAME, "lo");
        assert_bad_link(&m);

        for (uint32_t k = 0; k < sizeof(struct ifinfomsg); k++) {
                put_full_tun(&m);
                m.nlh.nlmsg_len = MNL_NLMSG_HDRLEN + k; /* header cut short */
                assert_bad_link(&m);
        }

        begin_link(&m, RTM_NEWLINK, AF_UNSPEC, 1);
        a = mnl_nlmsg_get_payload_tail(&m.nlh);
        mnl_attr_put_strz(&m.nlh, IFLA_IFNAME, "lo");
        a->nla_len = 100; /* longer than the message */
        assert_bad_link(&m);
        a->nla_len = 3; /* shorter than its own header: would loop */
        assert_bad_link(&m);
        a->nla_len = 0;
        assert_bad_link(&m);
}

/* One attribute at a time, of a size it must not have. */
static void test_malformed_attributes(void **state _unused_) {
        static const uint8_t junk[64] = { [0 ... 63] = 'x' };
        static const struct {
                uint16_t type, length;
        } cases[] = {
                { IFLA_IFNAME, 0 },   { IFLA_IFNAME, 4 }, /* no NUL */
                { IFLA_IFNAME, 20 },  { IFLA_ADDRESS, 33 },
                { IFLA_MTU, 2 },      { IFLA_MTU, 8 },
                { IFLA_TXQLEN, 0 },   { IFLA_OPERSTATE, 4 },
                { IFLA_CARRIER, 0 },  { IFLA_CARRIER_CHANGES, 3 },
                { IFLA_MASTER, 1 },   { IFLA_QDISC, 8 },
                { IFLA_LINKINFO, 3 }, { IFLA_LINKINFO, 32 }, /* "xxxx": an attribute of 0x7878 bytes */
                { IFLA_GROUP, 1 },    { IFLA_PERM_ADDRESS, 33 },
                { IFLA_AF_SPEC, 3 },  { IFLA_AF_SPEC, 32 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Message m;

                begin_link(&m, RTM_NEWLINK, AF_UNSPEC, 1);
                mnl_attr_put_strz(&m.nlh, IFLA_IFNAME, "lo");
                mnl_attr_put(&m.nlh, cases[i].type, cases[i].length, junk);
                assert_bad_link(&m);
        }
}

static void test_malformed_names(void **state _unused_) {
        static const struct {
                const char *name;
                bool good;
        } cases[] = {
                { "", false },
                { "a", true },
                { "exactly15chars_", true },
                { "sixteen_chars_is", false },
                { "seventeen_chars_i", false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(link_freep) Link *l = NULL;
                Message m;

                begin_link(&m, RTM_NEWLINK, AF_UNSPEC, 1);
                mnl_attr_put_strz(&m.nlh, IFLA_IFNAME, cases[i].name);
                assert_int_equal(decode_link(&m.nlh, &l), cases[i].good ? 0 : -EBADMSG);
        }
}

static void test_malformed_tun(void **state _unused_) {
        static const struct {
                uint16_t type, length;
        } cases[] = {
                { IFLA_TUN_OWNER, 2 },       { IFLA_TUN_GROUP, 8 },      { IFLA_TUN_TYPE, 4 },
                { IFLA_TUN_TYPE, 1 }, /* neither tun nor tap */
                { IFLA_TUN_PI, 0 },          { IFLA_TUN_VNET_HDR, 2 },   { IFLA_TUN_PERSIST, 4 },
                { IFLA_TUN_MULTI_QUEUE, 2 }, { IFLA_TUN_NUM_QUEUES, 1 }, { IFLA_TUN_NUM_DISABLED_QUEUES, 0 },
        };
        static const uint8_t junk[8] = { 9 };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Message m;
                Nests n;

                begin_link(&m, RTM_NEWLINK, AF_UNSPEC, 1);
                mnl_attr_put_strz(&m.nlh, IFLA_IFNAME, "tun0");
                n = begin_kind(&m, "tun");
                mnl_attr_put(&m.nlh, cases[i].type, cases[i].length, junk);
                end_kind(&m, n);
                assert_bad_link(&m);
        }
}

/* Every prefix of a good message, and every single byte of it changed, is decoded or refused, never more. */
static void test_truncated_and_flipped(void **state _unused_) {
        Message whole;

        put_everything(&whole);
        for (uint32_t length = MNL_NLMSG_HDRLEN; length <= whole.nlh.nlmsg_len; length++) {
                _cleanup_(link_freep) Link *l = NULL;
                Message m = whole;
                int r;

                m.nlh.nlmsg_len = length;
                r = decode_exact(&m, &l);
                assert_true(r == 0 || r == -EBADMSG);
        }

        for (uint32_t i = MNL_NLMSG_HDRLEN; i < whole.nlh.nlmsg_len; i++)
                for (unsigned bit = 0; bit < 8; bit++) {
                        _cleanup_(link_freep) Link *l = NULL;
                        Message m = whole;
                        int r;

                        m.bytes[i] ^= (uint8_t) (1 << bit);
                        r = decode_exact(&m, &l);
                        assert_true(r == 0 || r == -EBADMSG);
                }
}

static void test_wrong_type(void **state _unused_) {
        Address a;
        Link *l;
        LinkEvent e;
        Message m;
        int ifindex;

        begin_link(&m, RTM_NEWROUTE, AF_UNSPEC, 1);
        mnl_attr_put_strz(&m.nlh, IFLA_IFNAME, "lo");
        assert_int_equal(decode_link(&m.nlh, &l), -EBADMSG);
        assert_int_equal(decode_address(&m.nlh, &ifindex, &a), -EBADMSG);
        assert_int_equal(decode_event(&m.nlh, &e), 0);

        /* Whatever else a socket may have joined. */
        for (uint16_t type = RTM_NEWADDR + 4; type <= RTM_MAX; type++) {
                m.nlh.nlmsg_type = type;
                assert_int_equal(decode_event(&m.nlh, &e), 0);
        }
}

/* A view of a link that a bridge sends is no description of the link. */
static void test_bridge_view(void **state _unused_) {
        LinkEvent e;
        Link *l;
        Message m;

        begin_link(&m, RTM_DELLINK, AF_BRIDGE, 9);
        mnl_attr_put_strz(&m.nlh, IFLA_IFNAME, "port");
        assert_int_equal(decode_link(&m.nlh, &l), -EBADMSG);
        assert_int_equal(decode_event(&m.nlh, &e), 1);
        assert_int_equal(e.ifindex, 9);
        assert_false(e.deleted);
        assert_string_equal(e.name, "port");
}

static void test_link_events(void **state _unused_) {
        LinkEvent e;
        Message m;

        put_full_tun(&m);
        assert_int_equal(decode_event(&m.nlh, &e), 1);
        assert_int_equal(e.ifindex, 7);
        assert_string_equal(e.name, "vpn0");
        assert_true(e.is_tun);
        assert_false(e.deleted || e.address);

        m.nlh.nlmsg_type = RTM_DELLINK;
        assert_int_equal(decode_event(&m.nlh, &e), 1);
        assert_true(e.deleted && e.is_tun);
}

static void test_ipv4_address(void **state _unused_) {
        static const uint8_t local[16] = { 10, 1, 2, 3 }, peer[16] = { 10, 9, 9, 9 },
                             broadcast[4] = { 10, 1, 2, 255 };
        const struct ifa_cacheinfo info = { .ifa_prefered = 77, .ifa_valid = 88 };
        struct ifaddrmsg *ifa;
        LinkEvent e;
        Address a;
        Message m;
        int ifindex;

        ifa = begin_address(&m, RTM_NEWADDR, AF_INET, 5);
        ifa->ifa_flags = 0x80;
        ifa->ifa_scope = RT_SCOPE_LINK;
        mnl_attr_put(&m.nlh, IFA_ADDRESS, 4, peer);
        mnl_attr_put(&m.nlh, IFA_LOCAL, 4, local);
        mnl_attr_put_u32(&m.nlh, IFA_FLAGS, 0x280);
        mnl_attr_put_u8(&m.nlh, IFA_PROTO, 17);
        mnl_attr_put(&m.nlh, IFA_BROADCAST, 4, broadcast);
        mnl_attr_put_strz(&m.nlh, IFA_LABEL, "exactly15:chars");
        mnl_attr_put_u32(&m.nlh, IFA_RT_PRIORITY, 4242);
        mnl_attr_put(&m.nlh, IFA_CACHEINFO, sizeof(info), &info);
        assert_int_equal(decode_address(&m.nlh, &ifindex, &a), 0);
        assert_int_equal(ifindex, 5);
        assert_int_equal(a.family, AF_INET);
        assert_int_equal(a.prefixlen, 24);
        assert_int_equal(a.scope, RT_SCOPE_LINK);
        assert_int_equal(a.protocol, 17);
        assert_int_equal(a.flags, 0x280); /* the attribute, not the header's eight bits */
        assert_memory_equal(a.local, local, 16);
        assert_memory_equal(a.peer, peer, 16);
        assert_memory_equal(a.broadcast, broadcast, 4);
        assert_string_equal(a.label, "exactly15:chars");
        assert_int_equal(a.metric, 4242);
        assert_int_equal(a.preferred, 77);

        assert_int_equal(decode_event(&m.nlh, &e), 1);
        assert_true(e.address && e.ifindex == 5 && !e.deleted && !e.is_tun);
        assert_string_equal(e.name, "");
}

static void test_ipv6_address(void **state _unused_) {
        static const uint8_t local[16] = { 0xfd, [15] = 1 }, peer[16] = { 0xfd, [15] = 2 };
        Address a;
        Message m;
        int ifindex;

        begin_address(&m, RTM_DELADDR, AF_INET6, 5)->ifa_flags = 0x80;
        mnl_attr_put(&m.nlh, IFA_ADDRESS, 16, local);
        assert_int_equal(decode_address(&m.nlh, &ifindex, &a), 0);
        assert_memory_equal(a.local, local, 16);
        assert_memory_equal(a.peer, local, 16);
        assert_int_equal(a.flags, 0x80);
        assert_int_equal(a.protocol, 0);
        assert_int_equal(a.metric, 0);
        assert_true(a.preferred == ADDRESS_FOREVER);
        assert_string_equal(a.label, "");

        begin_address(&m, RTM_NEWADDR, AF_INET6, 5)->ifa_prefixlen = 128;
        mnl_attr_put(&m.nlh, IFA_ADDRESS, 16, peer);
        mnl_attr_put(&m.nlh, IFA_LOCAL, 16, local);
        assert_int_equal(decode_address(&m.nlh, &ifindex, &a), 0);
        assert_memory_equal(a.local, local, 16);
        assert_memory_equal(a.peer, peer, 16);
        assert_int_equal(a.prefixlen, 128);
}

/* The kernel says "preferred for ever" of an IPv4 address that is deprecated for ever. */
static void test_deprecated_address(void **state _unused_) {
        const struct ifa_cacheinfo info = { .ifa_prefered = UINT32_MAX, .ifa_valid = UINT32_MAX };
        static const uint8_t local[4] = { 10, 1, 2, 3 };
        Address a;
        Message m;
        int ifindex;

        begin_address(&m, RTM_NEWADDR, AF_INET, 5);
        mnl_attr_put(&m.nlh, IFA_LOCAL, 4, local);
        mnl_attr_put(&m.nlh, IFA_CACHEINFO, sizeof(info), &info);
        assert_int_equal(decode_address(&m.nlh, &ifindex, &a), 0);
        assert_true(a.preferred == ADDRESS_FOREVER);

        mnl_attr_put_u32(&m.nlh, IFA_FLAGS, IFA_F_PERMANENT | IFA_F_DEPRECATED);
        assert_int_equal(decode_address(&m.nlh, &ifindex, &a), 0);
        assert_int_equal(a.preferred, 0);
}

/* "peer 0.0.0.0": the kernel then sends IFA_LOCAL alone. */
static void test_ipv4_without_address(void **state _unused_) {
        static const uint8_t local[16] = { 10, 1, 2, 3 }, none[16] = {};
        Address a;
        Message m;
        int ifindex;

        begin_address(&m, RTM_NEWADDR, AF_INET, 5);
        mnl_attr_put(&m.nlh, IFA_LOCAL, 4, local);
        assert_int_equal(decode_address(&m.nlh, &ifindex, &a), 0);
        assert_memory_equal(a.local, local, 16);
        assert_memory_equal(a.peer, none, 16);
}

static void test_malformed_addresses(void **state _unused_) {
        static const uint8_t bytes[16] = { 1 };
        static const struct {
                uint8_t family, prefixlen;
                uint32_t ifindex;
                uint16_t type, length;
        } cases[] = {
                { AF_INET, 24, 5, IFA_LOCAL, 3 },       { AF_INET, 24, 5, IFA_LOCAL, 16 },
                { AF_INET, 24, 5, IFA_ADDRESS, 5 },     { AF_INET6, 24, 5, IFA_ADDRESS, 4 },
                { AF_INET, 33, 5, IFA_LOCAL, 4 },       { AF_INET6, 129, 5, IFA_ADDRESS, 16 },
                { AF_INET, 24, 0, IFA_LOCAL, 4 },       { AF_INET, 24, 0x80000000, IFA_LOCAL, 4 },
                { AF_INET, 24, 5, IFA_FLAGS, 1 },       { AF_INET, 24, 5, IFA_PROTO, 4 },
                { AF_INET, 24, 5, IFA_LABEL, 4 }, /* no address at all */
                { AF_INET, 24, 5, IFA_RT_PRIORITY, 2 }, { AF_INET, 24, 5, IFA_CACHEINFO, 8 },
                { AF_UNSPEC, 24, 5, IFA_LOCAL, 4 },     { AF_PHONET, 24, 5, IFA_LOCAL, 1 },
        };
        Address a;
        int ifindex;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct ifaddrmsg *ifa;
                Message m;

                ifa = begin_address(&m, RTM_NEWADDR, cases[i].family, cases[i].ifindex);
                ifa->ifa_prefixlen = cases[i].prefixlen;
                mnl_attr_put(&m.nlh, cases[i].type, cases[i].length, bytes);
                assert_int_equal(decode_address(&m.nlh, &ifindex, &a), -EBADMSG);
        }

        /* Beside a good address. */
        for (size_t i = 0; i < 3; i++) {
                const uint16_t types[] = { IFA_BROADCAST, IFA_LABEL, IFA_LABEL }, lengths[] = { 3, 0, 17 };
                Message m;

                begin_address(&m, RTM_NEWADDR, AF_INET, 5);
                mnl_attr_put(&m.nlh, IFA_LOCAL, 4, bytes);
                mnl_attr_put(&m.nlh, types[i], lengths[i], "0123456789abcdef");
                assert_int_equal(decode_address(&m.nlh, &ifindex, &a), -EBADMSG);
        }

        for (uint32_t k = 0; k < sizeof(struct ifaddrmsg); k++) {
                LinkEvent e;
                Message m;

                begin_address(&m, RTM_NEWADDR, AF_INET, 5);
                m.nlh.nlmsg_len = MNL_NLMSG_HDRLEN + k;
                assert_int_equal(decode_address(&m.nlh, &ifindex, &a), -EBADMSG);
                assert_int_equal(decode_event(&m.nlh, &e), -EBADMSG);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_full_tun),
                cmocka_unit_test(test_single_queue_tap),
                cmocka_unit_test(test_other_kinds),
                cmocka_unit_test(test_no_kind),
                cmocka_unit_test(test_info_order),
                cmocka_unit_test(test_malformed_messages),
                cmocka_unit_test(test_malformed_attributes),
                cmocka_unit_test(test_malformed_names),
                cmocka_unit_test(test_malformed_tun),
                cmocka_unit_test(test_truncated_and_flipped),
                cmocka_unit_test(test_wrong_type),
                cmocka_unit_test(test_bridge_view),
                cmocka_unit_test(test_link_events),
                cmocka_unit_test(test_ipv4_address),
                cmocka_unit_test(test_ipv6_address),
                cmocka_unit_test(test_deprecated_address),
                cmocka_unit_test(test_ipv4_without_address),
                cmocka_unit_test(test_malformed_addresses),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
