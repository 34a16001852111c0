/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Walks lists of netlink attributes and reads single ones, each with its size checked. Pure.
 *
 * libmnl's own iterator is not used: it rounds the end of the message up by up to three bytes, and takes a
 * broken list for its end. */

#include "decode-attr.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* A list of attributes being read. */
typedef struct Cursor {
        const uint8_t *at;
        size_t left;
} Cursor;

size_t attr_length(const struct nlattr *a) {
        return a->nla_len - MNL_ATTR_HDRLEN;
}

/* Returns 1 and the next attribute, 0 at the end, -EBADMSG. */
static int cursor_next(Cursor *c, const struct nlattr **ret) {
        const struct nlattr *a = (const struct nlattr *) c->at;
        size_t whole;

        if (c->left == 0)
                return 0;
        if (c->left < sizeof(*a) || a->nla_len < MNL_ATTR_HDRLEN || a->nla_len > c->left)
                return -EBADMSG;

        /* Padding belongs to the list, but the last attribute may go without. */
        whole = MNL_ALIGN(a->nla_len);
        if (whole > c->left)
                whole = c->left;

        c->at += whole;
        c->left -= whole;
        *ret = a;
        return 1;
}

static int attr_each(Cursor c, AttributeHandler handler, void *userdata) {
        const struct nlattr *a;
        int r;

        while ((r = cursor_next(&c, &a)) > 0) {
                r = handler(a, userdata);
                if (r < 0)
                        return r;
        }

        return r;
}

int attr_each_nested(const struct nlattr *a, AttributeHandler handler, void *userdata) {
        return attr_each((Cursor){ mnl_attr_get_payload(a), attr_length(a) }, handler, userdata);
}

int attr_each_in(const void *data, size_t size, AttributeHandler handler, void *userdata) {
        return attr_each((Cursor){ data, size }, handler, userdata);
}

/* Everything behind the fixed header, which must be there whole. */
int attr_each_of_message(const struct nlmsghdr *nlh, size_t header, AttributeHandler handler,
                         void *userdata) {
        size_t offset = MNL_NLMSG_HDRLEN + MNL_ALIGN(header);
        Cursor c;

        if (nlh->nlmsg_len < offset)
                return -EBADMSG;

        c = (Cursor){ (const uint8_t *) nlh + offset, nlh->nlmsg_len - offset };
        return attr_each(c, handler, userdata);
}

int attr_get_u8(const struct nlattr *a, uint8_t *ret) {
        if (attr_length(a) != sizeof(*ret))
                return -EBADMSG;

        *ret = mnl_attr_get_u8(a);
        return 0;
}

int attr_get_bool(const struct nlattr *a, bool *ret) {
        uint8_t v;
        int r;

        r = attr_get_u8(a, &v);
        if (r < 0)
                return r;

        *ret = v != 0;
        return 0;
}

int attr_get_u16(const struct nlattr *a, uint16_t *ret) {
        if (attr_length(a) != sizeof(*ret))
                return -EBADMSG;

        *ret = mnl_attr_get_u16(a);
        return 0;
}

int attr_get_u32(const struct nlattr *a, uint32_t *ret) {
        if (attr_length(a) != sizeof(*ret))
                return -EBADMSG;

        *ret = mnl_attr_get_u32(a);
        return 0;
}

int attr_get_ifindex(const struct nlattr *a, int *ret) {
        uint32_t v;
        int r;

        r = attr_get_u32(a, &v);
        if (r < 0)
                return r;
        if (v > INT32_MAX)
                return -EBADMSG;

        *ret = (int) v;
        return 0;
}

/* A string with its NUL, of less than size bytes. */
int attr_get_string(const struct nlattr *a, char *ret, size_t size) {
        const char *s = mnl_attr_get_payload(a);
        size_t length = strnlen(s, attr_length(a));

        if (length == attr_length(a) || length >= size)
                return -EBADMSG;

        memset(ret, 0, size);
        memcpy(ret, s, length);
        return 0;
}

size_t in_addr_length(unsigned family) {
        return family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
}

int attr_get_in_addr(const struct nlattr *a, unsigned family, uint8_t ret[static 16]) {
        size_t length = in_addr_length(family);

        if (length == 0 || attr_length(a) != length)
                return -EBADMSG;

        memset(ret, 0, 16);
        memcpy(ret, mnl_attr_get_payload(a), length);
        return 0;
}

int attr_get_prefix(const struct nlattr *a, unsigned family, uint8_t length, uint8_t ret[static 16]) {
        if (length > in_addr_length(family) * 8)
                return -EBADMSG;
        if (!a)
                return length == 0 ? 0 : -EBADMSG;

        return attr_get_in_addr(a, family, ret);
}
