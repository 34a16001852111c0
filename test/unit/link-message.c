/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The attributes come in the kernel's order. Nothing here checks that they fit: those of a test are few. */

#include "link-message.h"

#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "test.h"

void *begin_message(Message *m, uint16_t type, size_t header_size) {
        memset(m, 0, sizeof(*m));
        mnl_nlmsg_put_header(m);
        m->nlh.nlmsg_type = type;
        return mnl_nlmsg_put_extra_header(&m->nlh, header_size);
}

void begin_link(Message *m, uint16_t type, uint8_t family, int ifindex) {
        struct ifinfomsg *ifi = begin_message(m, type, sizeof(*ifi));

        ifi->ifi_family = family;
        ifi->ifi_index = ifindex;
        ifi->ifi_type = ARPHRD_NONE;
        ifi->ifi_flags = IFF_UP | IFF_NOARP;
}

void begin_named_link(Message *m, uint16_t type, uint8_t family, int ifindex, const char *name) {
        begin_link(m, type, family, ifindex);
        mnl_attr_put_strz(&m->nlh, IFLA_IFNAME, name);
}

static Nests begin_info(Message *m, uint16_t kind_type, const char *kind, uint16_t data_type) {
        Nests n;

        n.info = mnl_attr_nest_start(&m->nlh, IFLA_LINKINFO);
        mnl_attr_put_strz(&m->nlh, kind_type, kind);
        n.data = mnl_attr_nest_start(&m->nlh, data_type);
        return n;
}

Nests begin_kind(Message *m, const char *kind) {
        return begin_info(m, IFLA_INFO_KIND, kind, IFLA_INFO_DATA);
}

Nests begin_port(Message *m, const char *kind) {
        return begin_info(m, IFLA_INFO_SLAVE_KIND, kind, IFLA_INFO_SLAVE_DATA);
}

void end_kind(Message *m, Nests n) {
        mnl_attr_nest_end(&m->nlh, n.data);
        mnl_attr_nest_end(&m->nlh, n.info);
}

Link *decoded(const Message *m) {
        Link *l = NULL;

        assert_int_equal(decode_link(&m->nlh, &l), 0);
        assert_non_null(l);
        return l;
}
