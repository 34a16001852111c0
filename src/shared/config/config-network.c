/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One .network file: [Match] Name=, [Link] and [Network]. */

#include <string.h>

#include "config-file.h"

static int parse_match_name(const Assignment *a, void *field, void *object);
static int parse_address(const Assignment *a, void *field, void *object);

static const Key network_keys[] = {
        { "Match", "Name", parse_match_name, 0, -1 },
        { "Link", "MTUBytes", key_parse_mtu, offsetof(NetworkConfig, mtu), NETWORK_MTU },
        { "Link", "MACAddress", key_parse_hwaddr, offsetof(NetworkConfig, mac_address),
          NETWORK_MAC_ADDRESS },
        { "Network", "Description", key_parse_string, offsetof(NetworkConfig, description),
          NETWORK_DESCRIPTION },
        { "Network", "Address", parse_address, 0, -1 },
        {},
};

static void free_match_names(NetworkConfig *n) {
        for (size_t i = 0; i < n->n_match_names; i++)
                free(n->match_names[i].glob);
        free(n->match_names);
        n->match_names = NULL;
        n->n_match_names = 0;
}

NetworkConfig *network_config_free(NetworkConfig *n) {
        if (!n)
                return NULL;

        free(n->file_name);
        strv_free(n->files);
        free_match_names(n);
        free(n->description);
        free(n->addresses);
        free(n);
        return NULL;
}

static int add_match_word(NetworkConfig *n, const char *word, bool negative) {
        _cleanup_(freep) char *glob = strdup(word);
        int r;

        if (!glob)
                return -ENOMEM;

        r = ARRAY_RESERVE_ONE(n->match_names, n->n_match_names);
        if (r < 0)
                return r;

        n->match_names[n->n_match_names++] = (MatchWord){
                .glob = TAKE_PTR(glob),
                .negative = negative,
                .literal = !negative && !strpbrk(word, "*?[\\"),
        };
        return 0;
}

/* "!" as the first character of the value counts for every word of the line (systemd.network(5)). */
static int parse_match_name(const Assignment *a, void *field _unused_, void *object) {
        _cleanup_(strv_freep) char **words = NULL;
        NetworkConfig *n = object;
        bool negative = a->value[0] == '!';
        int r;

        if (!*a->value) {
                free_match_names(n);
                return 1;
        }

        r = split_words(a->value + negative, &words);
        if (r == -EINVAL)
                return diag_add(a->diag, SEVERITY_WARNING, &a->source, "remove the backslash at the end",
                                "Name= '%s' ends in a backslash; the line is ignored", a->value);
        if (r < 0)
                return r;

        for (char **w = words; w && *w; w++) {
                /* As networkd: each word must look like a name, with *, ? and […] being legal in names
                 * anyway. */
                if (!altname_valid(*w)) {
                        (void) diag_add(a->diag, SEVERITY_WARNING, &a->source,
                                        "write interface names or globs",
                                        "'%s' in Name= can match no interface; the word is ignored", *w);
                        continue;
                }
                if (n->n_match_names >= CONFIG_MATCH_WORDS_MAX)
                        return diag_add(a->diag, SEVERITY_WARNING, &a->source,
                                        "use a glob, or several files",
                                        "more than %d names in [Match]; those from '%s' on are ignored",
                                        CONFIG_MATCH_WORDS_MAX, *w);
                r = add_match_word(n, *w, negative);
                if (r < 0)
                        return r;
        }

        return 1;
}

static bool in_addr_is_null(const InAddr *a) {
        static const uint8_t zero[16];

        return memcmp(a->bytes, zero, a->family == AF_INET ? 4 : 16) == 0;
}

static bool same_address(const AddressConfig *a, const AddressConfig *b) {
        /* An IPv4 address counts with its prefix, an IPv6 address alone. */
        return a->address.family == b->address.family &&
               memcmp(a->address.bytes, b->address.bytes, 16) == 0 &&
               (a->address.family == AF_INET6 || a->prefixlen == b->prefixlen);
}

