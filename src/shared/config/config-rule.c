/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* [RoutingPolicyRule]. */

#include <errno.h>
#include <linux/fib_rules.h>
#include <pwd.h>
#include <string.h>

#include "config-file.h"
#include "config-objects.h"

static int parse_from(const Assignment *a, void *field _unused_, void *object) {
        RuleConfig *c = object;

        if (object_prefix(a, c->to.family, "To", &c->from, &c->from_length, NULL) == 0)
                return 0;
        in_addr_mask(&c->from, c->from_length);
        return 1;
}

static int parse_to(const Assignment *a, void *field _unused_, void *object) {
        RuleConfig *c = object;

        if (object_prefix(a, c->from.family, "From", &c->to, &c->to_length, NULL) == 0)
                return 0;
        in_addr_mask(&c->to, c->to_length);
        return 1;
}

static int parse_table(const Assignment *a, void *field, void *object _unused_) {
        return key_parse_table(a, field);
}

/* "MARK[/MASK]" */
static int parse_mark(const Assignment *a, void *field _unused_, void *object) {
        RuleConfig *c = object;
        const char *slash = strchr(a->value, '/');
        char text[32] = "";
        uint32_t mark, mask;

        if ((slash ? (size_t) (slash - a->value) : strlen(a->value)) < sizeof(text))
                memcpy(text, a->value, slash ? (size_t) (slash - a->value) : strlen(a->value));
        if (parse_u32(text, &mark) < 0 || (slash && parse_u32(slash + 1, &mask) < 0))
                return key_refuse(a, "write it like 7 or 0x10/0xff", "FirewallMark= '%s' is no mark",
                                  a->value);
        key_warn_octal(a, text, mark);

        c->fwmark = mark;
        c->fwmask = slash ? mask : mark > 0 ? UINT32_MAX : 0;
        return 1;
}

static int parse_ports(const Assignment *a, void *field, void *object _unused_) {
        if (parse_u16_range(a->value, 1, UINT16_MAX, field) < 0)
                return key_refuse(a, "write it like 80 or 1024-2047",
                                  "%s= '%s' is no port or range of ports", a->source.key, a->value);
        return 1;
}

static int parse_protocol(const Assignment *a, void *field, void *object _unused_) {
        if (parse_ip_protocol(a->value, field) < 0)
                return key_refuse(a, "use a name like tcp, udp or icmpv6, or a number up to 255",
                                  "IPProtocol= '%s' is no protocol", a->value);
        key_warn_octal(a, a->value, *(uint8_t *) field);
        return 1;
}

/* "UID" or "UID-UID"; UINT32_MAX is nobody's. */
static int read_uids(const char *s, uint32_t ret[static 2]) {
        const char *dash = strchr(s, '-');
        size_t n = dash ? (size_t) (dash - s) : strlen(s);
        char first[16] = "";
        uint32_t a, b;

        if (n == 0 || n >= sizeof(first))
                return -EINVAL;
        memcpy(first, s, n);
        if (parse_u32(first, &a) < 0 || parse_u32(dash ? dash + 1 : first, &b) < 0)
                return -EINVAL;
        if (a > b || b == UINT32_MAX)
                return -ERANGE;

        ret[0] = a;
        ret[1] = b;
        return 0;
}

/* A rule has no other place for a name, so it is looked up here, as networkd does it. */
static int look_up(const char *name, uint32_t ret[static 2]) {
        const struct passwd *p = string_is_safe(name) ? getpwnam(name) : NULL;

        if (!p)
                return -ESRCH;
        ret[0] = ret[1] = p->pw_uid;
        return 0;
}

static int parse_user(const Assignment *a, void *field, void *object) {
        RuleConfig *c = object;
        bool numeric = a->value[strspn(a->value, "0123456789-")] == '\0';

        if ((numeric ? read_uids(a->value, field) : look_up(a->value, field)) < 0)
                return key_refuse(a, "write a user, a uid, or two uids like 1000-1999", "User= '%s' is %s",
                                  a->value,
                                  numeric ? "no uid or range of uids" : "no user that is known here");
        c->has_uids = true;
        return 1;
}

