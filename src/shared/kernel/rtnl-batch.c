/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Many requests in one datagram, and their acks, which carry what the kernel says of each: collected by
 * sequence number, whatever their order. */

#include <assert.h>
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#include "rtnl-private.h"

struct RtnlBatch {
        size_t n;
        size_t used;
        _Alignas(struct nlmsghdr) uint8_t buffer[RTNL_BATCH_MAX * RTNL_MESSAGE_MAX];
};

RtnlBatch *rtnl_batch_new(void) {
        RtnlBatch *b;

        b = malloc(sizeof(*b)); /* not zeroed: rtnl_batch_begin() does, message by message */
        if (!b)
                return NULL;

        b->n = b->used = 0;
        return b;
}

RtnlBatch *rtnl_batch_free(RtnlBatch *b) {
        free(b);
        return NULL;
}

struct nlmsghdr *rtnl_batch_begin(RtnlBatch *b) {
        assert(b);

        if (b->n >= RTNL_BATCH_MAX)
                return NULL;

        return memset(b->buffer + b->used, 0, RTNL_MESSAGE_MAX);
}

void rtnl_batch_end(RtnlBatch *b) {
        struct nlmsghdr *nlh;

        assert(b);
        assert(b->n < RTNL_BATCH_MAX);

        nlh = (struct nlmsghdr *) (b->buffer + b->used);
        assert(nlh->nlmsg_len >= MNL_NLMSG_HDRLEN && nlh->nlmsg_len <= RTNL_MESSAGE_MAX);

        b->used += MNL_ALIGN(nlh->nlmsg_len);
        b->n++;
}

size_t rtnl_batch_length(const RtnlBatch *b) {
        assert(b);

        return b->n;
}

/* The acks of a batch, as they come in. */
typedef struct Acks {
        uint32_t first; /* sequence number of results[0] */
        size_t missing;
        RtnlResult *results;
        bool seen[RTNL_BATCH_MAX];
} Acks;

/* Where the attributes of an ack begin: behind the copy of the request, which the kernel shortens to its
 * header for successes and, asked to (NLM_F_CAPPED), for errors. */
static size_t ack_attributes_offset(const struct nlmsghdr *nlh, const struct nlmsgerr *err) {
        size_t offset = sizeof(*err);

        if (!(nlh->nlmsg_flags & NLM_F_CAPPED) && err->error != 0 && err->msg.nlmsg_len > sizeof(err->msg))
                offset += MNL_ALIGN((size_t) err->msg.nlmsg_len - sizeof(err->msg));

        return offset;
}

/* The extended-ack text, or NULL: it is only an explanation, so what is malformed is left out, and memory
 * running out too. */
static char *ack_text(const struct nlmsghdr *nlh) {
        const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
        size_t size = mnl_nlmsg_get_payload_len(nlh), offset;
        const struct nlattr *a;

        if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) || size < sizeof(*err))
                return NULL;

        for (offset = ack_attributes_offset(nlh, err); offset + sizeof(*a) <= size;
             offset += MNL_ALIGN(a->nla_len)) {
                a = (const struct nlattr *) ((const uint8_t *) err + offset);
                if (a->nla_len < sizeof(*a) || a->nla_len > size - offset)
                        return NULL;
                if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG)
                        return strndup(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
        }

        return NULL;
}

static bool on_ack(const struct nlmsghdr *nlh, void *userdata) {
        Acks *acks = userdata;
        size_t i = nlh->nlmsg_seq - acks->first;

        if (nlh->nlmsg_type != NLMSG_ERROR || acks->seen[i])
                return false;

        acks->seen[i] = true;
        acks->results[i] = (RtnlResult){ .error = rtnl_message_error(nlh), .text = ack_text(nlh) };
        return --acks->missing == 0;
}

static int read_acks(Rtnl *rtnl, size_t n, Acks *acks) {
        int flags = 0, r;

        do {
                r = rtnl_visit_datagram(rtnl, flags, acks->first, n, on_ack, acks);
                if (r == -ENOBUFS) {
                        flags = MSG_DONTWAIT; /* some are lost: take what is there, and wait no more */
                        r = 0;
                }
        } while (r == 0);

        return r == -EAGAIN || r > 0 ? 0 : r;
}

/* Numbers the messages and has each acknowledged. */
static void number_messages(RtnlBatch *b, uint32_t seq) {
        struct nlmsghdr *nlh = (struct nlmsghdr *) b->buffer;
        int left = (int) b->used;

        for (size_t i = 0; i < b->n; i++, nlh = mnl_nlmsg_next(nlh, &left)) {
                nlh->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
                nlh->nlmsg_seq = seq + (uint32_t) i;
        }
}

int rtnl_batch_send(Rtnl *rtnl, RtnlBatch *b, RtnlResult *results) {
        Acks acks = { .results = results };
        size_t n, used;
        int r;

        assert(rtnl);
        assert(b);
        assert(b->n == 0 || results);

        n = acks.missing = b->n;
        used = b->used;
        acks.first = rtnl->seq;
        if (n == 0)
                return 0;

        number_messages(b, acks.first);
        rtnl->seq += (uint32_t) n;
        b->n = b->used = 0;

        for (size_t i = 0; i < n; i++)
                results[i] = (RtnlResult){ .error = -ENOBUFS };

        r = rtnl_send(rtnl, b->buffer, used);
        if (r >= 0)
                r = read_acks(rtnl, n, &acks);
        if (r >= 0)
                return 0;

        for (size_t i = 0; i < n; i++) {
                free(results[i].text);
                results[i].text = NULL;
        }
        return r;
}

int rtnl_batch_send_one(Rtnl *rtnl, RtnlBatch *b, char **ret_text) {
        RtnlResult result = {};
        int r;

        rtnl_batch_end(b);
        assert(b->n == 1);

        r = rtnl_batch_send(rtnl, b, &result);
        if (r < 0)
                return r;

        if (ret_text)
                *ret_text = result.text;
        else
                free(result.text);
        return result.error;
}
