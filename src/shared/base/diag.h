/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Diagnostics are data: what is wrong with a configuration, where, and what to do. The parser collects them;
 * the daemon logs them and serves them on the bus, tests compare them. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cleanup.h"
#include "string-table.h"

typedef enum Severity {
        SEVERITY_ERROR,   /* a file or device is left out */
        SEVERITY_WARNING, /* a line or object is left out, or means something unexpected */
        SEVERITY_NOTICE,  /* valid for systemd-networkd, not implemented here */
        _SEVERITY_MAX,
        _SEVERITY_INVALID = -EINVAL,
} Severity;

/* Where a value was written. Borrowed strings: they belong to the file list of whoever holds the value. Line
 * 0 means the file as a whole; section and key may be NULL. */
typedef struct Source {
        const char *path;
        unsigned line;
        const char *section;
        const char *key;
} Source;

typedef struct Diagnostic {
        char *path;
        unsigned line;
        char *section;
        char *key;
        Severity severity;
        bool advice; /* a warning that costs no line: all that is written counts, but is it meant so? */
        char *text;
        char *hint; /* what to do, or NULL */
} Diagnostic;

typedef struct Diagnostics {
        Diagnostic *items;
        size_t n;
        size_t dropped; /* beyond DIAGNOSTICS_MAX: counted only, so that hostile files cost bounded memory */
} Diagnostics;

#define DIAGNOSTICS_MAX 1000

DECLARE_STRING_TABLE(severity, Severity);

/* Appends one diagnostic; strings are copied, and escaped (escape.h). hint may be NULL. Returns 0 always:
 * out of memory drops the diagnostic, so that a parser can `return diag_add(...)` and go on. */
int diag_add(Diagnostics *d, Severity severity, const Source *src, const char *hint, const char *format, ...)
                _printf_(5, 6);

/* The same for a warning that is advice only. */
void diag_advise(Diagnostics *d, const Source *src, const char *hint, const char *format, ...)
                _printf_(4, 5);

/* Frees the contents and leaves an empty list. */
void diag_done(Diagnostics *d);

/* Moves all of `from` to the end of `to`, or one item, which is empty afterwards. */
void diag_move(Diagnostics *to, Diagnostics *from);
void diag_move_one(Diagnostics *to, Diagnostic *item);

/* Sorts by path, then line, stable otherwise. */
void diag_sort(Diagnostics *d);

/* Whether there is one of this severity or worse (error is worst). */
int diag_any(const Diagnostics *d, Severity severity);

/* Text and hint as one newly allocated sentence: "text; hint". NULL when out of memory. */
char *diag_message(const Diagnostic *d);
