/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is encoded reads back as what was meant, with nothing left over. */

#include "test.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "kernel/decode.h"
#include "kernel/encode.h"
#include "kernel/rtnl.h"

typedef union Message {
        struct nlmsghdr nlh;
        uint8_t bytes[RTNL_MESSAGE_MAX];
} Message;

static const struct ifinfomsg *assert_link_header(const Message *m, uint16_t type, uint16_t flags,
                                                  int ifindex) {
        const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(&m->nlh);

        assert_int_equal(m->nlh.nlmsg_type, type);
        assert_int_equal(m->nlh.nlmsg_flags, flags);
        assert_int_equal(ifi->ifi_family, AF_UNSPEC);
        assert_int_equal(ifi->ifi_index, ifindex);
        assert_int_equal(ifi->ifi_type, 0); /* strict checking wants it so */
        return ifi;
}

/* The attribute of this type, of this size, among exactly `count` attributes. */
static const void *assert_attribute(const Message *m, size_t header, uint16_t type, size_t size,
                                    size_t count) {
        const struct nlattr *a, *found = NULL;
        size_t n = 0;

        mnl_attr_for_each(a, &m->nlh, header) {
                n++;
                if (mnl_attr_get_type(a) == type)
                        found = a;
        }
        assert_int_equal(n, count);
        assert_non_null(found);
        assert_int_equal(mnl_attr_get_payload_len(found), size);
        return mnl_attr_get_payload(found);
}

static uint32_t link_u32(const Message *m, uint16_t type, size_t count) {
        return *(const uint32_t *) assert_attribute(m, sizeof(struct ifinfomsg), type, 4, count);
}

static void test_get_link(void **state _unused_) {
        Message m = {};
        const char *name;

        encode_get_link(&m.nlh, 5, NULL);
        assert_link_header(&m, RTM_GETLINK, NLM_F_REQUEST, 5);
        assert_int_equal(link_u32(&m, IFLA_EXT_MASK, 1), RTEXT_FILTER_SKIP_STATS);

        memset(&m, 0, sizeof(m));
        encode_get_link(&m.nlh, 0, "exactly15chars_");
        assert_link_header(&m, RTM_GETLINK, NLM_F_REQUEST, 0);
        name = assert_attribute(&m, sizeof(struct ifinfomsg), IFLA_IFNAME, 16, 2);
        assert_string_equal(name, "exactly15chars_");
}