/* To leave it out would make it another rule. */
static int parse_goto(const Assignment *a, void *field _unused_, void *object _unused_) {
        return key_refuse(a, "write Table= or Type=", "GoTo= is not implemented");
}

static const KeyWord family_words[] = {
        { "ipv4", AF_INET },
        { "ipv6", AF_INET6 },
        { "both", 0 },
        {},
};

static const KeyWord type_words[] = {
        { "blackhole", FR_ACT_BLACKHOLE },
        { "unreachable", FR_ACT_UNREACHABLE },
        { "prohibit", FR_ACT_PROHIBIT },
        {},
};

#define FIELD(member) offsetof(RuleConfig, member), -1

const Key rule_keys[] = {
        { "RoutingPolicyRule", "From", parse_from, FIELD(from) },
        { "RoutingPolicyRule", "To", parse_to, FIELD(to) },
        { "RoutingPolicyRule", "Table", parse_table, FIELD(table) },
        { "RoutingPolicyRule", "Priority", key_parse_optional_number, FIELD(priority), KEY_EMPTY_RESETS,
          .max = UINT32_MAX },
        { "RoutingPolicyRule", "Family", key_parse_optional_word, offsetof(RuleDraft, family), -1,
          .words = family_words },
        { "RoutingPolicyRule", "FirewallMark", parse_mark, FIELD(fwmark) },
        { "RoutingPolicyRule", "TypeOfService", key_parse_u8, FIELD(tos), .max = UINT8_MAX },
        { "RoutingPolicyRule", "IncomingInterface", key_parse_ifname_field, FIELD(incoming) },
        { "RoutingPolicyRule", "OutgoingInterface", key_parse_ifname_field, FIELD(outgoing) },
        { "RoutingPolicyRule", "SourcePort", parse_ports, FIELD(source_port) },
        { "RoutingPolicyRule", "DestinationPort", parse_ports, FIELD(destination_port) },
        { "RoutingPolicyRule", "IPProtocol", parse_protocol, FIELD(ip_protocol) },
        { "RoutingPolicyRule", "InvertRule", key_parse_bool, FIELD(invert) },
        { "RoutingPolicyRule", "User", parse_user, FIELD(uids) },
        { "RoutingPolicyRule", "SuppressPrefixLength", key_parse_optional_number, FIELD(suppress_prefixlen),
          .max = 128 },
        { "RoutingPolicyRule", "SuppressInterfaceGroup", key_parse_optional_number, FIELD(suppress_group),
          .max = INT32_MAX },
        { "RoutingPolicyRule", "Type", key_parse_u8_word, FIELD(action), .words = type_words },
        { "RoutingPolicyRule", "L3MasterDevice", key_parse_bool, FIELD(l3mdev) },
        { "RoutingPolicyRule", "GoTo", parse_goto, 0, -1 },
        {},
};

int rule_verify(ObjectDraft *draft, ObjectContext *context) {
        RuleConfig *c = &draft->rule.config;
        const Optional *family = &draft->rule.family;
        int given = c->from.family ?: c->to.family;

        if (given && family->set && family->value != given)
                return object_refuse(context, &c->source, "give one family, or leave Family= out",
                                     "Family= is not that of From= and To=");
        if (c->l3mdev && c->table > 0)
                return object_refuse(context, &c->source, "remove one of the two",
                                     "L3MasterDevice=yes and Table= exclude each other");

        c->family = given ?: family->set ? (int) family->value : AF_INET;

        /* "Everything" is the same as no prefix at all. */
        if (c->from_length == 0)
                c->from = (InAddr){};
        if (c->to_length == 0)
                c->to = (InAddr){};
        return 1;
}
