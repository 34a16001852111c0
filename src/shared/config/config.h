/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What is wanted: plain data parsed from files. No descriptors, no uids, no kernel. Every value remembers
 * where it was written, so that whoever speaks of it later can say "tun-test.netdev:6". */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/diag.h"
#include "base/string-table.h"
#include "values.h"

typedef enum Kind {
        KIND_TUN,
        KIND_TAP,
        _KIND_MAX,
        _KIND_INVALID = -EINVAL,
} Kind;

DECLARE_STRING_TABLE(kind, Kind);

/* Keys of a .netdev file; each has a Source in DeviceConfig. */
typedef enum DeviceKey {
        DEVICE_NAME,
        DEVICE_KIND,
        DEVICE_DESCRIPTION,
        DEVICE_MULTI_QUEUE,
        DEVICE_PACKET_INFO,
        DEVICE_VNET_HEADER,
        DEVICE_USER,
        DEVICE_GROUP,
        DEVICE_KEEP_CARRIER,
        DEVICE_ALLOW_ANY_USER,
        _DEVICE_KEY_MAX,
} DeviceKey;

/* One .netdev file with its drop-ins. */
typedef struct DeviceConfig {
        char *file_name; /* "10-x.netdev" */
        char **files;    /* paths read, in order; Source.path points into it */
        char *name;
        Kind kind;
        char *description;
        bool multi_queue;
        bool packet_info;
        bool vnet_header;
        bool keep_carrier;
        bool allow_any_user;
        char *user; /* name or number, as written; NULL: none */
        char *group;
        Source sources[_DEVICE_KEY_MAX]; /* path NULL: default */
} DeviceConfig;

/* One word of [Match] Name=. */
typedef struct MatchWord {
        char *glob;
        bool negative;
        bool literal; /* not negated, no *, ?, [ or backslash: a plain name */
} MatchWord;

typedef struct AddressConfig {
        InAddr address;
        uint8_t prefixlen;
        Source source;
} AddressConfig;

/* Keys of a .network file that hold one value. */
typedef enum NetworkKey {
        NETWORK_DESCRIPTION,
        NETWORK_MTU,
        NETWORK_MAC_ADDRESS,
        _NETWORK_KEY_MAX,
} NetworkKey;

/* One .network file with its drop-ins. */
typedef struct NetworkConfig {
        char *file_name;
        char **files;
        MatchWord *match_names;
        size_t n_match_names;
        bool match_unusable; /* has a [Match] key netdevd cannot evaluate: matches nothing rather than too
                                much */
        char *description;
        uint64_t mtu;       /* bytes, 0: unset */
        HwAddr mac_address; /* length 0: unset */
        AddressConfig *addresses;
        size_t n_addresses;
        Source sources[_NETWORK_KEY_MAX];
} NetworkConfig;

typedef struct Config {
        DeviceConfig **devices; /* in file-name order; names are unique */
        size_t n_devices;
        NetworkConfig **networks; /* in file-name order */
        size_t n_networks;
        char **failed; /* names of files that could not be loaded: nothing may be pruned or removed */
} Config;

/* At most so many addresses in one .network file, as in networkd. */
#define CONFIG_ADDRESSES_MAX 1024
/* And so many words in its [Match] Name=, which networkd does not limit: each is compared with each link. */
#define CONFIG_MATCH_WORDS_MAX 4096

/* Loads all .netdev and .network files of dirs (NULL-terminated, highest first). What is wrong goes to diag;
 * a bad line costs that line, a bad file that file. Returns 0, or -errno when there is no configuration at
 * all: an unreadable directory is no wish to delete what it declares. */
int config_load(const char *const *dirs, Diagnostics *diag, Config **ret);

/* For every file that failed in `config`, takes over what `previous` had loaded from the file of that name:
 * a mistake is no wish to delete. Returns 0 or -ENOMEM (then some may not have been taken over). */
int config_inherit(Config *config, Config *previous);

Config *config_free(Config *c);
DEFINE_CLEANUP(Config *, config_free);

DeviceConfig *device_config_free(DeviceConfig *d);
DEFINE_CLEANUP(DeviceConfig *, device_config_free);
NetworkConfig *network_config_free(NetworkConfig *n);
DEFINE_CLEANUP(NetworkConfig *, network_config_free);

/* The declared device of this name, or NULL. */
const DeviceConfig *config_device(const Config *c, const char *name);

/* The first .network file, in file-name order, whose [Match] fits a link of this name; NULL when none does.
 * With literal_only, only files that name the link without a glob count (links made by others: design D10).
 */
const NetworkConfig *config_match(const Config *c, const char *name, bool literal_only);

/* Whether [Match] Name= of this file fits: no negated word does, and a positive one does if there is any. */
bool network_config_matches(const NetworkConfig *n, const char *name);
