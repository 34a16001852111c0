/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Two short lists, searched from the front. */

#include "given.h"

#include <stdlib.h>

#include "base/array.h"

static size_t find_source(const Given *g, int key) {
        size_t i = 0;

        while (i < g->n_sources && g->sources[i].key != key)
                i++;
        return i;
}

static size_t find_value(const Given *g, int key) {
        size_t i = 0;

        while (i < g->n_values && g->values[i].key != key)
                i++;
        return i;
}

const Source *given_source(const Given *g, int key) {
        static const Source none = {};
        size_t i = find_source(g, key);

        return i < g->n_sources ? &g->sources[i].source : &none;
}

Optional given_value(const Given *g, int key) {
        size_t i = find_value(g, key);

        return i < g->n_values ? (Optional){ true, g->values[i].value } : (Optional){};
}

int given_set_source(Given *g, int key, const Source *source) {
        GivenSource new = { key, *source };
        size_t i = find_source(g, key);
        int r;

        if (!source->path) {
                if (i < g->n_sources)
                        g->sources[i] = g->sources[--g->n_sources];
                return 0;
        }
        if (i == g->n_sources) {
                r = ARRAY_RESERVE_ONE(g->sources, g->n_sources);
                if (r < 0)
                        return r;
                g->n_sources++;
        }
        g->sources[i] = new;
        return 0;
}

int given_set_value(Given *g, int key, Optional value) {
        size_t i = find_value(g, key);
        int r;

        if (!value.set) {
                if (i < g->n_values)
                        g->values[i] = g->values[--g->n_values];
                return 0;
        }
        if (i == g->n_values) {
                r = ARRAY_RESERVE_ONE(g->values, g->n_values);
                if (r < 0)
                        return r;
                g->n_values++;
        }
        g->values[i] = (GivenValue){ key, value.value };
        return 0;
}

/* Shrinking that fails leaves what is there. */
static void *trim(void *items, size_t n, size_t size) {
        return n > 0 ? realloc(items, n * size) ?: items : items;
}

void given_trim(Given *g) {
        g->sources = trim(g->sources, g->n_sources, sizeof(GivenSource));
        g->values = trim(g->values, g->n_values, sizeof(GivenValue));
}

void given_done(Given *g) {
        free(g->sources);
        free(g->values);
        *g = (Given){};
}
