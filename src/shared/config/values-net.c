/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Names, addresses and protocols of the network. */

#include "values.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

#define ALTNAME_MAX 127
#define HEX_DIGITS  "0123456789abcdefABCDEF"

/* Where an index is accepted beside a name, these could be taken for one. */
static bool looks_like_index(const char *s) {
        uint64_t v;

        if (s[strspn(s, "0123456789")] == '\0')
                return true;
        return parse_u64(s, &v) >= 0 && v > 0 && v <= INT_MAX;
}

static bool name_valid(const char *s, size_t max) {
        size_t n = strlen(s);

        if (n == 0 || n > max)
                return false;
        if (strcmp(s, ".") == 0 || strcmp(s, "..") == 0)
                return false;
        if (strcmp(s, "all") == 0 ||
            strcmp(s, "default") == 0) /* directories below /proc/sys/net/ipv4/conf */
                return false;

        for (const char *c = s; *c; c++)
                if (*c <= 0x20 || *c >= 0x7f || strchr(":/%", *c))
                        return false;

        return !looks_like_index(s);
}

bool ifname_valid(const char *s) {
        assert(s);

        return name_valid(s, IF_NAMESIZE - 1);
}

bool altname_valid(const char *s) {
        assert(s);

        return name_valid(s, ALTNAME_MAX);
}

