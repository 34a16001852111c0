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

/* Fragments of packets need the poller of NAPI, and frames. */
static int parse_frags_of_tun(const Assignment *a, void *field _unused_, void *object _unused_) {
        return key_refuse(a, "remove the line, or use Kind=tap", "NAPIFrags= is for tap devices");
}

/* "none" is what it would be without the line. */
static int parse_mac_address(const Assignment *a, void *field, void *object _unused_) {
        HwAddr v = {};

        if (*a->value && strcmp(a->value, "none") != 0 && (parse_hwaddr(a->value, &v) < 0 || v.length != 6))
                return key_refuse(a, "write six bytes like 02:00:5e:10:00:01, or none",
                                  "MACAddress= '%s' is no hardware address of six bytes", a->value);
        *(HwAddr *) field = v;
        return 1;
}

/* The size of virtio's header in its versions, and what may come. */
static int parse_vnet_header_bytes(const Assignment *a, void *field, void *object _unused_) {
        uint64_t v = 0;

        if (*a->value && (parse_size(a->value, &v) < 0 || v < 10 || v > 256))
                return key_refuse(a, "use 10, 12 (with the number of buffers) or 20 (with a hash)",
                                  "VNetHeaderBytes= '%s' is no size of 10 to 256 bytes", a->value);
        *(uint64_t *) field = v;
        return 1;
}

#define FIELD(member, key) offsetof(DeviceConfig, member), DEVICE_##key

#define TUNTAP_KEYS(s)                                                                                      \
        { s, "MultiQueue", key_parse_bool, FIELD(multi_queue, MULTI_QUEUE) },                               \
                        { s, "PacketInfo", key_parse_bool, FIELD(packet_info, PACKET_INFO) },               \
                        { s, "VNetHeader", key_parse_bool, FIELD(vnet_header, VNET_HEADER) },               \
                        { s, "User", key_parse_safe_string, FIELD(user, USER) },                            \
                        { s, "Group", key_parse_safe_string, FIELD(group, GROUP) },                         \
                        { s, "KeepCarrier", key_parse_bool, FIELD(keep_carrier, KEEP_CARRIER) },            \
                        { s, "AllowAnyUser", key_parse_bool, FIELD(allow_any_user, ALLOW_ANY_USER) },       \
                        { s, "NAPI", key_parse_bool, FIELD(napi, NAPI) },                                   \
                        { s,                                                                                \
                          "SendBufferBytes",                                                                \
                          key_parse_u64_size,                                                               \
                          FIELD(send_buffer, SEND_BUFFER),                                                  \
                          KEY_EMPTY_RESETS,                                                                 \
                          .min = 1,                                                                         \
                          .max = INT32_MAX },                                                               \
                        { s, "VNetHeaderBytes", parse_vnet_header_bytes,                                    \
                          FIELD(vnet_header_bytes, VNET_HEADER_BYTES) },                                    \
        {                                                                                                   \
                s, "OneQueue", parse_one_queue, 0, -1                                                       \
        }

const Key device_keys[] = {
        { "NetDev", "Name", key_parse_ifname, FIELD(name, NAME) },
        { "NetDev", "Kind", parse_kind, FIELD(kind, KIND) },
        { "NetDev", "Description", key_parse_string, FIELD(description, DESCRIPTION) },
        { "NetDev", "MTUBytes", key_parse_mtu, FIELD(mtu, MTU) },
        { "NetDev", "MACAddress", parse_mac_address, FIELD(mac_address, MAC_ADDRESS) },
        { "NetDev", "Recreate", key_parse_bool, FIELD(recreate, RECREATE) },
        { "NetDev", "Enforce", key_parse_optional_bool, FIELD(enforce, ENFORCE) },
        TUNTAP_KEYS("Tun"),
        { "Tun", "NAPIFrags", parse_frags_of_tun, 0, -1 },
        TUNTAP_KEYS("Tap"),
        { "Tap", "NAPIFrags", key_parse_bool, FIELD(napi_frags, NAPI_FRAGS) },
        {},
};

DeviceConfig *device_config_free(DeviceConfig *d) {
        if (!d)
                return NULL;

        free(d->file_name);
        free(d->files);
        free(d->name);
        free(d->description);
        free(d->user);
        free(d->group);
        given_done(&d->given);
        free(d);
        return NULL;
}

typedef struct DeviceLoad {
        DeviceConfig *device;
        Conditions conditions;
        Kind kind;
        bool other_kind; /* a kind of networkd's that is not ours */
        bool has_kind;
        Diagnostics *diag;
        LeftOut left_out;
} DeviceLoad;

/* The section of this kind. */
static const char *section_of(Kind kind) {
        return kind == KIND_TUN ? "Tun" : "Tap";
}

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
        }
        return 0;
}

/* Whether its keys count, or in a file without Kind=, that is refused anyway, would. */
static bool section_counts(const DeviceLoad *load, const char *section) {
        return strcmp(section, "NetDev") == 0 || strcmp(section, "Match") == 0 ||
               strcmp(section, section_of(load->kind)) == 0;
}

