/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* systemd's INI dialect, read through inih's ini_parse_stream (systemd.syntax(7); systemd's conf-parser.c
 * for what it leaves open). One file in, its sections and assignments out, in the order they were written;
 * what they mean is not known here. */

#include <stddef.h>

#include "base/cleanup.h"
#include "base/diag.h"

/* Bytes of one physical line and of one logical (joined) line, as in systemd. Longer: the file is refused.
 */
#define INI_LINE_MAX (1024 * 1024)

/* Bytes of one file; systemd has no limit, we do, so that a file in /run cannot take all memory. */
#define INI_FILE_MAX (64 * 1024 * 1024)

/* Sections and assignments of one file, for the same reason: 64 MiB of "a=" lines would take gigabytes. */
#define INI_ENTRIES_MAX (1024 * 1024)

typedef struct IniSection {
        char *name;    /* what stands between the brackets, untrimmed */
        unsigned line; /* of the header: last physical line of it; this tells repeated sections apart */
} IniSection;

typedef struct IniAssignment {
        size_t section; /* index into IniFile.sections */
        unsigned line;  /* last physical line of the assignment */
        char *key;
        char *value; /* "" when empty; in one piece with key, which is freed */
} IniAssignment;

typedef struct IniFile {
        char *path;
        IniSection *sections;
        size_t n_sections;
        IniAssignment *assignments;
        size_t n_assignments;
} IniFile;

/* Reads one file. Lines that are no assignment, have no key, or stand before the first header cost a
 * diagnostic each and are left out. Returns 0; -ENOENT when the file is not there (no diagnostic: it may
 * have vanished since it was listed); -EBADMSG when the dialect refuses the whole file (bad header, invalid
 * UTF-8, over-long line); -EFBIG (more than INI_FILE_MAX or INI_ENTRIES_MAX), -EISDIR, -EINVAL (a FIFO,
 * socket or device) or another -errno when it cannot be read. All but -ENOENT and -ENOMEM have an error
 * diagnostic that says what to do. A FIFO never blocks. */
int ini_read(const char *path, Diagnostics *diag, IniFile **ret);

/* The same from an open file; path is for diagnostics only. size: it is known to have so many bytes, so that
 * a short read that comes to there is taken for the last; SIZE_MAX: it is read until nothing comes. */
int ini_read_fd(int fd, size_t size, const char *path, Diagnostics *diag, IniFile **ret);

IniFile *ini_free(IniFile *ini);
DEFINE_CLEANUP(IniFile *, ini_free);