/* Reads a field of 1 to 2 * n_bytes hex digits and moves *s behind it. */
static int read_hwaddr_field(const char **s, size_t n_bytes, uint8_t *bytes) {
        size_t n = strspn(*s, HEX_DIGITS);
        unsigned v = 0;

        if (n < 1 || n > 2 * n_bytes)
                return -EINVAL;

        for (size_t i = 0; i < n; i++, (*s)++) {
                unsigned char c = (unsigned char) **s;

                v = v << 4 | (unsigned) (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
        }

        for (size_t i = n_bytes; i > 0; i--, v >>= 8)
                bytes[i - 1] = v & 0xff;
        return 0;
}

int parse_hwaddr(const char *s, HwAddr *ret) {
        size_t n_bytes;
        HwAddr a = {};
        char separator;
        InAddr ip;

        assert(s);
        assert(ret);

        /* No text is both: eight fields of either kind make no length that counts. */
        if (parse_in_addr(s, &ip) >= 0) {
                a.length = ip.family == AF_INET ? 4 : 16;
                memcpy(a.bytes, ip.bytes, a.length);
                *ret = a;
                return 0;
        }

        separator = s[strspn(s, HEX_DIGITS)];
        if (separator == '\0' || !strchr(":-.", separator))
                return -EINVAL;
        n_bytes = separator == '.' ? 2 : 1;

        for (;; s++) {
                if (a.length + n_bytes > HWADDR_MAX ||
                    read_hwaddr_field(&s, n_bytes, a.bytes + a.length) < 0)
                        return -EINVAL;
                a.length = (uint8_t) (a.length + n_bytes);
                if (*s != separator)
                        break;
        }

        if (*s || (a.length != 4 && a.length != 6 && a.length != 16 && a.length != 20))
                return -EINVAL;

        *ret = a;
        return 0;
}

int parse_in_addr(const char *s, InAddr *ret) {
        InAddr a = {};

        assert(s);
        assert(ret);

        if (inet_pton(AF_INET, s, &a.v4) == 1)
                a.family = AF_INET;
        else if (inet_pton(AF_INET6, s, &a.v6) == 1)
                a.family = AF_INET6;
        else
                return -EINVAL;

        *ret = a;
        return 0;
}

int parse_in_addr_prefix(const char *s, InAddr *ret, uint8_t *ret_prefixlen, bool *ret_has_length) {
        char buffer[INET6_ADDRSTRLEN];
        uint8_t max, prefixlen;
        const char *slash;
        InAddr a;
        size_t n;
        int r;

        assert(s);
        assert(ret);
        assert(ret_prefixlen);

        slash = strchrnul(s, '/');
        n = (size_t) (slash - s);
        if (n >= sizeof(buffer))
                return -EINVAL;
        memcpy(buffer, s, n);
        buffer[n] = '\0';

        r = parse_in_addr(buffer, &a);
        if (r < 0)
                return r;

        prefixlen = max = a.family == AF_INET ? 32 : 128;
        if (*slash) {
                r = parse_u8(slash + 1, &prefixlen);
                if (r < 0)
                        return r;
                if (prefixlen > max)
                        return -ERANGE;
        }

        *ret = a;
        *ret_prefixlen = prefixlen;
        if (ret_has_length)
                *ret_has_length = *slash != '\0';
        return 0;
}

bool in_addr_is_null(const InAddr *a) {
        static const uint8_t zero[16];

        return memcmp(a->bytes, zero, a->family == AF_INET ? 4 : 16) == 0;
}

void in_addr_mask(InAddr *a, uint8_t prefixlen) {
        for (unsigned i = 0; i < sizeof(a->bytes); i++) {
                unsigned kept = prefixlen > i * 8 ? prefixlen - i * 8 : 0;

                if (kept < 8)
                        a->bytes[i] &= (uint8_t) (0xff00 >> kept);
        }
}

int in_addr_compare(const InAddr *a, const InAddr *b) {
        if (a->family != b->family)
                return a->family < b->family ? -1 : 1;
        return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

int parse_ip_protocol(const char *s, uint8_t *ret) {
        static const struct {
                const char *name;
                uint8_t number;
        } table[] = {
                { "ah", IPPROTO_AH },
                { "beetph", IPPROTO_BEETPH },
                { "comp", IPPROTO_COMP },
                { "dccp", IPPROTO_DCCP },
                { "dstopts", IPPROTO_DSTOPTS },
                { "egp", IPPROTO_EGP },
                { "encap", IPPROTO_ENCAP },
                { "esp", IPPROTO_ESP },
                { "ethernet", 143 },
                { "fragment", IPPROTO_FRAGMENT },
                { "gre", IPPROTO_GRE },
                { "hopopts", IPPROTO_HOPOPTS },
                { "icmp", IPPROTO_ICMP },
                { "icmpv6", IPPROTO_ICMPV6 },
                { "idp", IPPROTO_IDP },
                { "igmp", IPPROTO_IGMP },
                { "ip", IPPROTO_IP },
                { "ipip", IPPROTO_IPIP },
                { "ipv6", IPPROTO_IPV6 },
                { "mh", IPPROTO_MH },
                { "mpls", IPPROTO_MPLS },
                { "mtp", IPPROTO_MTP },
                { "none", IPPROTO_NONE },
                { "pim", IPPROTO_PIM },
                { "pup", IPPROTO_PUP },
                { "raw", IPPROTO_RAW },
                { "routing", IPPROTO_ROUTING },
                { "rsvp", IPPROTO_RSVP },
                { "sctp", IPPROTO_SCTP },
                { "tcp", IPPROTO_TCP },
                { "tp", IPPROTO_TP },
                { "udp", IPPROTO_UDP },
                { "udplite", IPPROTO_UDPLITE },
        };

        assert(s);
        assert(ret);

        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (strcasecmp(table[i].name, s) == 0) {
                        *ret = table[i].number;
                        return 0;
                }
        return parse_u8(s, ret);
}

const char *in_addr_format(const InAddr *a, int prefixlen, char *buffer) {
        assert(a);
        assert(a->family == AF_INET || a->family == AF_INET6);
        assert(prefixlen <= 128);
        assert(buffer);

        (void) inet_ntop(a->family, a->bytes, buffer, INET6_ADDRSTRLEN);
        if (prefixlen >= 0)
                (void) sprintf(buffer + strlen(buffer), "/%u", (unsigned) prefixlen & 0xff);
        return buffer;
}
