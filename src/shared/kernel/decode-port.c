/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A port as its bridge sees it: its settings, in the bridge's data of a link or in a message of the bridge,
 * and its VLANs, in a message of the bridge only. Pure. */

#include <assert.h>
#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "decode-attr.h"
#include "decode-link.h"
#include "decode.h"
#include "port.h"

#define VLAN_MAX 4094

static int get_setting(const struct nlattr *a, uint8_t size, uint32_t *ret) {
        uint16_t u16;
        uint8_t u8;
        int r;

        if (size == sizeof(*ret))
                return attr_get_u32(a, ret);

        r = size == sizeof(u16) ? attr_get_u16(a, &u16) : attr_get_u8(a, &u8);
        if (r < 0)
                return r;

        *ret = size == sizeof(u16) ? u16 : u8;
        return 0;
}

static int on_port_attribute(const struct nlattr *a, void *userdata) {
        BridgePort *port = userdata;

        for (PortSetting i = 0; i < _PORT_SETTING_MAX; i++)
                if (port_attributes[i].type == mnl_attr_get_type(a))
                        return get_setting(a, port_attributes[i].size, port->values + i);
        return 0;
}

int decode_port(const struct nlattr *data, BridgePort *port) {
        return attr_each_nested(data, on_port_attribute, port);
}

/* VLANs being read; ranges come as two entries, their first and their last VLAN. */
typedef struct VlanCursor {
        BridgePort *port;
        uint16_t begin; /* of the range that is open, 0: none is */
} VlanCursor;

static void set_bit(uint8_t bits[static 512], unsigned i) {
        bits[i / 8] |= (uint8_t) (1 << i % 8);
}

static void put_vlans(BridgePort *port, uint16_t first, const struct bridge_vlan_info *last) {
        for (unsigned v = first; v <= last->vid; v++) {
                set_bit(port->vlans, v);
                if (last->flags & BRIDGE_VLAN_INFO_UNTAGGED)
                        set_bit(port->untagged, v);
        }
        if (last->flags & BRIDGE_VLAN_INFO_PVID)
                port->pvid = last->vid;
}

static int on_vlan(const struct nlattr *a, void *userdata) {
        struct bridge_vlan_info info;
        VlanCursor *c = userdata;
        uint16_t first;

        if (mnl_attr_get_type(a) != IFLA_BRIDGE_VLAN_INFO)
                return 0;
        if (attr_length(a) != sizeof(info))
                return -EBADMSG;

        memcpy(&info, mnl_attr_get_payload(a), sizeof(info));
        if (info.vid == 0 || info.vid > VLAN_MAX || info.vid < c->begin ||
            (c->begin != 0) != !!(info.flags & BRIDGE_VLAN_INFO_RANGE_END))
                return -EBADMSG;

        if (info.flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) {
                if (c->begin != 0)
                        return -EBADMSG;
                c->begin = info.vid;
                return 0;
        }

        first = c->begin ?: info.vid;
        c->begin = 0;
        put_vlans(c->port, first, &info);
        return 0;
}

typedef struct BridgeMessage {
        const struct nlattr *settings;
        const struct nlattr *vlans;
} BridgeMessage;

static int on_bridge_attribute(const struct nlattr *a, void *userdata) {
        BridgeMessage *m = userdata;

        /* Not nested, it is an old kernel's STP state. */
        if (mnl_attr_get_type(a) == IFLA_PROTINFO && (a->nla_type & NLA_F_NESTED))
                m->settings = a;
        if (mnl_attr_get_type(a) == IFLA_AF_SPEC)
                m->vlans = a;
        return 0;
}

int decode_bridge_vlans(const struct nlmsghdr *nlh, int *ret_ifindex, BridgePort *port) {
        const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
        BridgePort read = { .has_vlans = true }; /* without the attribute there are none */
        VlanCursor cursor = { .port = &read };
        BridgeMessage m = {};
        int r;

        assert(ret_ifindex);
        assert(port);

        r = nlh->nlmsg_type == RTM_NEWLINK ? attr_each_of_message(nlh, sizeof(*ifi), on_bridge_attribute, &m)
                                           : -EBADMSG;
        if (r < 0)
                return r;
        if (ifi->ifi_family != AF_BRIDGE || ifi->ifi_index <= 0)
                return -EBADMSG;

        memcpy(read.values, port->values, sizeof(read.values));
        if (m.settings)
                r = decode_port(m.settings, &read);
        if (r >= 0 && m.vlans)
                r = attr_each_nested(m.vlans, on_vlan, &cursor);
        if (r < 0)
                return r;
        if (cursor.begin != 0)
                return -EBADMSG;

        *ret_ifindex = ifi->ifi_index;
        *port = read;
        return 0;
}
