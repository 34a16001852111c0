/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What [Address], [Route] and their likes have in common: from a draft into the list of the network, at most
 * so many of each, each only once. */

#include "config-objects.h"

#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <string.h>

#include "config-file.h"

#define ARRAY(member) .items = offsetof(NetworkConfig, member), .n = offsetof(NetworkConfig, n_##member)

const ObjectType object_types[_OBJECT_KIND_MAX] = {
        [OBJECT_ADDRESS] = { .section = "Address",
                             .plural = "addresses",
                             .keys = address_keys,
                             .size = sizeof(AddressConfig),
                             ARRAY(addresses),
                             .source = offsetof(AddressConfig, source),
                             .max = CONFIG_ADDRESSES_MAX,
                             .verify = address_verify,
                             .compare = address_config_compare,
                             .twice = "the address" },
        [OBJECT_ROUTE] = { .section = "Route",
                           .plural = "routes",
                           .keys = route_keys,
                           .size = sizeof(RouteConfig),
                           ARRAY(routes),
                           .source = offsetof(RouteConfig, source),
                           .max = CONFIG_ROUTES_MAX,
                           .verify = route_verify,
                           .done = route_config_done },
        [OBJECT_NEXTHOP] = { .section = "NextHop",
                             .plural = "next hops",
                             .keys = nexthop_keys,
                             .size = sizeof(NextHopConfig),
                             ARRAY(nexthops),
                             .source = offsetof(NextHopConfig, source),
                             .max = CONFIG_ROUTES_MAX,
                             .verify = nexthop_verify,
                             .done = nexthop_config_done,
                             .compare = nexthop_config_compare,
                             .twice = "the next hop Id" },
        [OBJECT_RULE] = { .section = "RoutingPolicyRule",
                          .plural = "rules",
                          .keys = rule_keys,
                          .size = sizeof(RuleConfig),
                          ARRAY(rules),
                          .source = offsetof(RuleConfig, source),
                          .max = CONFIG_ROUTES_MAX,
                          .verify = rule_verify },
        [OBJECT_NEIGHBOR] = { .section = "Neighbor",
                              .plural = "neighbours",
                              .keys = neighbor_keys,
                              .size = sizeof(NeighborConfig),
                              ARRAY(neighbors),
                              .source = offsetof(NeighborConfig, source),
                              .max = CONFIG_ROUTES_MAX,
                              .verify = neighbor_verify,
                              .compare = neighbor_config_compare,
                              .twice = "the neighbour" },
};

const KeyWord scope_words[] = {
        { "global", RT_SCOPE_UNIVERSE }, { "site", RT_SCOPE_SITE },       { "link", RT_SCOPE_LINK },
        { "host", RT_SCOPE_HOST },       { "nowhere", RT_SCOPE_NOWHERE }, {},
};

static void **items_of(NetworkConfig *n, const ObjectType *type) {
        return (void **) ((char *) n + type->items);
}

static size_t *n_of(NetworkConfig *n, const ObjectType *type) {
        return (size_t *) ((char *) n + type->n);
}

static const Source *source_of(const ObjectType *type, const void *object) {
        return (const Source *) ((const char *) object + type->source);
}

static void done(const ObjectType *type, void *object) {
        if (type->done)
                type->done(object);
}

static const char *unit(const Source *source) {
        return source->key ? "line" : "section";
}

int object_refuse(const ObjectContext *context, const Source *source, const char *hint, const char *format,
                  ...) {
        _cleanup_(freep) char *text = NULL;
        va_list ap;
        int n;

        va_start(ap, format);
        n = vasprintf(&text, format, ap);
        va_end(ap);
        if (n < 0) {
                text = NULL;
                context->diag->dropped++;
                return 0;
        }

        return diag_add(context->diag, SEVERITY_WARNING, source, hint, "%s; the %s is ignored", text,
                        unit(source));
}

static int append(ObjectContext *context, ObjectKind kind, ObjectDraft *draft) {
        const ObjectType *type = object_types + kind;
        void **items = items_of(context->network, type);
        size_t *n = n_of(context->network, type);
        int r;

        if (*n >= type->max) {
                if (!context->full[kind])
                        (void) object_refuse(context, source_of(type, draft),
                                             "spread them over several links", "more than %zu %s", type->max,
                                             type->plural);
                context->full[kind] = true;
                return 0;
        }

        r = array_reserve_one(items, *n, type->size);
        if (r < 0)
                return r;

        memcpy((char *) *items + *n * type->size, draft, type->size);
        (*n)++;
        return 1;
}

