/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The list of diagnostics. Owns copies of all its strings; knows nothing of where they are shown. */

#include "diag.h"

#include <assert.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include "array.h"
#include "escape.h"

/* Bytes of a message: values in it may be up to 1 MiB long. */
#define TEXT_MAX 1024

static const char *const severity_table[_SEVERITY_MAX] = {
        [SEVERITY_ERROR] = "error",
        [SEVERITY_WARNING] = "warning",
        [SEVERITY_NOTICE] = "notice",
};

DEFINE_STRING_TABLE(severity, Severity);

static void diagnostic_done(Diagnostic *d) {
        free(d->path);
        free(d->section);
        free(d->key);
        free(d->text);
        free(d->hint);
}

/* Appends item, of which only severity and advice are set yet. */
static _printf_(5, 0) void append(Diagnostics *d, Diagnostic item, const Source *src, const char *hint,
                                  const char *format, va_list ap) {
        _cleanup_(freep) char *text = NULL;

        assert(d);
        assert(format);

        if (d->n >= DIAGNOSTICS_MAX || ARRAY_RESERVE_ONE(d->items, d->n) < 0) {
                d->dropped++;
                return;
        }

        if (vasprintf(&text, format, ap) < 0)
                text = NULL;

        /* Values and names come from whoever wrote the file. */
        item.text = text ? text_escape(text, TEXT_MAX) : NULL;
        if (!item.text) {
                d->dropped++;
                return;
        }

        if (src) {
                item.path = src->path ? text_escape(src->path, PATH_MAX) : NULL;
                item.line = src->line;
                item.section = src->section ? text_escape(src->section, NAME_MAX) : NULL;
                item.key = src->key ? text_escape(src->key, NAME_MAX) : NULL;
        }
        item.hint = hint ? text_escape(hint, TEXT_MAX) : NULL;

        d->items[d->n++] = item;
}

int diag_add(Diagnostics *d, Severity severity, const Source *src, const char *hint, const char *format,
             ...) {
        va_list ap;

        va_start(ap, format);
        append(d, (Diagnostic){ .severity = severity }, src, hint, format, ap);
        va_end(ap);
        return 0;
}

void diag_advise(Diagnostics *d, const Source *src, const char *hint, const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        append(d, (Diagnostic){ .severity = SEVERITY_WARNING, .advice = true }, src, hint, format, ap);
        va_end(ap);
}

void diag_done(Diagnostics *d) {
        for (size_t i = 0; i < d->n; i++)
                diagnostic_done(d->items + i);
        free(d->items);
        *d = (Diagnostics){};
}

void diag_move_one(Diagnostics *to, Diagnostic *item) {
        if (to->n >= DIAGNOSTICS_MAX || ARRAY_RESERVE_ONE(to->items, to->n) < 0) {
                diagnostic_done(item);
                to->dropped++;
        } else
                to->items[to->n++] = *item;
        *item = (Diagnostic){};
}

void diag_move(Diagnostics *to, Diagnostics *from) {
        for (size_t i = 0; i < from->n; i++)
                diag_move_one(to, from->items + i);
        to->dropped += from->dropped;

        free(from->items);
        *from = (Diagnostics){};
}

static int compare(const void *a, const void *b) {
        const Diagnostic *x = a, *y = b;
        int r = strcmp(x->path ?: "", y->path ?: "");

        if (r != 0)
                return r;
        return (x->line > y->line) - (x->line < y->line);
}

void diag_sort(Diagnostics *d) {
        /* glibc's qsort is a merge sort and so stable for lists of this size; only the order of equals hangs
         * on it. */
        if (d->n > 1)
                qsort(d->items, d->n, sizeof(Diagnostic), compare);
}

int diag_any(const Diagnostics *d, Severity severity) {
        for (size_t i = 0; i < d->n; i++)
                if (d->items[i].severity <= severity)
                        return 1;
        return 0;
}

char *diag_message(const Diagnostic *d) {
        char *s = NULL;

        if (asprintf(&s, "%s%s%s", d->text, d->hint ? "; " : "", d->hint ?: "") < 0)
                return NULL;
        return s;
}
