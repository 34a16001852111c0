/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A placeholder that cannot be filled is an error and not left as it is: the program would misunderstand it,
 * or drop the packets of a queue that it was not told of. */

#include "exec-args.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void write_fds(FILE *f, const ExecQueues *q) {
        for (unsigned i = 0; i < q->n; i++)
                fprintf(f, "%s%u", i > 0 ? ":" : "", q->first + i);
}

static int problem(char **ret, const char *format, ...) _printf_(2, 3);

static int problem(char **ret, const char *format, ...) {
        va_list ap;
        int r;

        va_start(ap, format);
        r = vasprintf(ret, format, ap);
        va_end(ap);
        return r < 0 ? -ENOMEM : -EINVAL;
}

/* The digits of {fd12}: any number of them. */
static int write_numbered(FILE *f, const ExecQueues *q, const char *digits, size_t n, char **ret_problem) {
        unsigned i = 0;

        for (size_t k = 0; k < n && i < EXEC_QUEUES_MAX; k++)
                i = i * 10 + (unsigned) (digits[k] - '0');
        if (i >= q->n)
                return problem(ret_problem,
                               "there is no {fd%.*s}: the last of %u is {fd%u}; ask for more with --queues=",
                               (int) n, digits, q->n, q->n - 1);
        fprintf(f, "%u", q->first + i);
        return 0;
}

/* What stands between braces. Returns 1 when it was a placeholder, 0 when it is none, or -errno. */
static int write_placeholder(FILE *f, const ExecQueues *q, const char *s, size_t n, char **ret_problem) {
        int r;

        if (n == 3 && memcmp(s, "fds", n) == 0)
                write_fds(f, q);
        else if (n == 4 && memcmp(s, "name", n) == 0)
                fputs(q->name, f);
        else if (n == 2 && memcmp(s, "fd", n) == 0) {
                if (q->n > 1)
                        return problem(ret_problem,
                                       "{fd} is for a single queue, and there are %u: use {fds}, or {fd0} "
                                       "to {fd%u}",
                                       q->n, q->n - 1);
                write_fds(f, q);
        } else if (n > 2 && memcmp(s, "fd", 2) == 0 && strspn(s + 2, "0123456789") == n - 2) {
                r = write_numbered(f, q, s + 2, n - 2, ret_problem);
                if (r < 0)
                        return r;
        } else
                return 0;
        return 1;
}

static int write_expanded(FILE *f, const char *arg, const ExecQueues *q, char **ret_problem) {
        for (const char *s = arg; *s; s++) {
                const char *end = *s == '{' && (s == arg || s[-1] != '$') ? strchr(s, '}') : NULL;
                int r;

                r = end ? write_placeholder(f, q, s + 1, (size_t) (end - s - 1), ret_problem) : 0;
                if (r < 0)
                        return r;
                if (r > 0)
                        s = end;
                else
                        fputc(*s, f);
        }
        return 0;
}

static int expand(const char *arg, const ExecQueues *q, char **ret, char **ret_problem) {
        size_t size;
        FILE *f = open_memstream(ret, &size);
        int r;

        if (!f)
                return -ENOMEM;
        r = write_expanded(f, arg, q, ret_problem);
        if ((ferror(f) | fclose(f)) != 0 && r >= 0)
                r = -ENOMEM;
        if (r < 0) {
                free(*ret);
                *ret = NULL;
        }
        return r;
}

int exec_args_expand(char *const *args, const ExecQueues *q, char ***ret, char **ret_problem) {
        _cleanup_(strv_freep) char **list = NULL;

        assert(q->name && q->n > 0 && q->n <= EXEC_QUEUES_MAX);

        for (; *args; args++) {
                char *arg;
                int r;

                r = expand(*args, q, &arg, ret_problem);
                if (r >= 0)
                        r = strv_consume(&list, arg);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(list);
        return 0;
}

static unsigned count_names(const char *names) {
        unsigned n = 1;

        if (!names)
                return 0;
        for (; *names; names++)
                n += *names == ':';
        return n;
}

int exec_args_join_names(const char *before, unsigned n_before, const ExecQueues *q, char **ret) {
        size_t size;
        FILE *f = open_memstream(ret, &size);
        const char *separator = "";

        if (!f)
                return -ENOMEM;
        if (n_before > 0 && count_names(before) == n_before) {
                fputs(before, f);
                separator = ":";
        } else
                for (unsigned i = 0; i < n_before; i++, separator = ":")
                        fprintf(f, "%sunknown", separator);
        for (unsigned i = 0; i < q->n; i++, separator = ":")
                fprintf(f, "%s%s", separator, q->name);
        if ((ferror(f) | fclose(f)) == 0)
                return 0;
        free(*ret);
        *ret = NULL;
        return -ENOMEM;
}
