/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every key that the loaders recognise, one a line: "netdev|network|conf SECTION KEY", and what is
 * recognised only to be left out: "left-out SECTION KEY", or "left-out SECTION" for a whole section. Unlike
 * the other programs here it is made of the library, since it says what is in it. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "config/config-file.h"

static void print(const char *type, const Key *keys) {
        for (; keys->section; keys++)
                printf("%s %s %s\n", type, keys->section, keys->name);
}

static void print_all(const char *type, const Key *const *tables) {
        for (; *tables; tables++)
                print(type, *tables);
}

/* Whether the section, or when key is not NULL that key of it, is in the tables. */
static bool is_read(FileType type, const char *section, const char *key) {
        for (const Key *const *table = config_key_tables(type); *table; table++)
                for (const Key *k = *table; k->section; k++)
                        if (strcmp(k->section, section) == 0 && (!key || strcmp(k->name, key) == 0))
                                return true;
        return false;
}

static int print_left_out_of(FileType type, const char *section) {
        _cleanup_(strv_freep) char **keys = NULL;
        int r;

        if (!is_read(type, section, NULL)) {
                printf("left-out %s\n", section);
                return 0;
        }

        r = networkd_keys(type, section, &keys);
        for (char **k = keys; k && *k; k++)
                if (!is_read(type, section, *k))
                        printf("left-out %s %s\n", section, *k);
        return r;
}

/* Of .network files only: a section of a .netdev file that is not of its kind is a mistake, in networkd too.
 */
static int print_left_out(void) {
        _cleanup_(strv_freep) char **sections = NULL;
        int r;

        r = networkd_sections(FILE_NETWORK, &sections);
        for (char **s = sections; s && *s && r >= 0; s++)
                r = print_left_out_of(FILE_NETWORK, *s);
        return r;
}

int main(void) {
        print_all("netdev", config_key_tables(FILE_NETDEV));
        print_all("network", config_key_tables(FILE_NETWORK));
        print("conf", settings_keys);
        return print_left_out() < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
