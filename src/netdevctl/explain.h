/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The parts of `netdevctl explain`, which share what is known of the one device. */

#include "actual.h"
#include "client.h"

typedef struct Subject {
        const Actual *actual;
        const char *name;        /* as asked for */
        const Want *want;        /* NULL: no file speaks of it */
        const Link *link;        /* NULL: it does not exist */
        const OwnedLink *owned;  /* NULL: not in the record */
        const ClientDevice *bus; /* what the daemon says, if it runs */
} Subject;

/* One sentence or more, as a line of its own; control characters are escaped. */
void say(const char *format, ...) _printf_(1, 2);

/* explain-files.c: which files are for it, and which are not. */
void explain_declaration(const Subject *s);
void explain_network(const Subject *s);

/* explain-kernel.c: what is true now. */
void explain_link(const Subject *s);
void explain_access(const Subject *s);
void explain_holders(const Subject *s);
void explain_carrier(const Subject *s);
void explain_writing(const Subject *s);
