/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Values as systemd reads them: strict text -> value, without locale and without partial reads. Each returns
 * 0 and writes the result, or -EINVAL (wrong form), -ERANGE (a number out of range) or -ENOMEM and leaves
 * the result alone. None knows its key: messages are the caller's. Grammar: systemd.syntax(7), systemd's
 * parse-util.c, socket-util.c. */

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 1 yes y true t on / 0 no n false f off, any case. Empty is -EINVAL. */
int parse_boolean(const char *s, bool *ret);

/* As C numbers (0x, 0b, 0o, and a leading 0 is octal), optional '+' and leading blanks; '-' and trailing
 * text are -EINVAL. */
int parse_u64(const char *s, uint64_t *ret);
int parse_u32(const char *s, uint32_t *ret);
int parse_u8(const char *s, uint8_t *ret);
/* The same with a sign. */
int parse_i32(const char *s, int32_t *ret);
/* "A" or "A-B", each from min to max (-ERANGE beyond) and A not above B (-EINVAL). */
int parse_u16_range(const char *s, uint16_t min, uint16_t max, uint16_t ret[static 2]);

/* Whether the text is a number that the leading 0 made octal ("024" is 20): worth a warning, never an error.
 */
bool number_is_octal_surprise(const char *s);

/* IEC sizes: fractions, suffixes B K M G T P E (upper case, one letter, base 1024), sums of descending units
 * ("1K 200B"). Bytes. */
int parse_size(const char *s, uint64_t *ret);

/* Time spans: fractions, units us to years as systemd.time(7) has them, none is seconds; sums in any order
 * ("1min 30"); "infinity". Microseconds. */
#define TIME_INFINITY UINT64_MAX
int parse_time(const char *s, uint64_t *ret);

/* 1..15 bytes of 0x21..0x7e without ':', '/', '%'; not "." or ".."; not all digits and not an
 * int above 0 in any C form ("0x5"); not "all" or "default". */
bool ifname_valid(const char *s);
/* The same up to 127 bytes. */
bool altname_valid(const char *s);

#define HWADDR_MAX 20
typedef struct HwAddr {
        uint8_t bytes[HWADDR_MAX];
        uint8_t length; /* 0: none */
} HwAddr;

/* aa:bb:.., aa-bb-.. (one-byte fields) or aabb.ccdd.eeff (two-byte fields), fields may be short; 4, 6, 16 or
 * 20 bytes. An IPv4 or IPv6 address stands for its 4 or 16 bytes (tunnels have them for hardware address).
 */
int parse_hwaddr(const char *s, HwAddr *ret);

typedef struct InAddr {
        int family; /* AF_INET or AF_INET6 */
        union {
                struct in_addr v4;
                struct in6_addr v6;
                uint8_t bytes[16];
        };
} InAddr;

/* inet_pton text, family by content; no zone, no brackets. Unused bytes of the result are zero. */
int parse_in_addr(const char *s, InAddr *ret);

/* "ADDRESS/LENGTH": length as parse_u8 reads it, at most 32 or 128 (-ERANGE beyond). Without "/LENGTH" the
 * result is the host prefix (32 or 128), and has_length (may be NULL) is false. */
int parse_in_addr_prefix(const char *s, InAddr *ret, uint8_t *ret_prefixlen, bool *ret_has_length);

/* All zero. */
bool in_addr_is_null(const InAddr *a);

/* Clears the bits beyond the prefix. */
void in_addr_mask(InAddr *a, uint8_t prefixlen);

/* An order of addresses: by family, then by bytes. */
int in_addr_compare(const InAddr *a, const InAddr *b);

/* The number of an IP protocol: by name as in netinet/in.h, any case, or 0 to 255. */
int parse_ip_protocol(const char *s, uint8_t *ret);

/* Text of an address, with "/prefixlen" when prefixlen >= 0. buffer needs IN_ADDR_TEXT_MAX bytes. */
#define IN_ADDR_TEXT_MAX (INET6_ADDRSTRLEN + 4)
const char *in_addr_format(const InAddr *a, int prefixlen, char *buffer);

/* Text without quotes, backslash and control characters (User=, Group=). */
bool string_is_safe(const char *s);

/* Splits on white space; quotes are ordinary characters, a backslash escapes the next one (Match Name=).
 * -EINVAL on a trailing backslash. The result is owned (strv_free); NULL for no words. */
int split_words(const char *s, char ***ret);
