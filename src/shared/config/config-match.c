/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The keys of [Match] that look at links; the conditions, which look at the machine, are in condition.c. */

#include <string.h>

#include "base/utf8.h"
#include "config-file.h"
#include "words.h"

/* Whether what a word says can be; else says so. */
typedef bool (*WordCheck)(const Assignment *a, const char *word);

static int add_word(MatchWords *words, const char *word, bool negative) {
        _cleanup_(freep) char *glob = strdup(word);
        int r;

        if (!glob)
                return -ENOMEM;

        r = ARRAY_RESERVE_ONE(words->items, words->n);
        if (r < 0)
                return r;

        words->items[words->n++] = (MatchWord){
                .glob = TAKE_PTR(glob),
                .negative = negative,
                .literal = !negative && !strpbrk(word, "*?[\\"),
        };
        return 0;
}

static int refuse_rest(const Assignment *a, const char *word) {
        return diag_add(a->diag, SEVERITY_WARNING, &a->source, "use a glob, or several files",
                        "more than %d words in [Match] %s=; those from '%s' on are ignored", MATCH_WORDS_MAX,
                        a->source.key, word);
}

static int add_words(const Assignment *a, char *const *list, bool negative, WordCheck check,
                     MatchWords *words) {
        int r;

        for (char *const *w = list; w && *w; w++) {
                if (check && !check(a, *w))
                        continue;
                if (words->n >= MATCH_WORDS_MAX) {
                        (void) refuse_rest(a, *w);
                        break;
                }
                r = add_word(words, *w, negative);
                if (r < 0)
                        return r;
        }
        return 1;
}

/* "!" as the first character of the value counts for every word of the line (systemd.network(5)). */
static bool skip_negation(const char **value) {
        bool negative = **value == '!';

        *value += negative;
        return negative;
}

static bool check_name(const Assignment *a, const char *word) {
        /* As networkd: each word must look like a name, with *, ? and […] being legal in names anyway. */
        if (altname_valid(word))
                return true;
        (void) diag_add(a->diag, SEVERITY_WARNING, &a->source, "write interface names or globs",
                        "'%s' in Name= can match no interface; the word is ignored", word);
        return false;
}

static int parse_name(const Assignment *a, void *field, void *object _unused_) {
        _cleanup_(strv_freep) char **list = NULL;
        const char *value = a->value;
        bool negative;
        int r;

        if (!*value) {
                match_words_done(field);
                return 1;
        }

        negative = skip_negation(&value);
        r = split_words(value, &list);
        if (r == -EINVAL)
                return diag_add(a->diag, SEVERITY_WARNING, &a->source, "remove the backslash at the end",
                                "Name= '%s' ends in a backslash; the line is ignored", a->value);
        return r < 0 ? r : add_words(a, list, negative, check_name, field);
}

static int parse_quoted(const Assignment *a, bool c_escapes, WordCheck check, MatchWords *words) {
        _cleanup_(strv_freep) char **list = NULL;
        const char *value = a->value;
        bool negative;
        int r;

        if (!*value) {
                match_words_done(words);
                return 1;
        }

        negative = skip_negation(&value);
        r = split_words_quoted(value, c_escapes, &list);
        if (r == -EINVAL)
                (void) diag_add(a->diag, SEVERITY_WARNING, &a->source,
                                c_escapes ? "close the quote; write \\\\ for a backslash"
                                          : "close the quote",
                                "%s= '%s' has %s; the words from there on are ignored", a->source.key,
                                a->value,
                                c_escapes ? "a quote that is not closed or an unknown escape"
                                          : "a quote that is not closed");
        else if (r < 0)
                return r;
        return add_words(a, list, negative, check, words);
}

static int parse_words(const Assignment *a, void *field, void *object _unused_) {
        return parse_quoted(a, false, NULL, field);
}

