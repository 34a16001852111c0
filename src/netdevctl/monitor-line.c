/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One event in words or as JSON. What others chose (names, paths) is escaped. */

#include "monitor-line.h"

#include <string.h>
#include <time.h>

#include "base/escape.h"

#define TEXT_MAX 4096

/* Local time by ISO 8601. */
static const char *now_text(char *buffer, size_t size) {
        char zone[8] = "", day[32] = "";
        struct timespec now;
        struct tm tm;

        (void) clock_gettime(CLOCK_REALTIME, &now);
        if (localtime_r(&now.tv_sec, &tm)) {
                (void) strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
                (void) strftime(zone, sizeof(zone), "%z", &tm);
        }
        (void) snprintf(buffer, size, "%s.%03ld%.3s:%s", day, now.tv_nsec / 1000000, zone,
                        strlen(zone) > 3 ? zone + 3 : "");
        return buffer;
}

static const char *member(struct json_object *object, const char *name) {
        const char *s = json_object_get_string(json_object_object_get(object, name));

        return s ?: "";
}

/* PATH:LINE: TEXT, of a problem or an error; or the members one after the other. */
static void write_object(FILE *f, struct json_object *object) {
        bool first = true;

        if (json_object_object_get_ex(object, "Text", NULL)) {
                if (*member(object, "Path"))
                        fprintf(f, "%s:%s: ", member(object, "Path"), member(object, "Line"));
                fputs(*member(object, "Text") ? member(object, "Text") : "none", f);
                return;
        }
        json_object_object_foreach(object, name, value) {
                fprintf(f, "%s%s %s", first ? "" : ", ", name, json_object_get_string(value) ?: "");
                first = false;
        }
}

static void write_value(FILE *f, struct json_object *value) {
        const char *s;

        switch (json_object_get_type(value)) {
        case json_type_boolean: fputs(json_object_get_boolean(value) ? "yes" : "no", f); break;
        case json_type_object: write_object(f, value); break;
        case json_type_null:
        case json_type_double:
        case json_type_int:
        case json_type_array:
        case json_type_string:
                s = json_object_get_string(value);
                fputs(s && *s ? s : "none", f);
                break;
        }
}

static bool has(struct json_object *array, struct json_object *item) {
        for (size_t i = 0; i < json_object_array_length(array); i++)
                if (json_object_equal(json_object_array_get_idx(array, i), item))
                        return true;
        return false;
}

/* What is in one list and not in the other. */
static bool write_difference(FILE *f, struct json_object *list, struct json_object *other, char sign) {
        bool any = false;

        for (size_t i = 0; i < json_object_array_length(list); i++) {
                struct json_object *item = json_object_array_get_idx(list, i);

                if (has(other, item))
                        continue;
                fprintf(f, " %c", sign);
                write_value(f, item);
                any = true;
        }
        return any;
}

static void write_change(FILE *f, const WatchNews *news) {
        fprintf(f, " %s:", news->property);
        if (json_object_is_type(news->before, json_type_array) &&
            json_object_is_type(news->after, json_type_array)) {
                bool more = write_difference(f, news->after, news->before, '+');
                bool less = write_difference(f, news->before, news->after, '-');

                if (!more && !less)
                        fputs(" in another order", f);
                return;
        }
        if (json_object_get_type(news->before) != json_type_null) {
                fputc(' ', f);
                write_value(f, news->before);
                fputs(" ->", f);
        }
        fputc(' ', f);
        write_value(f, news->after);
}

static void write_line(FILE *f, const WatchNews *news) {
        char time[64];

        fprintf(f, "%s %s", now_text(time, sizeof(time)), news->device ?: "netdevd:");
        switch (news->event) {
        case WATCH_READY: fputs(" back", f); break;
        case WATCH_GONE: fputs(" gone", f); break;
        case WATCH_ADDED:
                fprintf(f, " added: %s, %s", member(news->after, "AdministrativeState"),
                        member(news->after, "OperationalState"));
                break;
        case WATCH_REMOVED: fputs(" removed", f); break;
        case WATCH_CHANGED: write_change(f, news); break;
        }
}

int monitor_print_line(const WatchNews *news) {
        _cleanup_(freep) char *line = NULL, *escaped = NULL;
        size_t n;
        FILE *f;

        f = open_memstream(&line, &n);
        if (!f)
                return -ENOMEM;
        write_line(f, news);
        if (fclose(f) != 0)
                return -ENOMEM;
        escaped = text_escape(line, TEXT_MAX);
        if (!escaped)
                return -ENOMEM;
        puts(escaped);
        return 0;
}

int monitor_print_json(const WatchNews *news, JsonMode mode) {
        static const char *const words[] = {
                [WATCH_READY] = "back",      [WATCH_GONE] = "gone",       [WATCH_ADDED] = "added",
                [WATCH_REMOVED] = "removed", [WATCH_CHANGED] = "changed",
        };
        struct json_object *line = json_object_new_object();
        char time[64];

        if (!line)
                return -ENOMEM;
        json_add_string(line, "time", now_text(time, sizeof(time)));
        json_add_string(line, "event", words[news->event]);
        json_add_string(line, "device", news->device);
        json_add_string(line, "property", news->property);
        (void) json_object_object_add(line, "old", json_object_get(news->before));
        (void) json_object_object_add(line, "new", json_object_get(news->after));
        return json_print(line, mode);
}