int object_finish(ObjectContext *context, ObjectKind kind, ObjectDraft *draft) {
        int r;

        r = object_types[kind].verify(draft, context);
        if (r > 0)
                r = append(context, kind, draft);
        if (r <= 0)
                done(object_types + kind, draft);

        *draft = (ObjectDraft){};
        return r < 0 ? r : 0;
}

void objects_clear(NetworkConfig *n, ObjectKind kind) {
        const ObjectType *type = object_types + kind;
        void **items = items_of(n, type);

        for (size_t i = 0; i < *n_of(n, type); i++)
                done(type, (char *) *items + i * type->size);
        free(*items);
        *items = NULL;
        *n_of(n, type) = 0;
}

/* qsort() hands the comparison nothing of ours, so the pointers carry it along. */
typedef struct Place {
        const ObjectType *type;
        char *object;
} Place;

static int compare_places(const void *a, const void *b) {
        const Place *x = a, *y = b;
        int r = x->type->compare(x->object, y->object);

        return r != 0 ? r : (x->object > y->object) - (x->object < y->object);
}

static void report_twice(ObjectContext *context, const Place *earlier, const Place *later) {
        const Source *first = source_of(later->type, earlier->object);

        (void) diag_add(context->diag, SEVERITY_WARNING, source_of(later->type, later->object),
                        first->key ? "remove one of the two lines" : "remove one of the two sections",
                        "%s is given twice; the earlier %s is ignored", later->type->twice, unit(first));
}

static int drop_duplicates(ObjectContext *context, const ObjectType *type) {
        size_t *n = n_of(context->network, type), kept = 0;
        char *items = *items_of(context->network, type);
        _cleanup_(freep) Place *places = NULL;
        _cleanup_(freep) bool *dropped = NULL;

        if (*n < 2 || !type->compare)
                return 0;

        places = calloc(*n, sizeof(Place));
        dropped = calloc(*n, sizeof(bool));
        if (!places || !dropped)
                return -ENOMEM;

        for (size_t i = 0; i < *n; i++)
                places[i] = (Place){ type, items + i * type->size };
        qsort(places, *n, sizeof(Place), compare_places);

        for (size_t i = 1; i < *n; i++)
                if (type->compare(places[i - 1].object, places[i].object) == 0) {
                        report_twice(context, places + i - 1, places + i);
                        dropped[(size_t) (places[i - 1].object - items) / type->size] = true;
                }

        for (size_t i = 0; i < *n; i++) {
                if (dropped[i])
                        done(type, items + i * type->size);
                else
                        memmove(items + kept++ * type->size, items + i * type->size, type->size);
        }
        *n = kept;
        return 0;
}

int objects_drop_duplicates(ObjectContext *context) {
        int r = 0;

        for (ObjectKind kind = 0; r >= 0 && kind < _OBJECT_KIND_MAX; kind++)
                r = drop_duplicates(context, object_types + kind);
        return r;
}

static int wrong_family(const Assignment *a, int family, const char *other) {
        return key_refuse(a, "give both of one family", "%s= '%s' is no IPv%d address, as %s= is",
                          a->source.key, a->value, family == AF_INET ? 4 : 6, other);
}

int object_prefix(const Assignment *a, int family, const char *other, InAddr *ret, uint8_t *ret_length,
                  bool *ret_has_length) {
        const char *slash = strchr(a->value, '/');
        uint8_t length;
        InAddr address;

        if (parse_in_addr_prefix(a->value, &address, &length, ret_has_length) < 0)
                return key_refuse(a, "write it like 192.0.2.1/24 or 2001:db8::1/64",
                                  "%s= '%s' is no address with prefix length", a->source.key, a->value);
        if (family && address.family != family)
                return wrong_family(a, family, other);
        if (slash && number_is_octal_surprise(slash + 1))
                (void) diag_add(a->diag, SEVERITY_WARNING, &a->source,
                                "write the length without a leading 0",
                                "the prefix length in %s= '%s' is octal, as in systemd: /%u is used",
                                a->source.key, a->value, length);

        *ret = address;
        *ret_length = length;
        return 1;
}

int object_address(const Assignment *a, int family, const char *other, InAddr *ret) {
        InAddr address;

        if (parse_in_addr(a->value, &address) < 0)
                return key_refuse(a, "write it like 192.0.2.1 or 2001:db8::1", "%s= '%s' is no IP address",
                                  a->source.key, a->value);
        if (family && address.family != family)
                return wrong_family(a, family, other);

        *ret = address;
        return 1;
}
