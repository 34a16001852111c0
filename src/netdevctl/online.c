/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A device counts once it is configured; how far it has to be then, its file or the command line says. Who
 * waits to attach does not wait for a carrier, which only comes with the program behind the device. */

#include "online.h"

#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdarg.h>
#include <string.h>

#include "config/values.h"

int online_user_find(const char *name, OnlineUser *ret) {
        OnlineUser u = { .name = name };
        const struct passwd *pw;
        uint32_t uid;

        errno = 0;
        pw = getpwnam(name);
        if (!pw && parse_u32(name, &uid) >= 0 && uid != UINT32_MAX) {
                pw = getpwuid(uid);
                u.uid = uid;
                if (!pw) { /* of no groups, then */
                        *ret = u;
                        return 0;
                }
        }
        if (!pw)
                return errno == 0 || errno == ENOENT ? -ESRCH : -errno;

        u.uid = pw->pw_uid;
        (void) getgrouplist(pw->pw_name, pw->pw_gid, NULL, &u.n_groups);
        u.groups = calloc((size_t) u.n_groups + 1, sizeof(gid_t));
        if (!u.groups)
                return -ENOMEM;
        if (getgrouplist(pw->pw_name, pw->pw_gid, u.groups, &u.n_groups) < 0) {
                online_user_done(&u);
                return -EAGAIN; /* it was changed meanwhile */
        }
        *ret = u;
        return 0;
}

void online_user_done(OnlineUser *u) {
        free(u->groups);
        *u = (OnlineUser){};
}

static const char *get_string(struct json_object *device, const char *property) {
        const char *s = json_object_get_string(json_object_object_get(device, property));

        return s ?: "";
}

/* -1 without one. */
static int64_t get_id(struct json_object *device, const char *property) {
        struct json_object *value;

        return json_object_object_get_ex(device, property, &value) ? json_object_get_int64(value) : -1;
}

static bool is_one_of(const OnlineUser *u, gid_t gid) {
        for (int i = 0; i < u->n_groups; i++)
                if (u->groups[i] == gid)
                        return true;
        return false;
}

static _printf_(2, 3) void say(char **ret, const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        if (vasprintf(ret, format, ap) < 0)
                *ret = NULL;
        va_end(ap);
}

/* The kernel's rule: with both an owner and a group, both have to fit. */
static bool may_attach(struct json_object *device, const OnlineUser *u, char **ret_missing) {
        int64_t owner = get_id(device, "OwnerUID"), group = get_id(device, "GroupGID");

        if (!json_object_object_get_ex(device, "OwnerUID", NULL)) {
                say(ret_missing, "it is no TUN/TAP device");
                return false;
        }
        if (u->uid == 0)
                return true;
        if (owner >= 0 && u->uid != (uid_t) owner)
                say(ret_missing, "it belongs to user %" PRIi64 ", so that %s may not attach", owner,
                    u->name);
        else if (group >= 0 && !is_one_of(u, (gid_t) group))
                say(ret_missing, "it belongs to group %" PRIi64 ", in which %s is not", group, u->name);
        else
                return true;
        return false;
}

static bool is_in_range(struct json_object *device, OperationalState min, OperationalState max,
                        char **ret_missing) {
        const char *word = get_string(device, "OperationalState");
        OperationalState state = operational_state_from_string(word);

        if ((int) state >= 0 && state >= min && state <= max)
                return true;
        if (min == max)
                say(ret_missing, "its operational state is %s, not %s", word,
                    operational_state_to_string(min));
        else
                say(ret_missing, "its operational state is %s, not from %s to %s", word,
                    operational_state_to_string(min), operational_state_to_string(max));
        return false;
}

static bool has_file(struct json_object *device) {
        struct json_object *files = json_object_object_get(device, "NetworkFiles");

        return files && json_object_array_length(files) > 0;
}

/* Without a .network file, and with a daemon that does not say what it asks for: networkd's default. */
static bool is_online(struct json_object *device, char **ret_missing) {
        struct json_object *satisfied;

        if (!has_file(device) || !json_object_object_get_ex(device, "OnlineSatisfied", &satisfied))
                return is_in_range(device, OPERATIONAL_DEGRADED, OPERATIONAL_ROUTABLE, ret_missing);
        if (json_object_get_boolean(satisfied))
                return true;
        say(ret_missing,
            "its operational state is %s, its addresses are %s; RequiredForOnline= asks for more",
            get_string(device, "OperationalState"), get_string(device, "AddressState"));
        return false;
}

static bool is_required(struct json_object *device) {
        struct json_object *required;

        if (json_object_object_get_ex(device, "RequiredForOnline", &required))
                return json_object_get_boolean(required);
        return has_file(device);
}

static void say_state(struct json_object *device, char **ret_missing) {
        struct json_object *error = json_object_object_get(device, "LastError");
        const char *state = get_string(device, "AdministrativeState");
        const char *text = error ? get_string(error, "Text") : "";

        say(ret_missing, "it is %s%s%s", *state ? state : "pending", *text ? ": " : "", text);
}

static OnlineVerdict judge_named(struct json_object *device, const OnlineRule *rule, char **ret_missing) {
        static const char *const settled[] = { "configured", "drifted", "unmanaged", "orphaned" };
        bool has_range = (int) rule->min >= 0, ok = false;

        if (has_range && rule->min == OPERATIONAL_MISSING &&
            (!device || json_object_get_int(json_object_object_get(device, "InterfaceIndex")) == 0))
                return ONLINE_YES;
        if (!device) {
                say(ret_missing, "there is no such device, and no file declares it");
                return ONLINE_BUSY;
        }

        for (size_t i = 0; i < ELEMENTSOF(settled); i++)
                ok = ok || strcmp(get_string(device, "AdministrativeState"), settled[i]) == 0;
        if (!ok) {
                say_state(device, ret_missing);
                return ONLINE_BUSY;
        }
        if (rule->user)
                ok = may_attach(device, rule->user, ret_missing);
        if (ok && has_range)
                ok = is_in_range(device, rule->min, rule->max, ret_missing);
        else if (ok && !rule->user)
                ok = is_online(device, ret_missing);
        return ok ? ONLINE_YES : ONLINE_BUSY;
}

static OnlineVerdict judge_all(struct json_object *device, char **ret_missing) {
        const char *state = get_string(device, "AdministrativeState");
        bool unknown = !*state || strcmp(state, "pending") == 0;

        if (strcmp(state, "unmanaged") == 0 || strcmp(state, "orphaned") == 0 ||
            (!unknown && !is_required(device)))
                return ONLINE_IGNORED;
        if (strcmp(state, "configured") != 0 && strcmp(state, "drifted") != 0) {
                say_state(device, ret_missing);
                return ONLINE_BUSY;
        }
        return is_online(device, ret_missing) ? ONLINE_YES : ONLINE_SHORT;
}

OnlineVerdict online_judge(struct json_object *device, const OnlineRule *rule, char **ret_missing) {
        *ret_missing = NULL;
        return rule->named ? judge_named(device, rule, ret_missing) : judge_all(device, ret_missing);
}
