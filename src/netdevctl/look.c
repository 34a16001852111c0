/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Colours, widths, and ids as names. */

#include "look.h"

#include <fnmatch.h>
#include <grp.h>
#include <inttypes.h>
#include <langinfo.h>
#include <pwd.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/escape.h"
#include "config/keys.h"
#include "config/values.h"
#include "plan/link-state.h"

#define NAME_MAX_SHOWN 64

const char *look_state_color(const char *administrative_state) {
        switch (administrative_state_from_string(administrative_state)) {
        case ADMINISTRATIVE_CONFIGURED: return "\033[0;1;32m";
        case ADMINISTRATIVE_PENDING:
        case ADMINISTRATIVE_CONFIGURING:
        case ADMINISTRATIVE_DRIFTED:
        case ADMINISTRATIVE_BLOCKED: return "\033[0;1;33m";
        case ADMINISTRATIVE_MISSING:
        case ADMINISTRATIVE_FAILED: return "\033[0;1;31m";
        case ADMINISTRATIVE_ORPHANED:
        case ADMINISTRATIVE_UNMANAGED: return "\033[0;90m";
        case _ADMINISTRATIVE_STATE_MAX:
        case _ADMINISTRATIVE_STATE_INVALID: break;
        }
        return "";
}

static bool is_utf8(void) {
        return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

const char *look_glyph(void) {
        return is_utf8() ? "●" : "*";
}

const char *look_ellipsis(void) {
        return is_utf8() ? "…" : "~";
}

size_t look_columns(const char *text) {
        size_t n = mbstowcs(NULL, text, 0);

        return n == SIZE_MAX ? strlen(text) : n;
}

void look_print_glyph(const char *color) {
        if (ctl_is_fancy(STDOUT_FILENO))
                printf("%s%s%s ", color, look_glyph(), *color ? LOOK_RESET : "");
}

unsigned look_width(void) {
        const char *columns = getenv("COLUMNS");
        struct winsize w;
        uint32_t n;

        if (columns && parse_u32(columns, &n) >= 0 && n > 0 && n < 10000)
                return n;
        return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) >= 0 && w.ws_col > 0 ? w.ws_col : 80;
}

/* The name, or the number when there is none. */
static char *user_name(int64_t uid, bool remote) {
        const struct passwd *p = remote ? NULL : getpwuid((uid_t) uid);
        char *text;

        if (p)
                return text_escape(p->pw_name, NAME_MAX_SHOWN);
        return asprintf(&text, "%" PRIi64, uid) < 0 ? NULL : text;
}

static char *group_name(int64_t gid, bool remote) {
        const struct group *g = remote ? NULL : getgrgid((gid_t) gid);
        char *text;

        if (g)
                return text_escape(g->gr_name, NAME_MAX_SHOWN);
        return asprintf(&text, "%" PRIi64, gid) < 0 ? NULL : text;
}

char *look_owner(const Status *d, bool remote) {
        _cleanup_(freep) char *user = NULL, *group = NULL;
        char *text;

        if (!d->is_tuntap)
                return strdup("-");
        if (d->owner_uid < 0 && d->group_gid < 0)
                return strdup("*");
        user = d->owner_uid < 0 ? strdup("") : user_name(d->owner_uid, remote);
        group = d->group_gid < 0 ? strdup("") : group_name(d->group_gid, remote);
        if (!user || !group || asprintf(&text, "%s%s%s", user, *group ? ":" : "", group) < 0)
                return NULL;
        return text;
}

static char *with_number(char *name, int64_t id) {
        char *text;
        int n = name ? asprintf(&text, "%s (%" PRIi64 ")", name, id) : -1;

        free(name);
        return n < 0 ? NULL : text;
}

char *look_user(int64_t uid, bool remote) {
        return with_number(user_name(uid, remote), uid);
}

char *look_group(int64_t gid, bool remote) {
        return with_number(group_name(gid, remote), gid);
}

char *look_join(char *const *list, const char *between) {
        size_t size = 1, k = strlen(between);
        char *text, *p;

        for (char *const *i = list; i && *i; i++)
                size += strlen(*i) + k;
        text = p = malloc(size);
        if (!text)
                return NULL;
        *p = 0;
        for (char *const *i = list; i && *i; i++)
                p += sprintf(p, "%s%s", i == list ? "" : between, *i);
        return text;
}

static void no_device(const Shown *s, const char *name) {
        char **names = NULL;
        const char *near;

        for (size_t i = 0; i < s->n_devices; i++)
                if (strv_append(&names, s->devices[i].name) < 0)
                        break;
        near = suggest(name, names);
        if (near)
                (void) ctl_error(0, "there is no device '%s': did you mean '%s'?", name, near);
        else
                (void) ctl_error(0, "there is no device '%s', and no file declares one", name);
        strv_free(names);
}

bool look_choose(const Shown *s, char **names, bool *chosen) {
        bool all = true;

        for (size_t i = 0; i < s->n_devices; i++)
                chosen[i] = !*names;
        for (; *names; names++) {
                bool any = false;

                for (size_t i = 0; i < s->n_devices; i++)
                        if (fnmatch(*names, s->devices[i].name, 0) == 0)
                                chosen[i] = any = true;
                if (!any)
                        no_device(s, *names);
                all = all && any;
        }
        return all;
}
