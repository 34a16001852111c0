/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A line for each thing: its name to the left of a colon, and what follows stands below. */

#include "status-device.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "look.h"
#include "status-parts.h"

#define JOURNAL_LINES 10

/* label "": one more line of the thing before. */
static _printf_(2, 3) void line(const char *label, const char *format, ...) {
        _cleanup_(freep) char *text = NULL;
        va_list ap;

        va_start(ap, format);
        if (vasprintf(&text, format, ap) < 0)
                text = NULL;
        va_end(ap);
        printf("%*s%s %s\n", 14, label, *label ? ":" : " ", text ?: "?");
}

static void lines(const char *label, char *const *list) {
        for (; list && *list; list++) {
                line(label, "%s", *list);
                label = "";
        }
}

static void print_head(const Status *d) {
        const char *color = ctl_is_fancy(STDOUT_FILENO) ? look_state_color(d->administrative_state) : "";
        const char *reset = *color ? LOOK_RESET : "";

        look_print_glyph(look_state_color(d->administrative_state));
        printf("%s%s%s\n", d->name, d->description && *d->description ? " - " : "", d->description ?: "");
        line("State", "%s%s%s (%s, addresses %s)", color, d->administrative_state, reset,
             d->operational_state, d->address_state);
        if (d->required_for_online)
                line("Online", d->online_satisfied ? "yes, as far as its file asks for"
                                                   : "not as far as its file asks for");
}

static void print_kind(const Status *d) {
        if (!d->is_tuntap) {
                line("Kind", "%s", d->kind && *d->kind ? d->kind : "no TUN/TAP device");
                return;
        }
        line("Kind", "%s-queue %s, PacketInfo=%s, VNetHeader=%s%s", d->multi_queue ? "multi" : "single",
             d->kind, d->packet_info ? "yes" : "no", d->vnet_header ? "yes" : "no",
             d->ifindex == 0 ? ", does not exist"
             : d->persist    ? ", persistent"
                             : ", not persistent");
}

static int print_attach(const Status *d, bool remote) {
        _cleanup_(freep) char *user = d->owner_uid < 0 ? NULL : look_user(d->owner_uid, remote),
                              *group = d->group_gid < 0 ? NULL : look_group(d->group_gid, remote);

        if (!d->is_tuntap)
                return 0;
        if ((d->owner_uid >= 0 && !user) || (d->group_gid >= 0 && !group))
                return -ENOMEM;
        if (user && group)
                line("May attach", "user %s, if in group %s", user, group);
        else if (user)
                line("May attach", "user %s", user);
        else if (group)
                line("May attach", "members of group %s", group);
        else
                line("May attach", "every local user (on newer kernels: nobody), as it has no owner");
        return 0;
}

static void print_link(const Status *d) {
        char mac[STATUS_HARDWARE_ADDRESS_MAX];

        if (d->ifindex == 0)
                return;
        line("Index", "%" PRIi32, d->ifindex);
        line("MTU", "%" PRIu32, d->mtu);
        if (d->hardware_address_length > 0)
                line("MAC address", "%s", status_hardware_address(d, mac));
        lines("Addresses", d->addresses);
}

/* Who makes it, and what becomes of it. */
static void print_carrier(const Status *d) {
        const char *state = d->carrier_state ?: "";

        if (d->ifindex == 0 || !d->is_tuntap)
                return;
        if (strcmp(state, "off") == 0)
                line("Carrier", "none, the device is down: writing to it gives EIO");
        else if (strcmp(state, "no-carrier") == 0)
                line("Carrier", "no%s",
                     d->consumer_attached ? ", though a program is attached"
                     : d->keep_carrier    ? ", though KeepCarrier=yes: only a running netdevd keeps it"
                                          : ", no program is attached");
        else if (d->carrier_held)
                line("Carrier",
                     d->consumer_attached
                                     ? "yes, by the program attached, and kept by netdevd when that goes"
                                     : "yes, kept by netdevd; no program is attached");
        else
                line("Carrier", d->consumer_attached ? "yes, by the program attached; it goes with it"
                                                     : "yes, by a queue that is open");
}

static void print_queues(const Status *d) {
        if (d->ifindex == 0 || !d->is_tuntap)
                return;
        if (d->multi_queue)
                line("Queues", "%" PRIu32 " attached, %" PRIu32 " detached%s", d->active_queues,
                     d->disabled_queues, d->carrier_held ? ", one of them netdevd's" : "");
        else
                line("Queues", d->carrier_held ? "a single one, held by netdevd" : "a single one");
}

