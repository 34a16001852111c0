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

/* Whether the text is a number that the leading 0 made octal ("024" is 20): worth a warning, never an error.
 */
bool number_is_octal_surprise(const char *s);

/* IEC sizes: fractions, suffixes B K M G T P E (upper case, one letter, base 1024), sums of descending units
 * ("1K 200B"). Bytes. */
int parse_size(const char *s, uint64_t *ret);

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
 * 20 bytes. */
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

/* Text of an address, with "/prefixlen" when prefixlen >= 0. buffer needs IN_ADDR_TEXT_MAX bytes. */
#define IN_ADDR_TEXT_MAX (INET6_ADDRSTRLEN + 4)
const char *in_addr_format(const InAddr *a, int prefixlen, char *buffer);

/* Text without quotes, backslash and control characters (User=, Group=). */
bool string_is_safe(const char *s);

/* Splits on white space; quotes are ordinary characters, a backslash escapes the next one (Match Name=).
 * -EINVAL on a trailing backslash. The result is owned (strv_free); NULL for no words. */
int split_words(const char *s, char ***ret);
