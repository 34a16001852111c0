/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Reading netlink attributes. Internal to the decode*.c files. All return 0 or -EBADMSG. */

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Called for each attribute; a negative result ends the walk and is returned. */
typedef int (*AttributeHandler)(const struct nlattr *a, void *userdata);

size_t attr_length(const struct nlattr *a);
int attr_each_nested(const struct nlattr *a, AttributeHandler handler, void *userdata);
/* A list that is neither a message nor an attribute of its own (behind struct rtnexthop). */
int attr_each_in(const void *data, size_t size, AttributeHandler handler, void *userdata);

/* Everything behind the fixed header, which must be there whole. */
int attr_each_of_message(const struct nlmsghdr *nlh, size_t header, AttributeHandler handler,
                         void *userdata);

int attr_get_u8(const struct nlattr *a, uint8_t *ret);
int attr_get_bool(const struct nlattr *a, bool *ret);
int attr_get_u16(const struct nlattr *a, uint16_t *ret);
int attr_get_u32(const struct nlattr *a, uint32_t *ret);
int attr_get_ifindex(const struct nlattr *a, int *ret);

/* A string with its NUL, of less than size bytes. */
int attr_get_string(const struct nlattr *a, char *ret, size_t size);

/* The size of an address in bytes; 0 for a family that is neither IPv4 nor IPv6. */
size_t in_addr_length(unsigned family);
/* An address of exactly the family's size; what is left of the 16 bytes becomes zero. */
int attr_get_in_addr(const struct nlattr *a, unsigned family, uint8_t ret[static 16]);
/* A prefix of the length the header tells; only one of length 0 may do without the attribute (NULL). */
int attr_get_prefix(const struct nlattr *a, unsigned family, uint8_t length, uint8_t ret[static 16]);
