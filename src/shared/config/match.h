/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* [Match] of a .network file: which links a file is for (systemd.network(5)). All given keys must fit;
 * within one key one of the words. */

#include <stdbool.h>
#include <stddef.h>

#include "values.h"

/* One word. "!" as the first character of a value counts for every word of that line. */
typedef struct MatchWord {
        char *glob;
        bool negative;
        bool literal; /* not negated, no *, ?, [ or backslash: a plain name */
} MatchWord;

typedef struct MatchWords {
        MatchWord *items;
        size_t n;
} MatchWords;

typedef struct MatchAddresses {
        HwAddr *items;
        size_t n;
} MatchAddresses;

/* The words of one [Match] key, each compared with each link: networkd does not limit them. */
#define MATCH_WORDS_MAX 4096

/* What few files ask for. */
typedef struct MatchMore {
        MatchAddresses mac_address;
        MatchAddresses permanent_mac_address;
        MatchWords path;     /* udev's ID_PATH */
        MatchWords driver;   /* "tun" */
        MatchWords type;     /* "ether" for tap, "none" for tun */
        MatchWords kind;     /* "tun" or "tap"; "tun" also fits a tap, as in networkd */
        MatchWords property; /* KEY=GLOB of udev; all must fit */
        unsigned wireless; /* bits, one a key, of WLANInterfaceType=, SSID= and BSSID= with a positive word:
                              then it fits nothing we manage */
} MatchMore;

typedef struct Match {
        MatchWords name;
        MatchMore *more; /* owned; NULL: nothing but names */
} Match;

/* What a [Match] looks at. Strings may be NULL and addresses of length 0 where they are not known: a
 * positive word does not fit then. */
typedef struct LinkFacts {
        const char *name;
        char *const *altnames; /* NULL-terminated, or NULL */
        HwAddr mac_address, permanent_mac_address;
        const char *driver;
        const char *type;
        const char *kind;
        /* A udev property of the link; newly allocated, or NULL. The function may be NULL. */
        char *(*property)(const char *ifname, const char *key, void *userdata);
        void *userdata;
} LinkFacts;

void match_done(Match *m);

/* Never NULL. */
const MatchMore *match_more(const Match *m);

/* Frees the words and leaves none. */
void match_words_done(MatchWords *words);

/* Whether there is any key at all. */
bool match_is_empty(const Match *m);

/* Whether the link fits. */
bool match_fits(const Match *m, const LinkFacts *link);

/* Whether Name= has this name as a plain word. */
bool match_names_literally(const Match *m, const char *name);

/* Whether anything but Name=, Kind=, Type= and Driver= is asked for, which a declared device's files tell.
 */
bool match_needs_link(const Match *m);

/* Why no TUN/TAP link at all can fit, as a static string; NULL when some can. */
const char *match_impossible(const Match *m);
