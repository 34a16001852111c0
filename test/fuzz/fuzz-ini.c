/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Any bytes as a configuration file. Beyond not crashing, what is read must keep the promises of ini.h. */

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/utf8.h"
#include "config/ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not assert(): it must also hold in builds without assertions. */
static void check(int good) {
        if (!good)
                abort();
}

static void check_value(const char *s) {
        check(strlen(s) <= INI_LINE_MAX);
        check(!utf8_find_invalid(s));
        check(!strpbrk(s, "\r\n"));
        check(!*s || (!strchr(" \t", s[0]) && !strchr(" \t", s[strlen(s) - 1])));
}

static void check_file(const IniFile *ini) {
        unsigned line = 0;

        for (size_t i = 0; i < ini->n_sections; i++) {
                check(ini->sections[i].line > line);
                line = ini->sections[i].line;
                check(!utf8_find_invalid(ini->sections[i].name));
                check(!strpbrk(ini->sections[i].name, "\"'\\\r\n\t"));
        }

        line = 0;
        for (size_t i = 0; i < ini->n_assignments; i++) {
                const IniAssignment *a = ini->assignments + i;

                check(a->line > line);
                line = a->line;
                check(a->section < ini->n_sections);
                check(ini->sections[a->section].line < line);
                check(a->section + 1 == ini->n_sections || ini->sections[a->section + 1].line > line);
                check(*a->key && !strchr(a->key, '='));
                check(a->key[0] != '[');
                check_value(a->key);
                check_value(a->value);
        }
}

static void check_diagnostics(const Diagnostics *diag, int r) {
        check(diag_any(diag, SEVERITY_ERROR) == (r < 0));
        for (size_t i = 0; i < diag->n; i++) {
                check(diag->items[i].hint != NULL);
                check(!utf8_find_invalid(diag->items[i].text));
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(diag_done) Diagnostics diag = {};
        _cleanup_(ini_freep) IniFile *ini = NULL;
        static int fd = -EBADF; /* the same for all inputs */
        int r;

        if (fd < 0)
                fd = memfd_create("fuzz", MFD_CLOEXEC);
        check(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t) size);
        check(lseek(fd, 0, SEEK_SET) == 0);

        r = ini_read_fd(fd, size, "fuzz.netdev", &diag, &ini);
        check(r == 0 || r == -EBADMSG || r == -EFBIG);
        check((r == 0) == (ini != NULL));
        if (diag.dropped == 0)
                check_diagnostics(&diag, r);
        if (ini)
                check_file(ini);
        return 0;
}