static bool is_name_byte(char c) {
        return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* An assignment as the environment could hold it. */
static bool is_assignment(const char *word) {
        const char *p = word;

        while (is_name_byte(*p))
                p++;
        if (p == word || *p != '=' || (word[0] >= '0' && word[0] <= '9') || utf8_find_invalid(p))
                return false;
        for (; *p; p++)
                if (((unsigned char) *p < 0x20 && *p != '\t' && *p != '\n') || *p == 0x7f)
                        return false;
        return true;
}

static bool check_property(const Assignment *a, const char *word) {
        if (is_assignment(word))
                return true;
        (void) diag_add(a->diag, SEVERITY_WARNING, &a->source, "write KEY=GLOB",
                        "'%s' in Property= is no property with a value; the word is ignored", word);
        return false;
}

static int parse_property(const Assignment *a, void *field, void *object _unused_) {
        return parse_quoted(a, true, check_property, field);
}

static int add_address(const Assignment *a, const char *word, MatchAddresses *addresses) {
        HwAddr address;
        int r;

        if (parse_hwaddr(word, &address) < 0)
                return diag_add(a->diag, SEVERITY_WARNING, &a->source,
                                word[0] == '!' ? "only Name=, Path=, Driver=, Type=, Kind= and Property= "
                                                 "can be negated"
                                               : "write six bytes like 02:00:5e:10:00:01",
                                "'%s' in %s= is no hardware address; the word is ignored", word,
                                a->source.key);

        r = ARRAY_RESERVE_ONE(addresses->items, addresses->n);
        if (r >= 0)
                addresses->items[addresses->n++] = address;
        return r;
}

static int parse_addresses(const Assignment *a, void *field, void *object _unused_) {
        _cleanup_(strv_freep) char **list = NULL;
        MatchAddresses *addresses = field;
        int r;

        if (!*a->value) {
                free(addresses->items);
                *addresses = (MatchAddresses){};
                return 1;
        }

        r = split_words(a->value, &list);
        if (r == -EINVAL)
                return diag_add(a->diag, SEVERITY_WARNING, &a->source, "remove the backslash at the end",
                                "%s= '%s' ends in a backslash; the line is ignored", a->source.key,
                                a->value);

        for (char **w = list; r >= 0 && w && *w; w++) {
                if (addresses->n >= MATCH_WORDS_MAX) {
                        (void) refuse_rest(a, *w);
                        break;
                }
                r = add_address(a, *w, addresses);
        }
        return r < 0 ? r : 1;
}

/* What the words say is no matter: a positive one fits no TUN/TAP link, a negated one all of them. */
static int parse_wireless(const Assignment *a, unsigned *field, unsigned bit) {
        if (!*a->value)
                *field &= ~bit;
        else if (a->value[0] != '!')
                *field |= bit;
        return 1;
}

static int parse_wlan_type(const Assignment *a, void *field, void *object _unused_) {
        return parse_wireless(a, field, 1 << 0);
}

static int parse_ssid(const Assignment *a, void *field, void *object _unused_) {
        return parse_wireless(a, field, 1 << 1);
}

static int parse_bssid(const Assignment *a, void *field, void *object _unused_) {
        return parse_wireless(a, field, 1 << 2);
}

/* The object is the Match for Name=, and else its MatchMore. */
#define FIELD(name) offsetof(MatchMore, name)

const Key network_match_keys[] = {
        { "Match", "Name", parse_name, offsetof(Match, name), -1 },
        { "Match", "MACAddress", parse_addresses, FIELD(mac_address), -1 },
        { "Match", "PermanentMACAddress", parse_addresses, FIELD(permanent_mac_address), -1 },
        { "Match", "Path", parse_words, FIELD(path), -1 },
        { "Match", "Driver", parse_words, FIELD(driver), -1 },
        { "Match", "Type", parse_words, FIELD(type), -1 },
        { "Match", "Kind", parse_words, FIELD(kind), -1 },
        { "Match", "Property", parse_property, FIELD(property), -1 },
        { "Match", "WLANInterfaceType", parse_wlan_type, FIELD(wireless), -1 },
        { "Match", "SSID", parse_ssid, FIELD(wireless), -1 },
        { "Match", "BSSID", parse_bssid, FIELD(wireless), -1 },
        {},
};

int match_apply(const Key *key, const Assignment *a, Match *match) {
        Source ignored;

        if (key->parse == parse_name)
                return key_apply(key, a, match, &ignored);

        match->more = match->more ?: calloc(1, sizeof(MatchMore));
        return match->more ? key_apply(key, a, match->more, &ignored) : -ENOMEM;
}
