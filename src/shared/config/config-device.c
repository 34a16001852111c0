/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One .netdev file: [NetDev] and the section of its kind. The kind is found first, since it decides which
 * sections count. */

#include <string.h>

#include "config-file.h"

static const char *const kind_table[_KIND_MAX] = {
        [KIND_TUN] = "tun",
        [KIND_TAP] = "tap",
};

DEFINE_STRING_TABLE(kind, Kind);

/* What else Kind= may say in a file written for systemd-networkd (systemd.netdev(5)). */
static const char *const other_kinds[] = {
        "bareudp", "batadv", "bond",      "bridge", "dummy",  "erspan",    "fou",     "geneve",
        "gre",     "gretap", "hsr",       "ifb",    "ip6gre", "ip6gretap", "ip6tnl",  "ipip",
        "ipoib",   "ipvlan", "ipvtap",    "l2tp",   "macsec", "macvlan",   "macvtap", "netdevsim",
        "nlmon",   "sit",    "vcan",      "veth",   "vlan",   "vrf",       "vti",     "vti6",
        "vxcan",   "vxlan",  "wireguard", "wlan",   "xfrm",   NULL,
};

#define DEVICE_KEYS(s)                                                                                      \
        { s, "MultiQueue", key_parse_bool, offsetof(DeviceConfig, multi_queue), DEVICE_MULTI_QUEUE },       \
                        { s, "PacketInfo", key_parse_bool, offsetof(DeviceConfig, packet_info),             \
                          DEVICE_PACKET_INFO },                                                             \
                        { s, "VNetHeader", key_parse_bool, offsetof(DeviceConfig, vnet_header),             \
                          DEVICE_VNET_HEADER },                                                             \
                        { s, "User", key_parse_safe_string, offsetof(DeviceConfig, user), DEVICE_USER },    \
                        { s, "Group", key_parse_safe_string, offsetof(DeviceConfig, group), DEVICE_GROUP }, \
                        { s, "KeepCarrier", key_parse_bool, offsetof(DeviceConfig, keep_carrier),           \
                          DEVICE_KEEP_CARRIER },                                                            \
                        { s, "AllowAnyUser", key_parse_bool, offsetof(DeviceConfig, allow_any_user),        \
                          DEVICE_ALLOW_ANY_USER },                                                          \
        {                                                                                                   \
                s, "OneQueue", parse_one_queue, 0, -1                                                       \
        }

/* Removed from networkd and the kernel long ago; harmless. */
static int parse_one_queue(const Assignment *a, void *field _unused_, void *object _unused_) {
        return diag_add(a->diag, SEVERITY_NOTICE, &a->source, "remove the line",
                        "OneQueue= no longer has any effect");
}

/* The kind was settled before: here a different one is only spoken of. */
static int parse_kind(const Assignment *a, void *field, void *object _unused_) {
        Kind kind = kind_from_string(a->value);

        if (kind >= 0 && kind != *(Kind *) field)
                return diag_add(a->diag, SEVERITY_WARNING, &a->source, "a drop-in cannot change the kind",
                                "Kind=%s comes after Kind=%s and is ignored", a->value,
                                kind_to_string(*(Kind *) field));
        if (kind < 0)
                return diag_add(a->diag, SEVERITY_WARNING, &a->source, "use tun or tap",
                                "Kind= '%s' is not known; the line is ignored", a->value);
        return 1;
}

static const Key device_keys[] = {
        { "NetDev", "Name", key_parse_ifname, offsetof(DeviceConfig, name), DEVICE_NAME },
        { "NetDev", "Kind", parse_kind, offsetof(DeviceConfig, kind), DEVICE_KIND },
        { "NetDev", "Description", key_parse_string, offsetof(DeviceConfig, description),
          DEVICE_DESCRIPTION },
        DEVICE_KEYS("Tun"),
        DEVICE_KEYS("Tap"),
        {},
};

DeviceConfig *device_config_free(DeviceConfig *d) {
        if (!d)
                return NULL;

        free(d->file_name);
        strv_free(d->files);
        free(d->name);
        free(d->description);
        free(d->user);
        free(d->group);
        free(d);
        return NULL;
}

/* Which of [Tun] and [Tap] is not for this kind. */
static const char *other_section(Kind kind) {
        return kind == KIND_TUN ? "Tap" : "Tun";
}

typedef struct DeviceLoad {
        DeviceConfig *device;
        Kind kind;
        bool other_kind; /* a kind of networkd's that is not ours */
        bool has_kind;
        bool conditional; /* has a [Match] condition, which nothing here evaluates yet */
        Diagnostics *diag;
} DeviceLoad;

static int find_kind(const Assignment *a, const IniSection *section, void *userdata) {
        DeviceLoad *load = userdata;
        Kind kind;

        if (strcmp(section->name, "NetDev") != 0 || strcmp(a->source.key, "Kind") != 0 || load->has_kind)
                return 0;

        kind = kind_from_string(a->value);
        for (const char *const *k = other_kinds; *k && kind < 0; k++)
                if (strcmp(*k, a->value) == 0) {
                        load->other_kind = load->has_kind = true;
                        return diag_add(load->diag, SEVERITY_NOTICE, &a->source,
                                        "netdevd makes tun and tap devices; leave this one to "
                                        "systemd-networkd",
                                        "Kind=%s is not implemented; the file is left out", a->value);
                }

        if (kind >= 0) {
                load->kind = kind;
                load->has_kind = true;
                load->device->sources[DEVICE_KIND] =
                                (Source){ a->source.path, a->source.line, "NetDev", "Kind" };
        }
        return 0;
}

