/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Ownership: every owned thing has a cleanup attribute from its first line on, and leaves its scope by
 * TAKE_PTR or take_fd. The only header of macros. */

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f)   __attribute__((cleanup(f)))
#define _printf_(f, v) __attribute__((format(printf, f, v)))
#define _unused_       __attribute__((unused))

#define ELEMENTSOF(a) (sizeof(a) / sizeof((a)[0]))

/* Makes x_freep(), for _cleanup_(x_freep), from a destructor that takes NULL. */
#define DEFINE_CLEANUP(type, func)                                                                          \
        static inline void func##p(type *p) {                                                               \
                func(*p);                                                                                   \
        }                                                                                                   \
        struct __cleanup_##func##_swallows_semicolon

/* Hands the pointer over: the variable is NULL afterwards. */
#define TAKE_PTR(p)                                                                                         \
        ({                                                                                                  \
                __typeof__(p) *_pp = &(p), _p = *_pp;                                                       \
                *_pp = NULL;                                                                                \
                _p;                                                                                         \
        })

static inline void freep(void *p) {
        free(*(void **) p);
}

/* Closes and returns -EBADF, so that `fd = safe_close(fd)` is always right; errno is kept. */
static inline int safe_close(int fd) {
        if (fd >= 0) {
                int saved = errno;

                (void) close(fd);
                errno = saved;
        }

        return -EBADF;
}

static inline void close_fdp(int *fd) {
        safe_close(*fd);
}

static inline void fclosep(FILE **f) {
        if (*f)
                (void) fclose(*f);
}

/* Hands the descriptor over: the variable is -EBADF afterwards. */
static inline int take_fd(int *fd) {
        int r = *fd;

        *fd = -EBADF;
        return r;
}
