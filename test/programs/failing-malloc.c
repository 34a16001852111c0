/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A library for LD_PRELOAD: one allocation of the program fails, and all are counted. What strdup(3),
 * asprintf(3), fopen(3) and the like allocate is among them, since glibc has it from the same functions. The
 * test sees the counts, and says which one fails, in a file that both map ($FAILING_MALLOC). */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* As test-fail-malloc.py knows it. */
typedef struct Counts {
        uint64_t done;    /* allocations until now */
        uint64_t fail_at; /* this one fails, counted from 1 */
        uint64_t failed;
        uint64_t live; /* blocks that are not freed */
} Counts;

static Counts nobody;
static Counts *counts = &nobody;

/* glibc's own, which need no dlsym(3), that would allocate. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void __libc_free(void *p);

/* What the loader allocates before is not the program's. */
static __attribute__((constructor)) void attach(void) {
        const char *path = getenv("FAILING_MALLOC");
        int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
        Counts *shared;

        if (fd < 0)
                abort();
        shared = mmap(NULL, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (shared == MAP_FAILED)
                abort();
        (void) close(fd);
        counts = shared;
}

static bool fails(void) {
        uint64_t n = __atomic_add_fetch(&counts->done, 1, __ATOMIC_RELAXED);

        if (n != __atomic_load_n(&counts->fail_at, __ATOMIC_RELAXED))
                return false;
        __atomic_add_fetch(&counts->failed, 1, __ATOMIC_RELAXED);
        errno = ENOMEM;
        return true;
}

static void *count(void *p) {
        if (p)
                __atomic_add_fetch(&counts->live, 1, __ATOMIC_RELAXED);
        return p;
}

void *malloc(size_t size) {
        return fails() ? NULL : count(__libc_malloc(size));
}

void *calloc(size_t n, size_t size) {
        return fails() ? NULL : count(__libc_calloc(n, size));
}

void *realloc(void *p, size_t size) {
        if (fails())
                return NULL;
        return p ? __libc_realloc(p, size) : count(__libc_realloc(NULL, size));
}

void free(void *p) {
        if (p)
                __atomic_sub_fetch(&counts->live, 1, __ATOMIC_RELAXED);
        __libc_free(p);
}
