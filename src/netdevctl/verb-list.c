/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* netdevctl list: one line a device. */

#include <libsmartcols/libsmartcols.h>
#include <string.h>

#include "look.h"
#include "shown.h"

const char verb_list_help[] =
                "Lists the devices: those that files declare or name, those netdevd once made,\n"
                "and TUN/TAP devices of others. With arguments only those of these names; a\n"
                "name may be a pattern like 'vm*'.\n\n"
                "  STATE      configured; drifted: others changed it; blocked: something is in\n"
                "             the way; failed; missing: others deleted it; pending; orphaned:\n"
                "             no file declares it any more; unmanaged: not netdevd's\n"
                "  OPER       off, no-carrier, carrier, degraded (link-local addresses only),\n"
                "             routable: the words of networkctl\n"
                "  OWNER      user or :group that may attach; '*' is everybody\n"
                "  QUEUES     attached + detached; single-queue devices are not counted\n"
                "  CONSUMER   whether a program is behind the device\n\n"
                "When netdevd does not run this is computed from files and kernel, and a note\n"
                "says so.";

/* With less they say nothing. */
#define ADDRESS_LEAST 9
#define OWNER_LEAST   6

enum {
        COLUMN_GLYPH,
        COLUMN_NAME,
        COLUMN_KIND,
        COLUMN_STATE,
        COLUMN_OPERATIONAL,
        COLUMN_OWNER,
        COLUMN_QUEUES,
        COLUMN_CONSUMER,
        COLUMN_ADDRESSES,
        _COLUMN_MAX,
};

static const struct {
        const char *heading;
        int flags;
} columns[_COLUMN_MAX] = {
        [COLUMN_GLYPH] = { "", 0 },
        [COLUMN_NAME] = { "NAME", 0 },
        [COLUMN_KIND] = { "KIND", 0 },
        [COLUMN_STATE] = { "STATE", 0 },
        [COLUMN_OPERATIONAL] = { "OPER", 0 },
        [COLUMN_OWNER] = { "OWNER", SCOLS_FL_TRUNC }, /* when all else is not enough */
        [COLUMN_QUEUES] = { "QUEUES", SCOLS_FL_RIGHT },
        [COLUMN_CONSUMER] = { "CONSUMER", 0 },
        [COLUMN_ADDRESSES] = { "ADDRESSES", SCOLS_FL_TRUNC },
};

static void unref_table(struct libscols_table **table) {
        scols_unref_table(*table);
}

static char *format_queues(const Status *d) {
        char *text;

        if (!d->is_tuntap || d->ifindex == 0)
                return strdup("-");
        if (!d->multi_queue)
                return strdup("single");
        return asprintf(&text, "%u+%u", d->active_queues, d->disabled_queues) < 0 ? NULL : text;
}

/* All of them for programs, as many as fit for people. */
static char *format_addresses(const Status *d, bool fancy) {
        size_t n = strv_length(d->addresses);
        char *text = NULL;

        if (n == 0)
                return strdup("-");
        if (fancy && n > 1)
                return asprintf(&text, "%s +%zu", d->addresses[0], n - 1) < 0 ? NULL : text;
        return look_join(d->addresses, ",");
}

static const char *format_consumer(const Status *d) {
        return !d->is_tuntap || d->ifindex == 0 ? "-" : d->consumer_attached ? "yes" : "no";
}

static int set(struct libscols_line *line, size_t column, const char *text) {
        return scols_line_set_data(line, column, text && *text ? text : "-");
}

/* Takes the text over. */
static int set_owned(struct libscols_line *line, size_t column, char *text) {
        return text ? scols_line_refer_data(line, column, text) : -ENOMEM;
}

static int add_device(struct libscols_table *table, const Status *d, bool remote, bool fancy) {
        const char *color = look_state_color(d->administrative_state);
        struct libscols_line *line = scols_table_new_line(table, NULL);
        size_t skip = fancy ? 0 : 1;
        int r = line ? 0 : -ENOMEM;

        if (r >= 0 && fancy)
                r = set(line, COLUMN_GLYPH, look_glyph());
        if (r >= 0)
                r = set(line, COLUMN_NAME - skip, d->name);
        if (r >= 0)
                r = set(line, COLUMN_KIND - skip, d->kind);
        if (r >= 0)
                r = set(line, COLUMN_STATE - skip, d->administrative_state);
        if (r >= 0)
                r = set(line, COLUMN_OPERATIONAL - skip, d->operational_state);
        if (r >= 0)
                r = set_owned(line, COLUMN_OWNER - skip, look_owner(d, remote));
        if (r >= 0)
                r = set_owned(line, COLUMN_QUEUES - skip, format_queues(d));
        if (r >= 0)
                r = set(line, COLUMN_CONSUMER - skip, format_consumer(d));
        if (r >= 0)
                r = set_owned(line, COLUMN_ADDRESSES - skip, format_addresses(d, fancy));
        if (r >= 0 && fancy && color[0]) {
                (void) scols_cell_set_color(scols_line_get_cell(line, COLUMN_GLYPH), color);
                (void) scols_cell_set_color(scols_line_get_cell(line, COLUMN_STATE), color);
        }
        return r;
}