static int print_consumers(const Status *d, const Shown *s) {
        _cleanup_(consumers_done) Consumers c = {};
        const char *label = "Programs";
        int r = consumers_find(d, s, &c);

        if (r < 0 || d->ifindex == 0 || !d->is_tuntap)
                return r;
        for (size_t i = 0; i < c.n; i++, label = "") {
                const Consumer *x = c.items + i;
                _cleanup_(freep) char *user = look_user(x->uid, s->is_remote);

                if (!user)
                        return -ENOMEM;
                line(label, "%s, pid %" PRIu32 ", user %s%s%s%s", *x->command ? x->command : "?", x->pid,
                     user, *x->unit ? ", " : "", x->unit, x->leased ? ", queue from netdevd" : "");
        }
        if (c.n == 0 && !d->consumer_attached)
                line(label, "none attached");
        else if (!s->is_remote && !c.complete)
                line(label,
                     c.n == 0 ? "one is attached; root would see which" : "root would see whether all");
        else if (c.n == 0)
                line(label, "one is attached");
        return 0;
}

static const char *remedy(const Status *d) {
        const char *state = d->administrative_state ?: "";

        if (strcmp(state, "orphaned") == 0)
                return "No file declares it any more; 'netdevctl prune' removes it";
        if (strcmp(state, "missing") == 0)
                return "Its link was deleted; 'netdevctl reload' makes it anew";
        if (strcmp(state, "drifted") == 0)
                return "Changed by somebody else; 'netdevctl reconfigure' puts it right";
        if (d->error == 0)
                return NULL;
        if (d->error == EBUSY)
                return "None is needed: it goes on by itself when that is over";
        if (d->error == EEXIST)
                return "Change the file or what is in the way, then 'netdevctl reload'";
        return "Put it right, then 'netdevctl reload'; 'netdevctl explain' tells more";
}

static void print_state(const Status *d) {
        _cleanup_(freep) char *error = status_error(d);
        const char *what = remedy(d);

        lines("Left to do", d->drift);
        if (error && d->error_text && *d->error_text)
                line("Last error", "%s", error);
        if (what)
                line("Remedy", "%s", what);
}

static void print_traffic(const Status *d) {
        Traffic t;

        if (traffic_read(d, &t) < 0)
                return;
        line("Written", "%" PRIu64 " packets, %" PRIu64 " bytes, %" PRIu64 " errors, %" PRIu64 " dropped",
             t.rx_packets, t.rx_bytes, t.rx_errors, t.rx_dropped);
        line("Read", "%" PRIu64 " packets, %" PRIu64 " bytes, %" PRIu64 " errors, %" PRIu64 " dropped",
             t.tx_packets, t.tx_bytes, t.tx_errors, t.tx_dropped);
}

static void print_journal(const Status *d) {
        _cleanup_(strv_freep) char **list = NULL;

        if (journal_read(d->name, JOURNAL_LINES, &list) < 0 || !list)
                return;
        puts("");
        for (char **i = list; *i; i++)
                puts(*i);
}

int status_device_print(const Status *d, const Shown *s) {
        int r;

        print_head(d);
        print_kind(d);
        lines("Files", d->config_files);
        lines("Network files", d->network_files);
        r = print_attach(d, s->is_remote);
        if (r < 0)
                return r;
        print_link(d);
        print_carrier(d);
        print_queues(d);
        r = print_consumers(d, s);
        if (r < 0)
                return r;
        print_state(d);
        if (!s->is_remote) {
                print_traffic(d);
                print_journal(d);
        }
        return 0;
}

static struct json_object *processes(const Status *d, const Shown *s) {
        _cleanup_(consumers_done) Consumers c = {};
        struct json_object *list = json_object_new_array();

        if (consumers_find(d, s, &c) < 0)
                return list;
        for (size_t i = 0; list && i < c.n; i++) {
                struct json_object *o = json_object_new_object();

                if (!o)
                        break;
                json_add_int(o, "PID", c.items[i].pid);
                json_add_int(o, "UID", c.items[i].uid);
                json_add_string(o, "Command", c.items[i].command);
                json_add_string(o, "Unit", c.items[i].unit);
                (void) json_object_object_add(o, "Leased", json_object_new_boolean(c.items[i].leased));
                (void) json_object_array_add(list, o);
        }
        return list;
}

static struct json_object *statistics(const Status *d) {
        struct json_object *o;
        Traffic t;

        if (traffic_read(d, &t) < 0)
                return NULL;
        o = json_object_new_object();
        if (!o)
                return NULL;
        json_add_int(o, "RxBytes", (int64_t) t.rx_bytes);
        json_add_int(o, "RxPackets", (int64_t) t.rx_packets);
        json_add_int(o, "RxErrors", (int64_t) t.rx_errors);
        json_add_int(o, "RxDropped", (int64_t) t.rx_dropped);
        json_add_int(o, "TxBytes", (int64_t) t.tx_bytes);
        json_add_int(o, "TxPackets", (int64_t) t.tx_packets);
        json_add_int(o, "TxErrors", (int64_t) t.tx_errors);
        json_add_int(o, "TxDropped", (int64_t) t.tx_dropped);
        return o;
}

struct json_object *status_device_to_json(const Status *d, const Shown *s) {
        struct json_object *o = shown_device_to_json(d);

        if (!o)
                return NULL;
        (void) json_object_object_add(o, "Processes", processes(d, s));
        (void) json_object_object_add(o, "Statistics", s->is_remote ? NULL : statistics(d));
        return o;
}