static int apply_assignment(const Assignment *a, const IniSection *section, void *userdata) {
        DeviceLoad *load = userdata;
        const Key *key;

        if (strcmp(section->name, "Match") == 0 && networkd_has_key(FILE_NETDEV, "Match", a->source.key)) {
                load->conditional = true;
                return diag_add(a->diag, SEVERITY_ERROR, &a->source,
                                "remove the condition, or keep the file with systemd-networkd",
                                "condition %s= is not implemented, so the file is not used", a->source.key);
        }

        if (load->has_kind && strcmp(section->name, other_section(load->kind)) == 0)
                return 0; /* spoken of once, at its header */

        key = key_find(device_keys, section->name, a->source.key);
        if (!key) {
                /* One word for an unknown section (at its header), one a line for an unknown key of a known
                 * one. */
                if (strcmp(section->name, "Match") == 0 || strcmp(section->name, "NetDev") == 0 ||
                    strcmp(section->name, "Tun") == 0 || strcmp(section->name, "Tap") == 0)
                        key_report_key(FILE_NETDEV, device_keys, &a->source, a->diag);
                return 0;
        }

        return key_apply(key, a, load->device, load->device->sources);
}

static void report_section(const Source *section, void *userdata) {
        DeviceLoad *load = userdata;
        const char *name = section->section;

        if (strcmp(name, "NetDev") == 0 || strcmp(name, "Match") == 0 ||
            strcmp(name, load->kind == KIND_TUN ? "Tun" : "Tap") == 0)
                return;

        if (strcmp(name, other_section(load->kind)) == 0) {
                if (!load->has_kind)
                        return; /* the missing Kind= is spoken of */
                (void) diag_add(load->diag, SEVERITY_WARNING, section,
                                load->kind == KIND_TUN ? "name the section [Tun]" : "name the section [Tap]",
                                "section [%s] does not count in a file with Kind=%s; all its keys are "
                                "ignored",
                                name, kind_to_string(load->kind));
                return;
        }

        key_report_section(FILE_NETDEV, section, load->diag);
}

/* Checks between keys; the message goes where the key was written. */
static void check(const DeviceConfig *d, Diagnostics *diag) {
        if (d->allow_any_user && (d->user || d->group))
                (void) diag_add(diag, SEVERITY_WARNING, d->sources + DEVICE_ALLOW_ANY_USER,
                                "remove either AllowAnyUser= or User= and Group=",
                                "AllowAnyUser=yes is ignored, since the device has an owner");
        if (d->keep_carrier && !d->multi_queue)
                (void) diag_add(diag, SEVERITY_WARNING, d->sources + DEVICE_KEEP_CARRIER,
                                "set MultiQueue=yes for programs that can open it with IFF_MULTI_QUEUE",
                                "KeepCarrier=yes on a single-queue device: netdevd holds its only queue, "
                                "and programs "
                                "that open %s by name get \"Device or resource busy\"",
                                d->name);
}

static int refuse(const FileSet *set, const LookupFile *file, Diagnostics *diag, const char *key,
                  const char *hint) {
        Source source = { set->n > 0 ? set->paths[0] : file->name, 0, "NetDev", key };

        (void) diag_add(diag, SEVERITY_ERROR, &source, hint,
                        "no valid %s= in [NetDev]; no device is made from this file", key);
        return -EBADMSG;
}

int device_config_load(const LookupFile *file, Diagnostics *diag, DeviceConfig **ret) {
        _cleanup_(device_config_freep) DeviceConfig *d = NULL;
        _cleanup_(file_set_done) FileSet set = {};
        DeviceLoad load = { .diag = diag };
        int r;

        r = file_set_read(file, diag, &set);
        if (r <= 0)
                return r;

        d = load.device = calloc(1, sizeof(DeviceConfig));
        if (!d)
                return -ENOMEM;
        d->file_name = strdup(file->name);
        if (!d->file_name)
                return -ENOMEM;

        r = file_set_each(&set, diag, find_kind, &load);
        if (r < 0)
                return r;
        if (load.other_kind)
                return 0;
        d->kind = load.kind; /* tun when there is none: then the file is refused below, after its lines were
                                read */

        file_set_each_section(&set, report_section, &load);
        r = file_set_each(&set, diag, apply_assignment, &load);
        if (r < 0)
                return r;

        if (load.conditional)
                return -EBADMSG;
        if (!load.has_kind)
                return refuse(&set, file, diag, "Kind", "write Kind=tun or Kind=tap");
        if (!d->name)
                return refuse(&set, file, diag, "Name",
                              "write Name= with 1 to 15 characters, for example Name=tun0");

        d->files = TAKE_PTR(set.paths); /* the sources point into it */
        check(d, diag);

        *ret = TAKE_PTR(d);
        return 1;
}
