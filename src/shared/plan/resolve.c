/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* getpwnam(3), getgrnam(3) and a map of what they said. Synchronous, and so only ever called while loading
 * files. */

#include "resolve.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "base/hash.h"

typedef struct Answer {
        char *name;
        int64_t id;
        int error;
        UT_hash_handle hh;
} Answer;

struct ResolveCache {
        Answer *users, *groups;
};

static Answer *free_answer(Answer *a) {
        free(a->name);
        free(a);
        return NULL;
}

static void free_answers(Answer *answers) {
        Answer *a, *next;

        HASH_ITER(hh, answers, a, next) {
                HASH_DEL(answers, a);
                (void) free_answer(a);
        }
}

ResolveCache *resolver_free(ResolveCache *c) {
        if (!c)
                return NULL;

        free_answers(c->users);
        free_answers(c->groups);
        free(c);
        return NULL;
}

/* Both look-ups leave errno 0, ENOENT, ESRCH, EBADF or EPERM when there is no such name (getpwnam(3)). */
static int not_found(int error) {
        return error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM ? -ESRCH
                                                                                                   : -error;
}

static int ask_user(const char *name, int64_t *ret) {
        const struct passwd *p;

        errno = 0;
        p = getpwnam(name);
        if (!p)
                return not_found(errno);
        *ret = p->pw_uid;
        return 0;
}

static int ask_group(const char *name, int64_t *ret) {
        const struct group *g;

        errno = 0;
        g = getgrnam(name);
        if (!g)
                return not_found(errno);
        *ret = g->gr_gid;
        return 0;
}

static Answer *ask_anew(Answer **answers, int (*ask)(const char *name, int64_t *ret), const char *name) {
        Answer *a = calloc(1, sizeof(Answer));

        if (!a)
                return NULL;
        a->name = strdup(name);
        if (a->name) {
                a->error = ask(name, &a->id);
                HASH_ADD_KEYPTR(hh, *answers, a->name, strlen(a->name), a);
        }
        return HASH_HAS(a) ? a : free_answer(a);
}

static int look_up(Answer **answers, int (*ask)(const char *name, int64_t *ret), const char *name,
                   int64_t *ret) {
        Answer *a;

        HASH_FIND_STR(*answers, name, a);
        if (!a)
                a = ask_anew(answers, ask, name);
        if (!a)
                return -ENOMEM;

        if (a->error < 0)
                return a->error;
        *ret = a->id;
        return 0;
}

static int resolve_user(const char *name, int64_t *ret, void *userdata) {
        return look_up(&((ResolveCache *) userdata)->users, ask_user, name, ret);
}

static int resolve_group(const char *name, int64_t *ret, void *userdata) {
        return look_up(&((ResolveCache *) userdata)->groups, ask_group, name, ret);
}

int resolver_new(Resolver *ret, ResolveCache **ret_cache) {
        ResolveCache *c = calloc(1, sizeof(ResolveCache));

        if (!c)
                return -ENOMEM;

        *ret = (Resolver){ .user = resolve_user, .group = resolve_group, .userdata = c };
        *ret_cache = c;
        return 0;
}
