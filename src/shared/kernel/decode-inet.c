/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What IPv4 and IPv6 say of a link: the values of its sysctls, as two arrays whose length is that of the
 * kernel's own list, shorter or longer than the one we were built with. Alone here: linux/ipv6.h does not
 * go well with netinet/in.h. Pure. */

#include <errno.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <string.h>
#include <sys/socket.h>

#include "decode-attr.h"
#include "decode-link.h"

typedef struct Place {
        uint8_t index; /* in the kernel's array */
        LinkSysctl sysctl;
} Place;

static const Place ipv4_places[] = {
        { IPV4_DEVCONF_FORWARDING - 1, SYSCTL_IPV4_FORWARDING },
        { IPV4_DEVCONF_PROXY_ARP - 1, SYSCTL_IPV4_PROXY_ARP },
        { IPV4_DEVCONF_PROXY_ARP_PVLAN - 1, SYSCTL_IPV4_PROXY_ARP_PVLAN },
        { IPV4_DEVCONF_RP_FILTER - 1, SYSCTL_IPV4_RP_FILTER },
        { IPV4_DEVCONF_ACCEPT_LOCAL - 1, SYSCTL_IPV4_ACCEPT_LOCAL },
        { IPV4_DEVCONF_ROUTE_LOCALNET - 1, SYSCTL_IPV4_ROUTE_LOCALNET },
};

static const Place ipv6_places[] = {
        { DEVCONF_FORWARDING, SYSCTL_IPV6_FORWARDING },
        { DEVCONF_DISABLE_IPV6, SYSCTL_IPV6_DISABLE },
        { DEVCONF_USE_TEMPADDR, SYSCTL_IPV6_USE_TEMPADDR },
        { DEVCONF_DAD_TRANSMITS, SYSCTL_IPV6_DAD_TRANSMITS },
        { DEVCONF_HOPLIMIT, SYSCTL_IPV6_HOP_LIMIT },
        { DEVCONF_PROXY_NDP, SYSCTL_IPV6_PROXY_NDP },
        { DEVCONF_MTU6, SYSCTL_IPV6_MTU },
};

static int get_sysctls(const struct nlattr *a, const Place *places, size_t n, Link *link) {
        const uint8_t *values = mnl_attr_get_payload(a);
        size_t length = attr_length(a);

        if (length % sizeof(int32_t) != 0)
                return -EBADMSG;

        for (size_t i = 0; i < n; i++) {
                size_t offset = places[i].index * sizeof(int32_t);

                if (offset >= length)
                        continue; /* a kernel that does not have it */
                memcpy(link->sysctls + places[i].sysctl, values + offset, sizeof(int32_t));
                link->sysctls_known |= 1U << places[i].sysctl;
        }
        return 0;
}

static int get_retrans_time(const struct nlattr *a, Link *link) {
        struct ifla_cacheinfo info;

        if (attr_length(a) != sizeof(info))
                return -EBADMSG;

        memcpy(&info, mnl_attr_get_payload(a), sizeof(info));
        if (info.retrans_time > INT32_MAX)
                return 0;

        link->sysctls[SYSCTL_IPV6_RETRANS_TIME] = (int32_t) info.retrans_time;
        link->sysctls_known |= 1U << SYSCTL_IPV6_RETRANS_TIME;
        return 0;
}

static int on_ipv4_attribute(const struct nlattr *a, void *userdata) {
        if (mnl_attr_get_type(a) != IFLA_INET_CONF)
                return 0;

        return get_sysctls(a, ipv4_places, ELEMENTSOF(ipv4_places), userdata);
}

static int on_ipv6_attribute(const struct nlattr *a, void *userdata) {
        Link *link = userdata;

        switch (mnl_attr_get_type(a)) {
        case IFLA_INET6_CONF: return get_sysctls(a, ipv6_places, ELEMENTSOF(ipv6_places), link);
        case IFLA_INET6_CACHEINFO: return get_retrans_time(a, link);
        case IFLA_INET6_ADDR_GEN_MODE: return attr_get_u8(a, &link->address_generation);
        default: return 0;
        }
}

static int on_family(const struct nlattr *a, void *userdata) {
        Link *link = userdata;

        switch (mnl_attr_get_type(a)) {
        case AF_INET: link->has_ipv4 = true; return attr_each_nested(a, on_ipv4_attribute, link);
        case AF_INET6: link->has_ipv6 = true; return attr_each_nested(a, on_ipv6_attribute, link);
        default: return 0;
        }
}

int decode_inet(const struct nlattr *af_spec, Link *link) {
        return attr_each_nested(af_spec, on_family, link);
}
