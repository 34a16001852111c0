/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Sections of a .network file that are an object each: [Address], [Route], [NextHop], [RoutingPolicyRule],
 * [Neighbor]. Each header opens a new one; a bad line in it costs the whole, since half a route is worse
 * than none. A line Address= or Gateway= of [Network] is an object of its own. Internal to config/. */

#include "config.h"
#include "keys.h"

/* What an address and a rule have besides while they are read. */
typedef struct AddressDraft {
        AddressConfig config;
        Optional detection; /* DuplicateAddressDetection=: bits, 1 IPv4, 2 IPv6 */
        Source detection_source;
} AddressDraft;

typedef struct RuleDraft {
        RuleConfig config;
        Optional family; /* Family=: AF_INET, AF_INET6, or 0 for both */
} RuleDraft;

/* Each begins with what is kept of it. */
typedef union ObjectDraft {
        AddressDraft address;
        RouteConfig route;
        NextHopConfig nexthop;
        RuleDraft rule;
        NeighborConfig neighbor;
} ObjectDraft;

typedef enum ObjectKind {
        OBJECT_ADDRESS,
        OBJECT_ROUTE,
        OBJECT_NEXTHOP,
        OBJECT_RULE,
        OBJECT_NEIGHBOR,
        _OBJECT_KIND_MAX,
} ObjectKind;

typedef struct ObjectType {
        const char *section;
        const char *plural;
        const Key *keys; /* their object is the ObjectDraft */
        size_t size;     /* of what is kept */
        size_t items;    /* where NetworkConfig has the array, */
        size_t n;        /* its length, */
        size_t source;   /* and the object its Source */
        size_t max;
        /* Looks at the whole object. Returns 1, or 0 when it is dropped, with a message. */
        int (*verify)(ObjectDraft *draft, ObjectContext *context);
        /* Frees what it owns; NULL: nothing. */
        void (*done)(void *object);
        /* 0 for two of which only one can be; NULL: any can be twice. */
        int (*compare)(const void *a, const void *b);
        const char *twice; /* what is twice then */
} ObjectType;

extern const ObjectType object_types[_OBJECT_KIND_MAX];

struct ObjectContext {
        NetworkConfig *network;
        Diagnostics *diag;
        LeftOut left_out;
        bool full[_OBJECT_KIND_MAX]; /* has been spoken of */
};

/* Verifies the draft and moves it into the network, or drops it with a message. Frees the draft in any case.
 * Returns 0 or -ENOMEM. */
int object_finish(ObjectContext *context, ObjectKind kind, ObjectDraft *draft);

/* Of objects that are given twice drops the earlier, as networkd does. Returns 0 or -ENOMEM. */
int objects_drop_duplicates(ObjectContext *context);

/* Drops all of a kind. */
void objects_clear(NetworkConfig *n, ObjectKind kind);

/* Speaks of an object that is dropped: "TEXT; the section is ignored", or the line. Returns 0. */
int object_refuse(const ObjectContext *context, const Source *source, const char *hint, const char *format,
                  ...) _printf_(4, 5);

/* Reads "ADDRESS/LENGTH". The family must be that one, when it is not 0 (because `other` has it). Without
 * a length it is the whole address, and has_length (may be NULL) is false. Returns 1, or 0 when refused. */
int object_prefix(const Assignment *a, int family, const char *other, InAddr *ret, uint8_t *ret_length,
                  bool *ret_has_length);
/* The same for a plain address. */
int object_address(const Assignment *a, int family, const char *other, InAddr *ret);

/* Words of Scope=. */
extern const KeyWord scope_words[];

int address_verify(ObjectDraft *draft, ObjectContext *context);
int address_config_compare(const void *a, const void *b);
int route_verify(ObjectDraft *draft, ObjectContext *context);
void route_config_done(void *object);
int nexthop_verify(ObjectDraft *draft, ObjectContext *context);
void nexthop_config_done(void *object);
int nexthop_config_compare(const void *a, const void *b);
int rule_verify(ObjectDraft *draft, ObjectContext *context);
int neighbor_verify(ObjectDraft *draft, ObjectContext *context);
int neighbor_config_compare(const void *a, const void *b);

/* Gateways of a file without any static address are taken to be on the link, with a warning. */
void routes_set_on_link(ObjectContext *context);
void nexthops_set_on_link(ObjectContext *context);

/* Address= and Gateway= of [Network]. */
int address_parse_line(const Assignment *a, void *field, void *object);
int route_parse_line(const Assignment *a, void *field, void *object);

/* config-check.c: what only means something together, once the whole file is read. */
int network_check(ObjectContext *context);
