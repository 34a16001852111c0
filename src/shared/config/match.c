/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether a link fits a [Match]. Pure but for the udev properties, which are asked for through LinkFacts. */

#include "match.h"

#include <assert.h>
#include <fnmatch.h>
#include <string.h>

#include "base/array.h"

/* What every link that netdevd manages is, to udev and to networkd. A tap is of the kernel's kind "tun"; to
 * us it is a "tap" too. */
#define DRIVER "tun"

void match_words_done(MatchWords *words) {
        for (size_t i = 0; i < words->n; i++)
                free(words->items[i].glob);
        free(words->items);
        *words = (MatchWords){};
}

static void addresses_done(MatchAddresses *addresses) {
        free(addresses->items);
        *addresses = (MatchAddresses){};
}

void match_done(Match *m) {
        match_words_done(&m->name);
        if (!m->more)
                return;

        addresses_done(&m->more->mac_address);
        addresses_done(&m->more->permanent_mac_address);
        match_words_done(&m->more->path);
        match_words_done(&m->more->driver);
        match_words_done(&m->more->type);
        match_words_done(&m->more->kind);
        match_words_done(&m->more->property);
        free(m->more);
        m->more = NULL;
}

const MatchMore *match_more(const Match *m) {
        static const MatchMore none = {};

        return m->more ?: &none;
}

bool match_is_empty(const Match *m) {
        const MatchMore *more = match_more(m);

        return m->name.n == 0 && more->kind.n == 0 && more->type.n == 0 && more->driver.n == 0 &&
               more->wireless == 0 && !match_needs_link(m);
}

bool match_needs_link(const Match *m) {
        const MatchMore *more = match_more(m);

        return more->mac_address.n > 0 || more->permanent_mac_address.n > 0 || more->path.n > 0 ||
               more->property.n > 0;
}

static bool word_fits(const MatchWord *word, const char *value) {
        if (!value)
                return false;
        return word->literal ? strcmp(word->glob, value) == 0 : fnmatch(word->glob, value, 0) == 0;
}

/* No negated word fits, and a positive one does if there is any. There may be two values for one thing: a
 * word fits when it fits one of them. */
static bool words_fit(const MatchWords *words, const char *value, const char *other) {
        bool positive = false, hit = false;

        for (size_t i = 0; i < words->n; i++) {
                const MatchWord *w = words->items + i;
                bool fits = word_fits(w, value) || word_fits(w, other);

                if (w->negative && fits)
                        return false;
                positive = positive || !w->negative;
                hit = hit || fits;
        }

        return hit || !positive;
}

/* A link fits when one of its names does, so that a negated word rarely excludes a link with alternative
 * names: as in networkd. */
static bool names_fit(const MatchWords *words, const LinkFacts *link) {
        if (words_fit(words, link->name, NULL))
                return true;
        for (char *const *name = link->altnames; name && *name; name++)
                if (words_fit(words, *name, NULL))
                        return true;
        return false;
}

/* networkd knows a tap as "tun" only: what is written for it goes on to work. */
static bool kind_fits(const MatchWords *words, const char *kind) {
        return words_fit(words, kind, kind && strcmp(kind, "tap") == 0 ? "tun" : NULL);
}

static bool address_fits(const MatchAddresses *addresses, const HwAddr *address) {
        for (size_t i = 0; i < addresses->n; i++) {
                const HwAddr *a = addresses->items + i;

                if (address->length == a->length && memcmp(address->bytes, a->bytes, a->length) == 0)
                        return true;
        }
        return addresses->n == 0;
}

static char *property(const LinkFacts *link, const char *key) {
        return link->property && link->name ? link->property(link->name, key, link->userdata) : NULL;
}

/* Unlike elsewhere all words must hold, each with its own negation. */
static bool properties_fit(const MatchWords *words, const LinkFacts *link) {
        for (size_t i = 0; i < words->n; i++) {
                const MatchWord *w = words->items + i;
                const char *glob = strchr(w->glob, '='); /* there is one: the parser saw to it */
                _cleanup_(freep) char *key = strndup(w->glob, (size_t) (glob - w->glob)), *value = NULL;

                value = key ? property(link, key) : NULL;
                if ((value && fnmatch(glob + 1, value, 0) == 0) == w->negative)
                        return false;
        }
        return true;
}

static bool path_fits(const MatchWords *words, const LinkFacts *link) {
        _cleanup_(freep) char *path = words->n > 0 ? property(link, "ID_PATH") : NULL;

        return words_fit(words, path, NULL);
}

bool match_fits(const Match *m, const LinkFacts *link) {
        const MatchMore *more = match_more(m);

        assert(m);
        assert(link);

        /* udev is asked last: it costs files. */
        return more->wireless == 0 && names_fit(&m->name, link) && kind_fits(&more->kind, link->kind) &&
               words_fit(&more->type, link->type, NULL) && words_fit(&more->driver, link->driver, NULL) &&
               address_fits(&more->mac_address, &link->mac_address) &&
               address_fits(&more->permanent_mac_address, &link->permanent_mac_address) &&
               path_fits(&more->path, link) && properties_fit(&more->property, link);
}

bool match_names_literally(const Match *m, const char *name) {
        for (size_t i = 0; i < m->name.n; i++)
                if (m->name.items[i].literal && strcmp(m->name.items[i].glob, name) == 0)
                        return true;
        return false;
}

static bool has_positive(const MatchWords *words) {
        for (size_t i = 0; i < words->n; i++)
                if (!words->items[i].negative)
                        return true;
        return false;
}

/* Whether negated words exclude this very name. */
static bool is_excluded(const MatchWords *words, const char *name) {
        for (size_t i = 0; i < words->n; i++)
                if (words->items[i].negative && word_fits(words->items + i, name))
                        return true;
        return false;
}

/* Only what is certain: a positive glob may fit some name that the negated words leave over. A word that is
 * too long for a name may be an alternative name. */
static bool names_can_fit(const MatchWords *words) {
        for (size_t i = 0; i < words->n; i++)
                if (words->items[i].negative && strcmp(words->items[i].glob, "*") == 0)
                        return false;

        for (size_t i = 0; i < words->n; i++)
                if (!words->items[i].negative &&
                    (!words->items[i].literal || !is_excluded(words, words->items[i].glob)))
                        return true;
        return !has_positive(words);
}

const char *match_impossible(const Match *m) {
        const MatchMore *more = match_more(m);
        bool tun_type = words_fit(&more->type, "none", NULL),
             tap_type = words_fit(&more->type, "ether", NULL);
        bool tun_kind = kind_fits(&more->kind, "tun"), tap_kind = kind_fits(&more->kind, "tap");

        if (more->wireless != 0)
                return "it asks for a wireless link, and TUN/TAP devices are none";
        if (!names_can_fit(&m->name))
                return "the negated words of Name= exclude all that the others allow";
        if (!tun_kind && !tap_kind)
                return "Kind= allows neither 'tun' nor 'tap'";
        if (!tun_type && !tap_type)
                return "Type= allows neither 'none', the type of a tun, nor 'ether', that of a tap";
        if (!(tun_kind && tun_type) && !(tap_kind && tap_type))
                return "Kind= and Type= contradict each other: a tun is of type 'none', a tap of 'ether'";
        if (!words_fit(&more->driver, DRIVER, NULL))
                return "Driver= does not allow 'tun', the driver of TUN/TAP devices";
        if (has_positive(&more->path))
                return "Path= asks for a hardware path, and virtual devices have none";
        if (more->permanent_mac_address.n > 0)
                return "PermanentMACAddress= asks for the address of hardware, and virtual devices have "
                       "none";
        return NULL;
}
