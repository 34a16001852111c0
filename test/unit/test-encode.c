/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is encoded reads back as what was meant, with nothing left over. */

#include "test.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
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
        encode_set_netns(&m.nlh, 4, 11);
        assert_link_header(&m, RTM_SETLINK, NLM_F_REQUEST, 4);
        assert_int_equal(link_u32(&m, IFLA_NET_NS_FD, 1), 11);
}

static Address address(uint8_t family, const char *local, uint8_t prefixlen, const char *peer) {
        Address a = { .family = family, .prefixlen = prefixlen };

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
}

static void test_add_address(void **state _unused_) {
        /* broadcast: NULL where none must be sent; scope: 253 is link, 254 host */
        static const struct {
                uint8_t family, prefixlen;
                const char *local, *peer, *broadcast;
                uint32_t flags;
                uint8_t scope, protocol;
        } cases[] = {
                { AF_INET, 24, "10.1.2.3", NULL, "10.1.2.255", 0, 0, 0 },
                { AF_INET, 30, "10.1.2.1", NULL, "10.1.2.3", IFA_F_NOPREFIXROUTE, 253, 77 },
                { AF_INET, 31, "10.1.2.2", NULL, NULL, 0, 0, 0 },
                { AF_INET, 32, "10.1.2.2", NULL, NULL, 0, 0, 0 },
                { AF_INET, 0, "10.1.2.2", NULL, "255.255.255.255", 0, 0, 0 },
                { AF_INET, 24, "10.1.2.3", "10.9.9.9", NULL, 0, 254, 0 },
                { AF_INET6, 64, "fd00::1", NULL, NULL, IFA_F_NODAD, 0, 77 },
                { AF_INET6, 128, "fd00::1", "fd00::2", NULL, IFA_F_MANAGETEMPADDR, 0, 0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Address a = address(cases[i].family, cases[i].local, cases[i].prefixlen, cases[i].peer);
                size_t n = 3 + (cases[i].protocol != 0) + (cases[i].broadcast != NULL);
                Message m = {};

                a.flags = cases[i].flags;
                a.scope = cases[i].scope;
                a.protocol = cases[i].protocol;
                encode_add_address(&m.nlh, 6, &a);

                assert_int_equal(m.nlh.nlmsg_type, RTM_NEWADDR);
                assert_int_equal(m.nlh.nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE);
                assert_reads_back(&m, &a);
                assert_attribute(&m, sizeof(struct ifaddrmsg), IFA_FLAGS, 4, n);
                if (cases[i].broadcast) {
                        const void *got;
                        uint32_t wanted;

                        assert_int_equal(inet_pton(AF_INET, cases[i].broadcast, &wanted), 1);
                        got = assert_attribute(&m, sizeof(struct ifaddrmsg), IFA_BROADCAST, 4, n);
                        assert_memory_equal(got, &wanted, 4);
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
                cmocka_unit_test(test_get_link),       cmocka_unit_test(test_dumps),
                cmocka_unit_test(test_link_requests),  cmocka_unit_test(test_add_address),
                cmocka_unit_test(test_delete_address), cmocka_unit_test(test_batch),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
