/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where the two sources meet. */

#include "shown.h"

#include <string.h>

Status *shown_add(Shown *s) {
        Status *d;

        if (ARRAY_RESERVE_ONE(s->devices, s->n_devices) < 0)
                return NULL;
        d = s->devices + s->n_devices++;
        *d = (Status){ .owner_uid = -1, .group_gid = -1 };
        return d;
}

void shown_done(Shown *s) {
        for (size_t i = 0; i < s->n_devices; i++)
                status_done(s->devices + i);
        for (size_t i = 0; i < s->n_problems; i++) {
                free(s->problems[i].path);
                free(s->problems[i].severity);
                free(s->problems[i].text);
        }
        free(s->devices);
        free(s->problems);
        free(s->version);
        free(s->operational_state);
        free(s->online_state);
        *s = (Shown){};
}

static int compare(const void *a, const void *b) {
        const Status *x = a, *y = b;

        return strverscmp(x->name, y->name);
}

static int read_source(const Options *options, Shown *s) {
        int r = shown_read_bus(options, s);

        if (r != SHOWN_NO_DAEMON)
                return r;
        if (options->host || options->machine) {
                (void) ctl_error(0, "netdevd does not run on %s", options->host ?: options->machine);
                return -ESRCH;
        }
        return shown_read_actual(options, s);
}

int shown_read(const Options *options, Shown *ret) {
        _cleanup_(shown_done) Shown s = { .is_remote = options->host || options->machine };
        int r = read_source(options, &s);

        if (r < 0)
                return r;
        for (size_t i = 0; i < s.n_devices; i++)
                if (!s.devices[i].name) {
                        (void) ctl_error(0, "netdevd tells of a device without a name");
                        return -EBADMSG;
                }
        if (s.n_devices > 0)
                qsort(s.devices, s.n_devices, sizeof(*s.devices), compare);
        *ret = s;
        s = (Shown){};
        return 0;
}

/* Names are escaped on both ways, so that is what is looked for too. */
const Status *shown_find(const Shown *s, const char *name) {
        for (size_t i = 0; i < s->n_devices; i++)
                if (strcmp(s->devices[i].name, name) == 0)
                        return s->devices + i;
        return NULL;
}