static const char *cell(struct libscols_table *table, size_t line, size_t column) {
        return scols_cell_get_data(scols_line_get_cell(scols_table_get_line(table, line), column)) ?: "";
}

static void set_up_table(struct libscols_table *table, const Options *options, bool fancy) {
        (void) scols_table_enable_noheadings(table, options->no_legend);
        (void) scols_table_enable_noencoding(table, 1); /* all is escaped, once */
        (void) scols_table_enable_colors(table, fancy);
        /* In a pipe nothing is cut. */
        (void) scols_table_set_termforce(table, fancy ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
        if (fancy)
                (void) scols_table_set_termwidth(table, look_width());
}

static size_t column_width(struct libscols_table *table, size_t column) {
        size_t width = strlen(columns[column].heading);

        for (size_t i = 0; i < scols_table_get_nlines(table); i++) {
                size_t n = look_columns(cell(table, i, column));

                width = n > width ? n : width;
        }
        return width;
}

/* What is cut must show that it is. What is behind a blank stays. */
static int cut(struct libscols_table *table, size_t column, size_t room) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < scols_table_get_nlines(table); i++) {
                const char *text = cell(table, i, column), *more = strchr(text, ' ') ?: "";
                size_t m = strlen(more) + 1;
                char *shorter;

                if (strlen(text) <= room)
                        continue;
                if (asprintf(&shorter, "%.*s%s%s", room > m ? (int) (room - m) : 0, text, look_ellipsis(),
                             more) < 0)
                        return -ENOMEM;
                r = set_owned(scols_table_get_line(table, i), column, shorter);
        }
        return r;
}

/* What the other columns leave goes to the addresses; if that is too little, the owner gives way. */
static int fit(struct libscols_table *table) {
        size_t used = 0, owner = column_width(table, COLUMN_OWNER), rest, least = ADDRESS_LEAST;
        int r;

        for (size_t i = 0; i < COLUMN_ADDRESSES; i++)
                used += column_width(table, i) + 1;
        if (column_width(table, COLUMN_ADDRESSES) < least)
                least = column_width(table, COLUMN_ADDRESSES);
        rest = look_width() > used ? look_width() - used : 0;
        if (rest >= least)
                return cut(table, COLUMN_ADDRESSES, rest);

        r = cut(table, COLUMN_ADDRESSES, least);
        owner = owner > least - rest + OWNER_LEAST ? owner - (least - rest) : OWNER_LEAST;
        return r < 0 ? r : cut(table, COLUMN_OWNER, owner);
}

static int print_table(const Shown *s, const bool *chosen, const Options *options) {
        _cleanup_(unref_table) struct libscols_table *table = scols_new_table();
        bool fancy = ctl_is_fancy(STDOUT_FILENO);
        size_t n = 0;
        int r = table ? 0 : -ENOMEM;

        if (r < 0)
                return r;
        set_up_table(table, options, fancy);
        for (size_t i = fancy ? 0 : 1; i < _COLUMN_MAX; i++)
                if (!scols_table_new_column(table, columns[i].heading, 0, columns[i].flags))
                        return -ENOMEM;
        for (size_t i = 0; r >= 0 && i < s->n_devices; i++)
                if (chosen[i]) {
                        r = add_device(table, s->devices + i, s->is_remote, fancy);
                        n++;
                }
        if (r >= 0 && fancy)
                r = fit(table);
        if (r < 0)
                return r;

        /* An empty table has not even headings. */
        r = n > 0 ? scols_print_table(table) : 0;
        if (fancy && !options->no_legend)
                printf("%s%zu device%s.\n", n > 0 ? "\n" : "", n, n == 1 ? "" : "s");
        return r;
}

static int print_json(const Shown *s, const bool *chosen, JsonMode mode) {
        struct json_object *list = json_object_new_array();

        for (size_t i = 0; list && i < s->n_devices; i++)
                if (chosen[i])
                        (void) json_object_array_add(list, shown_device_to_json(s->devices + i));
        return json_print(list, mode);
}

int verb_list(char **args, const Options *options) {
        _cleanup_(shown_done) Shown s = {};
        _cleanup_(freep) bool *chosen = NULL;
        bool all;
        int r;

        if (shown_read(options, &s) < 0)
                return CTL_FAILED;
        chosen = calloc(s.n_devices + 1, sizeof(bool));
        if (!chosen)
                return ctl_error(ENOMEM, "cannot list the devices");

        all = look_choose(&s, args, chosen);
        r = options->json == JSON_OFF ? print_table(&s, chosen, options)
                                      : print_json(&s, chosen, options->json);
        if (r < 0)
                return ctl_error(r, "cannot list the devices");
        return all ? CTL_GOOD : CTL_FAILED;
}
