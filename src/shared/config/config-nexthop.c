/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* [NextHop]. */

#include <string.h>

#include "config-file.h"
#include "config-objects.h"

static int parse_gateway(const Assignment *a, void *field, void *object _unused_) {
        if (!*a->value) {
                *(InAddr *) field = (InAddr){};
                return 1;
        }
        return object_address(a, 0, NULL, field);
}

static const KeyWord family_words[] = {
        { "ipv4", AF_INET },
        { "ipv6", AF_INET6 },
        {},
};

static int parse_family(const Assignment *a, void *field, void *object) {
        const NextHopConfig *c = object;
        int64_t v = 0;

        if (!*a->value && c->gateway.family)
                return key_refuse(a, "remove the line", "Family= cannot be reset beside Gateway=");
        if (*a->value && key_word(a->key, a->value, &v) < 0)
                return key_refuse_word(a);

        *(int *) field = (int) v;
        return 1;
}

/* "ID[:WEIGHT]" */
static int read_member(const char *word, NextHopMember *ret) {
        const char *colon = strchrnul(word, ':');
        size_t n = (size_t) (colon - word);
        NextHopMember m = { .weight = 1 };
        char id[32] = "";

        if (n >= sizeof(id))
                return -EINVAL;
        memcpy(id, word, n);

        if (parse_u32(id, &m.id) < 0 || m.id == 0)
                return -EINVAL;
        if (*colon && (parse_u32(colon + 1, &m.weight) < 0 || m.weight < 1 || m.weight > 256))
                return -EINVAL;

        *ret = m;
        return 0;
}

/* A bad word costs itself only. */
static int add_member(const Assignment *a, NextHopConfig *c, const char *word) {
        NextHopMember m;
        int r;

        if (read_member(word, &m) < 0)
                return diag_add(a->diag, SEVERITY_WARNING, &a->source,
                                "write ids as 1 or 1:10, with a weight from 1 to 256",
                                "'%s' in Group= is no id of a next hop; the word is ignored", word);
        for (size_t i = 0; i < c->n_group; i++)
                if (c->group[i].id == m.id)
                        return diag_add(a->diag, SEVERITY_WARNING, &a->source, "write each id once",
                                        "id %u is in Group= twice; the later word is ignored", m.id);
        if (c->n_group >= CONFIG_GROUP_MAX)
                return diag_add(a->diag, SEVERITY_WARNING, &a->source, "use fewer members",
                                "more than %d ids in Group=; '%s' is ignored", CONFIG_GROUP_MAX, word);

        r = ARRAY_RESERVE_ONE(c->group, c->n_group);
        if (r < 0)
                return r;
        c->group[c->n_group++] = m;
        return 0;
}

static int parse_group(const Assignment *a, void *field _unused_, void *object) {
        _cleanup_(strv_freep) char **words = NULL;
        NextHopConfig *c = object;
        int r;

        if (!*a->value) {
                nexthop_config_done(c);
                return 1;
        }

        r = split_words(a->value, &words);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return key_refuse(a, "remove the backslash at the end", "Group= '%s' ends in a backslash",
                                  a->value);

        for (char **w = words; w && *w && r >= 0; w++)
                r = add_member(a, c, *w);
        return r < 0 ? r : 1;
}

#define FIELD(member) offsetof(NextHopConfig, member), -1

const Key nexthop_keys[] = {
        { "NextHop", "Id", key_parse_u32, FIELD(id), KEY_EMPTY_RESETS, .min = 1, .max = UINT32_MAX },
        { "NextHop", "Gateway", parse_gateway, FIELD(gateway) },
        { "NextHop", "Family", parse_family, FIELD(family), KEY_EMPTY_RESETS, .words = family_words },
        { "NextHop", "OnLink", key_parse_optional_bool, FIELD(on_link), KEY_EMPTY_RESETS },
        { "NextHop", "Blackhole", key_parse_bool, FIELD(blackhole) },
        { "NextHop", "Group", parse_group, FIELD(group), KEY_LINE_ONLY },
        {},
};

void nexthop_config_done(void *object) {
        NextHopConfig *c = object;

        free(c->group);
        c->group = NULL;
        c->n_group = 0;
}

static const char *conflict(const NextHopConfig *c) {
        if (c->family && c->gateway.family && c->family != c->gateway.family)
                return "Family= and Gateway= are of different families";
        if (c->blackhole && c->gateway.family)
                return "Blackhole=yes and Gateway= exclude each other";
        if (c->n_group > 0 && c->gateway.family)
                return "Group= and Gateway= exclude each other";
        if (c->n_group > 0 && c->family)
                return "Group= and Family= exclude each other";
        if (c->n_group > 0 && c->blackhole)
                return "Group= and Blackhole=yes exclude each other";
        if (c->on_link.value && c->blackhole)
                return "OnLink=yes and Blackhole=yes exclude each other";
        return NULL;
}

int nexthop_verify(ObjectDraft *draft, ObjectContext *context) {
        NextHopConfig *c = &draft->nexthop;
        const char *what;

        /* 0.0.0.0 or ::, "on the device itself": only the family counts. */
        if (c->gateway.family && in_addr_is_null(&c->gateway)) {
                if (!c->family)
                        c->family = c->gateway.family;
                if (c->family == c->gateway.family)
                        c->gateway = (InAddr){};
        }

        what = conflict(c);
        if (what)
                return object_refuse(context, &c->source, "remove one of the two", "%s", what);

        if (c->on_link.value && !c->gateway.family)
                return object_refuse(context, &c->source, "write Gateway=, or remove OnLink=",
                                     "OnLink=yes is for a Gateway=, and there is none");

        /* A group has the families of its members. */
        if (!c->family && c->n_group == 0)
                c->family = c->gateway.family ?: AF_INET;
        return 1;
}

/* Those without an id are never the same. */
int nexthop_config_compare(const void *a, const void *b) {
        const NextHopConfig *x = a, *y = b;

        if (x->id != y->id)
                return x->id < y->id ? -1 : 1;
        return x->id > 0 ? 0 : (x > y) - (x < y);
}

void nexthops_set_on_link(ObjectContext *context) {
        NetworkConfig *n = context->network;

        if (n->n_addresses > 0)
                return;

        for (size_t i = 0; i < n->n_nexthops; i++) {
                NextHopConfig *c = n->nexthops + i;

                if (!c->gateway.family || c->on_link.set)
                        continue;
                c->on_link = (Optional){ true, 1 };
                (void) diag_add(context->diag, SEVERITY_WARNING, &c->source, "write OnLink=yes",
                                "the file has a Gateway= but no static address; the gateway is taken to be "
                                "on the link");
        }
}
