/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Which keys of a file were given, where, and the values of those that are plain integers. A file gives a
 * few of the many keys there are, and there may be thousands of files: what is not given takes no room. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

/* A key that may be absent: then nobody asked, and what is there stays. */
typedef struct Optional {
        bool set;
        int64_t value;
} Optional;

typedef struct GivenSource {
        int key;
        Source source;
} GivenSource;

typedef struct GivenValue {
        int key;
        int64_t value;
} GivenValue;

/* Keys are whatever enumeration the owner has. */
typedef struct Given {
        GivenSource *sources;
        size_t n_sources;
        GivenValue *values;
        size_t n_values;
} Given;

/* Never NULL: of a key that was not given the path is NULL. Valid until the next change. */
const Source *given_source(const Given *g, int key);
Optional given_value(const Given *g, int key);

/* A source without path, and a value that is not set, forget the key. Return 0 or -ENOMEM. */
int given_set_source(Given *g, int key, const Source *source);
int given_set_value(Given *g, int key, Optional value);

/* Gives back what was reserved for more. Nothing may be set afterwards. */
void given_trim(Given *g);

void given_done(Given *g);