/* Appends, dropping an earlier equal one, as networkd does. */
static int add_address(NetworkConfig *n, const AddressConfig *address, Diagnostics *diag) {
        int r;

        for (size_t i = 0; i < n->n_addresses; i++)
                if (same_address(n->addresses + i, address)) {
                        memmove(n->addresses + i, n->addresses + i + 1,
                                (n->n_addresses - i - 1) * sizeof(AddressConfig));
                        n->addresses[n->n_addresses - 1] = *address;
                        return diag_add(diag, SEVERITY_WARNING, &address->source,
                                        "remove one of the two lines",
                                        "the address is given twice; the earlier line is ignored");
                }

        if (n->n_addresses >= CONFIG_ADDRESSES_MAX)
                return diag_add(diag, SEVERITY_WARNING, &address->source, "spread them over several links",
                                "more than %d addresses; the line is ignored", CONFIG_ADDRESSES_MAX);

        r = ARRAY_RESERVE_ONE(n->addresses, n->n_addresses);
        if (r < 0)
                return r;
        n->addresses[n->n_addresses++] = *address;
        return 1;
}

static int parse_address(const Assignment *a, void *field _unused_, void *object) {
        AddressConfig address = { .source = { a->source.path, a->source.line, "Network", "Address" } };
        const char *slash = strchr(a->value, '/');
        bool has_length;
        int r;

        r = parse_in_addr_prefix(a->value, &address.address, &address.prefixlen, &has_length);
        if (r < 0)
                return diag_add(a->diag, SEVERITY_WARNING, &a->source,
                                "write it like 192.0.2.1/24 or 2001:db8::1/64",
                                "Address= '%s' is no address with prefix length; the line is ignored",
                                a->value);

        if (in_addr_is_null(&address.address))
                return diag_add(a->diag, SEVERITY_WARNING, &a->source, "write the address to use",
                                "Address= '%s' asks for an address from a pool, which is not implemented; "
                                "the line is "
                                "ignored",
                                a->value);
        if (!has_length)
                (void) diag_add(a->diag, SEVERITY_WARNING, &a->source, "write the length, for example /24",
                                "Address= '%s' has no prefix length; /%u is used", a->value,
                                address.prefixlen);
        else if (number_is_octal_surprise(slash + 1))
                (void) diag_add(a->diag, SEVERITY_WARNING, &a->source,
                                "write the length without a leading 0",
                                "the prefix length in Address= '%s' is octal, as in systemd: /%u is used",
                                a->value, address.prefixlen);

        return add_address(object, &address, a->diag);
}

static bool section_is_ours(const char *name) {
        return strcmp(name, "Match") == 0 || strcmp(name, "Link") == 0 || strcmp(name, "Network") == 0;
}

static int apply_assignment(const Assignment *a, const IniSection *section, void *userdata) {
        NetworkConfig *n = userdata;
        const Key *key = key_find(network_keys, section->name, a->source.key);

        if (key)
                return key_apply(key, a, n, n->sources);

        if (!section_is_ours(section->name))
                return 0; /* spoken of once, at its header */

        if (strcmp(section->name, "Match") == 0 && networkd_has_key(FILE_NETWORK, "Match", a->source.key)) {
                n->match_unusable = true;
                return diag_add(a->diag, SEVERITY_ERROR, &a->source, "match by Name=",
                                "[Match] %s= is not implemented, so the file matches nothing",
                                a->source.key);
        }

        key_report_key(FILE_NETWORK, network_keys, &a->source, a->diag);
        return 0;
}

static void report_section(const Source *section, void *userdata) {
        if (!section_is_ours(section->section))
                key_report_section(FILE_NETWORK, section, userdata);
}

int network_config_load(const LookupFile *file, Diagnostics *diag, NetworkConfig **ret) {
        _cleanup_(network_config_freep) NetworkConfig *n = NULL;
        _cleanup_(file_set_done) FileSet set = {};
        int r;

        r = file_set_read(file, diag, &set);
        if (r <= 0)
                return r;

        n = calloc(1, sizeof(NetworkConfig));
        if (!n)
                return -ENOMEM;
        n->file_name = strdup(file->name);
        if (!n->file_name)
                return -ENOMEM;

        file_set_each_section(&set, report_section, diag);
        r = file_set_each(&set, diag, apply_assignment, n);
        if (r < 0)
                return r;

        n->files = TAKE_PTR(set.paths); /* the sources point into it */

        /* As in networkd, and unlike its man page: no [Match] means no file, not every link. */
        if (n->n_match_names == 0 && !n->match_unusable) {
                Source source = { n->files ? n->files[0] : file->name, 0, "Match", NULL };

                (void) diag_add(diag, SEVERITY_ERROR, &source,
                                "write [Match] with Name=; Name=* matches every link",
                                "no usable [Match]; the file is ignored");
                return -EBADMSG;
        }

        *ret = TAKE_PTR(n);
        return 1;
}