static void test_dumps(void **state _unused_) {
        const struct ifaddrmsg *ifa;
        Message m = {};

        encode_dump_links(&m.nlh);
        assert_link_header(&m, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 0);
        assert_int_equal(link_u32(&m, IFLA_EXT_MASK, 1), RTEXT_FILTER_SKIP_STATS);

        memset(&m, 0, sizeof(m));
        encode_dump_addresses(&m.nlh, 9);
        ifa = mnl_nlmsg_get_payload(&m.nlh);
        assert_int_equal(m.nlh.nlmsg_type, RTM_GETADDR);
        assert_int_equal(m.nlh.nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
        assert_int_equal(m.nlh.nlmsg_len, MNL_NLMSG_HDRLEN + sizeof(*ifa));
        assert_int_equal(ifa->ifa_family, AF_UNSPEC);
        assert_int_equal(ifa->ifa_index, 9);
}

static void test_link_requests(void **state _unused_) {
        static const uint8_t mac[6] = { 2, 3, 4, 5, 6, 7 };
        const struct ifinfomsg *ifi;
        Message m = {};

        encode_delete_link(&m.nlh, 4);
        assert_link_header(&m, RTM_DELLINK, NLM_F_REQUEST, 4);
        assert_int_equal(m.nlh.nlmsg_len, MNL_NLMSG_HDRLEN + sizeof(*ifi));

        memset(&m, 0, sizeof(m));
        encode_set_mtu(&m.nlh, 4, 1280);
        ifi = assert_link_header(&m, RTM_SETLINK, NLM_F_REQUEST, 4);
        assert_int_equal(ifi->ifi_change, 0);
        assert_int_equal(link_u32(&m, IFLA_MTU, 1), 1280);

        memset(&m, 0, sizeof(m));
        encode_set_hwaddr(&m.nlh, 4, mac, sizeof(mac));
        assert_link_header(&m, RTM_SETLINK, NLM_F_REQUEST, 4);
        assert_memory_equal(assert_attribute(&m, sizeof(*ifi), IFLA_ADDRESS, 6, 1), mac, 6);

        memset(&m, 0, sizeof(m));
        encode_set_flags(&m.nlh, 4, IFF_UP | IFF_PROMISC, IFF_UP | IFF_NOARP);
        ifi = assert_link_header(&m, RTM_SETLINK, NLM_F_REQUEST, 4);
        assert_int_equal(ifi->ifi_flags, IFF_UP);
        assert_int_equal(ifi->ifi_change, IFF_UP | IFF_NOARP);

        memset(&m, 0, sizeof(m));
        encode_set_name(&m.nlh, 4, "new");
        assert_link_header(&m, RTM_SETLINK, NLM_F_REQUEST, 4);
        assert_string_equal(assert_attribute(&m, sizeof(*ifi), IFLA_IFNAME, 4, 1), "new");

        memset(&m, 0, sizeof(m));
        encode_set_netns(&m.nlh, 4, 11, 1234567);
        assert_link_header(&m, RTM_SETLINK, NLM_F_REQUEST, 4);
        assert_int_equal(link_u32(&m, IFLA_NET_NS_FD, 2), 11);
        assert_int_equal(link_u32(&m, IFLA_NEW_IFINDEX, 2), 1234567);
}

static void test_more_link_requests(void **state _unused_) {
        Message m = {};

        encode_set_group(&m.nlh, 4, 4000000000);
        assert_link_header(&m, RTM_SETLINK, NLM_F_REQUEST, 4);
        assert_true(link_u32(&m, IFLA_GROUP, 1) == 4000000000);

        memset(&m, 0, sizeof(m));
        encode_delete_group(&m.nlh, 4000000000);
        assert_link_header(&m, RTM_DELLINK, NLM_F_REQUEST, 0);
        assert_true(link_u32(&m, IFLA_GROUP, 1) == 4000000000);

        memset(&m, 0, sizeof(m));
        encode_set_tx_queue_length(&m.nlh, 4, 77);
        assert_link_header(&m, RTM_SETLINK, NLM_F_REQUEST, 4);
        assert_int_equal(link_u32(&m, IFLA_TXQLEN, 1), 77);

        for (int on = 0; on <= 1; on++) {
                memset(&m, 0, sizeof(m));
                encode_set_carrier(&m.nlh, 4, on);
                assert_link_header(&m, RTM_SETLINK, NLM_F_REQUEST, 4);
                assert_int_equal(*(const uint8_t *) assert_attribute(&m, sizeof(struct ifinfomsg),
                                                                     IFLA_CARRIER, 1, 1),
                                 on);
        }

        for (int master = 0; master <= 7; master += 7) {
                memset(&m, 0, sizeof(m));
                encode_set_master(&m.nlh, 4, master);
                assert_link_header(&m, RTM_SETLINK, NLM_F_REQUEST, 4);
                assert_int_equal(link_u32(&m, IFLA_MASTER, 1), master);
        }
}

/* The only attribute in the one of that type, which is the only one of the message. */
static const struct nlattr *assert_nested(const Message *m, uint16_t type) {
        const struct nlattr *a = mnl_nlmsg_get_payload_offset(&m->nlh, sizeof(struct ifinfomsg));
        const struct nlattr *inner = mnl_attr_get_payload(a);

        assert_int_equal(mnl_attr_get_type(a), type);
        assert_true(a->nla_type & NLA_F_NESTED); /* or IFLA_PROTINFO is an STP state */
        assert_int_equal(m->nlh.nlmsg_len,
                         MNL_NLMSG_HDRLEN + sizeof(struct ifinfomsg) + MNL_ALIGN(a->nla_len));
        assert_int_equal(mnl_attr_get_payload_len(a), MNL_ALIGN(inner->nla_len));
        return inner;
}

static void test_address_generation(void **state _unused_) {
        const struct nlattr *family, *mode;
        Message m = {};

        encode_set_address_generation(&m.nlh, 4, IN6_ADDR_GEN_MODE_RANDOM);
        assert_link_header(&m, RTM_SETLINK, NLM_F_REQUEST, 4);
        family = assert_nested(&m, IFLA_AF_SPEC);
        assert_int_equal(mnl_attr_get_type(family), AF_INET6);
        mode = mnl_attr_get_payload(family);
        assert_int_equal(mnl_attr_get_type(mode), IFLA_INET6_ADDR_GEN_MODE);
        assert_int_equal(mnl_attr_get_payload_len(mode), 1);
        assert_int_equal(mnl_attr_get_u8(mode), IN6_ADDR_GEN_MODE_RANDOM);
}

static void assert_bridge_header(const Message *m, uint16_t type) {
        const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(&m->nlh);

        assert_int_equal(m->nlh.nlmsg_type, type);
        assert_int_equal(m->nlh.nlmsg_flags, NLM_F_REQUEST);
        assert_int_equal(ifi->ifi_family, AF_BRIDGE);
        assert_int_equal(ifi->ifi_index, 4);
}

/* Each setting alone, and the decoder finds it under the same name. */
static void test_port_settings(void **state _unused_) {
        for (PortSetting i = 0; i < _PORT_SETTING_MAX; i++) {
                uint32_t value = i == PORT_COST ? 123456 : i == PORT_PRIORITY ? 300 : 1;
                size_t size = i == PORT_COST ? 4 : i == PORT_PRIORITY ? 2 : 1;
                BridgePort port = {};
                Message m = {};
                int ifindex;

                encode_set_port(&m.nlh, 4, i, value);
                assert_bridge_header(&m, RTM_SETLINK);
                assert_int_equal(mnl_attr_get_payload_len(assert_nested(&m, IFLA_PROTINFO)), size);

                m.nlh.nlmsg_type = RTM_NEWLINK;
                assert_int_equal(decode_bridge_vlans(&m.nlh, &ifindex, &port), 0);
                for (PortSetting k = 0; k < _PORT_SETTING_MAX; k++)
                        assert_int_equal(port.values[k], k == i ? value : 0);
        }
}

static void test_bridge_vlans(void **state _unused_) {
        static const struct {
                uint16_t first, last;
                bool add, pvid, untagged;
        } cases[] = {
                { 1, 1, true, true, true },      { 42, 42, true, false, false },
                { 10, 11, true, false, true },   { 1, 4094, true, false, false },
                { 42, 42, false, false, false }, { 100, 200, false, false, false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                BridgePort port = {};
                Message m = {};
                int ifindex;

                encode_bridge_vlan(&m.nlh, 4, cases[i].add, cases[i].first, cases[i].last, cases[i].pvid,
                                   cases[i].untagged);
                assert_bridge_header(&m, cases[i].add ? RTM_SETLINK : RTM_DELLINK);

                m.nlh.nlmsg_type = RTM_NEWLINK;
                assert_int_equal(decode_bridge_vlans(&m.nlh, &ifindex, &port), 0);
                assert_int_equal(ifindex, 4);
                assert_int_equal(port.pvid, cases[i].pvid ? cases[i].first : 0);
                for (unsigned v = 0; v < 4096; v++) {
                        bool wanted = v >= cases[i].first && v <= cases[i].last;

                        assert_int_equal(!!(port.vlans[v / 8] & 1 << v % 8), wanted);
                        assert_int_equal(!!(port.untagged[v / 8] & 1 << v % 8), wanted && cases[i].untagged);
                }
        }
}

static void test_dump_bridge_vlans(void **state _unused_) {
        const struct ifinfomsg *ifi;
        Message m = {};

        encode_dump_bridge_vlans(&m.nlh);
        ifi = mnl_nlmsg_get_payload(&m.nlh);
        assert_int_equal(m.nlh.nlmsg_type, RTM_GETLINK);
        assert_int_equal(m.nlh.nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
        assert_int_equal(ifi->ifi_family, AF_BRIDGE);
        assert_int_equal(ifi->ifi_index, 0);
        assert_int_equal(link_u32(&m, IFLA_EXT_MASK, 1), RTEXT_FILTER_BRVLAN_COMPRESSED);
}

static void test_qdisc(void **state _unused_) {
        const struct tcmsg *tc;
        Message m = {};

        encode_set_qdisc(&m.nlh, 4, "fq_codel");
        tc = mnl_nlmsg_get_payload(&m.nlh);
        assert_int_equal(m.nlh.nlmsg_type, RTM_NEWQDISC);
        assert_int_equal(m.nlh.nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE);
        assert_int_equal(tc->tcm_ifindex, 4);
        assert_true(tc->tcm_parent == TC_H_ROOT);
        assert_int_equal(tc->tcm_handle, 0);
        assert_string_equal(assert_attribute(&m, sizeof(*tc), TCA_KIND, 9, 1), "fq_codel");

        memset(&m, 0, sizeof(m));
        encode_set_qdisc(&m.nlh, 4, NULL);
        assert_int_equal(m.nlh.nlmsg_type, RTM_DELQDISC);
        assert_int_equal(m.nlh.nlmsg_flags, NLM_F_REQUEST);
        assert_int_equal(m.nlh.nlmsg_len, MNL_NLMSG_HDRLEN + sizeof(*tc));
        assert_true(tc->tcm_parent == TC_H_ROOT);
}

static Address address(uint8_t family, const char *local, uint8_t prefixlen, const char *peer) {
        Address a = { .family = family, .prefixlen = prefixlen, .preferred = ADDRESS_FOREVER };

        assert_int_equal(inet_pton(family, local, a.local), 1);
        assert_int_equal(inet_pton(family, peer ?: local, a.peer), 1);
        return a;
}

static void assert_reads_back(const Message *m, const Address *expected) {
        Address a;
        int ifindex;

        assert_int_equal(decode_address(&m->nlh, &ifindex, &a), 0);
        assert_int_equal(ifindex, 6);
        assert_int_equal(address_compare(&a, expected), 0);
        assert_int_equal(a.scope, expected->scope);
        assert_int_equal(a.flags, expected->flags);
        assert_int_equal(a.protocol, expected->protocol);
        assert_memory_equal(a.broadcast, expected->broadcast, sizeof(a.broadcast));
        assert_int_equal(a.metric, expected->metric);
        assert_true(a.preferred == expected->preferred);
        assert_string_equal(a.label, expected->family == AF_INET ? expected->label : "");
}

static void test_add_address(void **state _unused_) {
        /* broadcast, label: NULL for none; scope: 253 is link, 254 host */
        static const struct {
                uint8_t family, prefixlen;
                const char *local, *peer, *broadcast, *label;
                uint32_t flags, metric;
                uint8_t scope, protocol;
                bool deprecated;
                size_t n; /* attributes */
        } cases[] = {
                { AF_INET, 24, "10.1.2.3", NULL, NULL, NULL, 0, 0, 0, 0, false, 3 },
                { AF_INET, 24, "10.1.2.3", NULL, "10.1.2.255", NULL, 0, 0, 0, 0, false, 4 },
                { AF_INET, 32, "10.1.2.3", NULL, "10.9.9.9", NULL, 0, 0, 0, 0, false, 4 },
                { AF_INET, 30, "10.1.2.1", NULL, NULL, "tun0:12345678", 0, 0, 0, 0, false, 4 },
                { AF_INET, 0, "10.1.2.2", NULL, NULL, NULL, 0, UINT32_MAX, 0, 0, false, 4 },
                { AF_INET, 24, "10.1.2.3", "10.9.9.9", NULL, NULL, 0, 0, 254, 0, true, 4 },
                { AF_INET, 8, "10.1.2.3", NULL, "10.0.0.255", "l", IFA_F_NOPREFIXROUTE, 5, 253, 77, true,
                  8 },
                { AF_INET6, 64, "fd00::1", NULL, NULL, NULL, IFA_F_NODAD, 0, 0, 77, false, 4 },
                { AF_INET6, 128, "fd00::1", "fd00::2", NULL, NULL, IFA_F_MANAGETEMPADDR, 9, 0, 0, true, 5 },
                { AF_INET6, 64, "fd00::1", NULL, NULL, "not-here", 0, 0, 0, 0, false, 3 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Address a = address(cases[i].family, cases[i].local, cases[i].prefixlen, cases[i].peer);
                Message m = {};

                a.flags = cases[i].flags;
                a.scope = cases[i].scope;
                a.protocol = cases[i].protocol;
                a.metric = cases[i].metric;
                if (cases[i].deprecated)
                        a.preferred = 0;
                if (cases[i].broadcast)
                        assert_int_equal(inet_pton(AF_INET, cases[i].broadcast, a.broadcast), 1);
                if (cases[i].label)
                        strcpy(a.label, cases[i].label);
                encode_add_address(&m.nlh, 6, &a);

                assert_int_equal(m.nlh.nlmsg_type, RTM_NEWADDR);
                assert_int_equal(m.nlh.nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE);
                assert_reads_back(&m, &a);
                assert_attribute(&m, sizeof(struct ifaddrmsg), IFA_FLAGS, 4, cases[i].n);
                if (cases[i].deprecated) {
                        const struct ifa_cacheinfo *info =
                                        assert_attribute(&m, sizeof(struct ifaddrmsg), IFA_CACHEINFO,
                                                         sizeof(*info), cases[i].n);

                        assert_int_equal(info->ifa_prefered, 0);
                        assert_true(info->ifa_valid == UINT32_MAX);
                }
        }
}

static void test_delete_address(void **state _unused_) {
        Address a = address(AF_INET, "10.1.2.3", 24, "10.9.9.9");
        Message m = {};

        encode_delete_address(&m.nlh, 6, &a);
        assert_int_equal(m.nlh.nlmsg_type, RTM_DELADDR);
        assert_int_equal(m.nlh.nlmsg_flags, NLM_F_REQUEST);
        assert_reads_back(&m, &a);
        assert_attribute(&m, sizeof(struct ifaddrmsg), IFA_LOCAL, 4, 2);
}

/* Every encoder into one batch, beyond its end: each message begins zeroed, and number RTNL_BATCH_MAX + 1 is
 * refused. */
static void test_batch(void **state _unused_) {
        _cleanup_(rtnl_batch_freep) RtnlBatch *b = rtnl_batch_new();

        assert_non_null(b);
        for (int i = 1; i <= RTNL_BATCH_MAX; i++) {
                struct nlmsghdr *nlh = rtnl_batch_begin(b);

                assert_non_null(nlh);
                for (size_t k = 0; k < RTNL_MESSAGE_MAX; k++)
                        assert_int_equal(((uint8_t *) nlh)[k], 0);
                encode_set_mtu(nlh, i, 1280);
                memset(mnl_nlmsg_get_payload_tail(nlh), 0xff, RTNL_MESSAGE_MAX - nlh->nlmsg_len);
                rtnl_batch_end(b);
                assert_int_equal(rtnl_batch_length(b), i);
        }
        assert_null(rtnl_batch_begin(b));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_get_link),
                cmocka_unit_test(test_dumps),
                cmocka_unit_test(test_link_requests),
                cmocka_unit_test(test_more_link_requests),
                cmocka_unit_test(test_address_generation),
                cmocka_unit_test(test_port_settings),
                cmocka_unit_test(test_bridge_vlans),
                cmocka_unit_test(test_dump_bridge_vlans),
                cmocka_unit_test(test_qdisc),
                cmocka_unit_test(test_add_address),
                cmocka_unit_test(test_delete_address),
                cmocka_unit_test(test_batch),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