static int apply_assignment(const Assignment *a, const IniSection *section, void *userdata) {
        DeviceLoad *load = userdata;
        bool match = strcmp(section->name, "Match") == 0;
        Source source;
        const Key *key;
        int r;

        if (!section_counts(load, section->name) && (load->has_kind || strcmp(section->name, "Tap") != 0))
                return 0; /* spoken of once, at its header */

        key = key_find(match ? condition_keys : device_keys, section->name, a->source.key);
        if (!key) {
                key_report_key(FILE_NETDEV, &a->source, &load->left_out, a->diag);
                return 0;
        }

        r = key_apply(key, a, match ? (void *) &load->conditions : load->device, &source);
        if (r > 0 && key->source >= 0)
                r = given_set_source(&load->device->given, key->source, &source);
        return r < 0 ? r : 0;
}

static void report_section(const Source *section, void *userdata) {
        DeviceLoad *load = userdata;
        const char *name = section->section;
        bool twin = strcmp(name, "Tun") == 0 || strcmp(name, "Tap") == 0;

        if (section_counts(load, name))
                return;

        if (!networkd_has_section(FILE_NETDEV, name)) {
                key_report_section(FILE_NETDEV, section, &load->left_out, load->diag);
                return;
        }

        if (!load->has_kind)
                return; /* the missing Kind= is spoken of */
        (void) diag_add(load->diag, SEVERITY_WARNING, section,
                        !twin                    ? "remove it"
                        : load->kind == KIND_TUN ? "name the section [Tun]"
                                                 : "name the section [Tap]",
                        "section [%s] does not count in a file with Kind=%s; all its keys are ignored", name,
                        kind_to_string(load->kind));
}

static void warn(Diagnostics *diag, const DeviceConfig *d, DeviceKey key, const char *hint,
                 const char *text) {
        (void) diag_add(diag, SEVERITY_WARNING, given_source(&d->given, key), hint, "%s", text);
}

/* What one key says only together with another; the message goes where the key was written. */
static void check_queues(DeviceConfig *d, Diagnostics *diag) {
        if (d->napi_frags && !d->napi) {
                warn(diag, d, DEVICE_NAPI_FRAGS, "write NAPI=yes, or remove the line",
                     "NAPIFrags=yes is ignored, since it needs NAPI=yes");
                d->napi_frags = false;
        }
        if (d->vnet_header_bytes > 0 && !d->vnet_header) {
                warn(diag, d, DEVICE_VNET_HEADER_BYTES, "write VNetHeader=yes, or remove the line",
                     "VNetHeaderBytes= is ignored, since there is no header without VNetHeader=yes");
                d->vnet_header_bytes = 0;
        }
}

static void check(DeviceConfig *d, Diagnostics *diag) {
        check_queues(d, diag);

        if (d->kind == KIND_TUN && d->mac_address.length > 0) {
                warn(diag, d, DEVICE_MAC_ADDRESS, "remove the line, or use Kind=tap",
                     "MACAddress= is ignored: a tun has no hardware address");
                d->mac_address = (HwAddr){};
        }
        if (d->allow_any_user && (d->user || d->group))
                warn(diag, d, DEVICE_ALLOW_ANY_USER, "remove either AllowAnyUser= or User= and Group=",
                     "AllowAnyUser=yes is ignored, since the device has an owner");
        if (d->keep_carrier && !d->multi_queue)
                (void) diag_add(diag, SEVERITY_WARNING, given_source(&d->given, DEVICE_KEEP_CARRIER),
                                "set MultiQueue=yes for programs that can open it with IFF_MULTI_QUEUE",
                                "KeepCarrier=yes on a single-queue device: netdevd holds its only queue, "
                                "and programs that open %s by name get \"Device or resource busy\"",
                                d->name);
}

static int refuse(const DeviceConfig *d, Diagnostics *diag, const char *key, const char *hint) {
        Source source = { d->files ? d->files[0] : d->file_name, 0, "NetDev", key };

        (void) diag_add(diag, SEVERITY_ERROR, &source, hint,
                        "no valid %s= in [NetDev]; no device is made from this file", key);
        return -EBADMSG;
}

static int complete(DeviceLoad *load, const LoadContext *context, char **ret_skipped) {
        DeviceConfig *d = load->device;
        int r;

        r = file_conditions_hold(&load->conditions, context->host, ret_skipped);
        if (r <= 0)
                return r;

        if (!load->has_kind)
                return refuse(d, load->diag, "Kind", "write Kind=tun or Kind=tap");
        if (!d->name)
                return refuse(d, load->diag, "Name",
                              "write Name= with 1 to 15 characters, for example Name=tun0");

        check(d, load->diag);
        left_out_report(&load->left_out, load->diag);
        given_trim(&d->given);
        return 1;
}

/* The kind first, since it decides which sections count. */
static int read_all(DeviceLoad *load, const FileSet *set) {
        int r;

        r = file_set_each(set, load->diag, find_kind, load);
        if (r < 0 || load->other_kind)
                return r;

        load->device->kind = load->kind;
        file_set_each_section(set, report_section, load);
        return file_set_each(set, load->diag, apply_assignment, load);
}

int device_config_load(const LookupFile *file, const LoadContext *context, Diagnostics *diag,
                       DeviceConfig **ret, char **ret_skipped) {
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

        r = read_all(&load, &set);
        if (r >= 0) {
                d->files = TAKE_PTR(set.paths); /* the sources point into it */
                r = load.other_kind ? 0 : complete(&load, context, ret_skipped);
        }
        conditions_done(&load.conditions);
        if (r <= 0)
                return r;

        *ret = TAKE_PTR(d);
        return 1;
}
