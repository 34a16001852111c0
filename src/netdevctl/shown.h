/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The devices as list and status show them: one struct, filled by the daemon if it runs, and else from
 * files, kernel and record. All text in it is fit to be shown. */

#include <stdint.h>

#include "actual.h"
#include "json.h"

typedef struct ShownLease {
        uint32_t pid;
        uint32_t uid;
        char *unit;
} ShownLease;

/* Named like the properties of org.netdevd1(5). */
typedef struct ShownDevice {
        char *name;
        int32_t ifindex; /* 0: there is no link */
        char *kind;
        char *description;
        char *administrative_state;
        char *operational_state;
        char *carrier_state;
        char *address_state;
        uint32_t mtu;
        uint8_t hardware_address[LINK_ADDRESS_MAX];
        uint32_t hardware_address_length;
        char **addresses;
        char **config_files;
        char **network_files;
        char **drift;
        int32_t error;
        char *error_path;
        uint32_t error_line;
        char *error_text;
        bool required_for_online;
        bool online_satisfied;

        bool is_tuntap; /* the rest counts */
        bool multi_queue;
        bool packet_info;
        bool vnet_header;
        bool persist;
        int64_t owner_uid; /* -1: none */
        int64_t group_gid;
        bool keep_carrier;
        bool carrier_held;
        uint32_t active_queues;
        uint32_t disabled_queues;
        bool consumer_attached;
        ShownLease *leases;
        uint32_t n_leases;
} ShownDevice;

typedef struct ShownProblem {
        char *path;
        uint32_t line;
        char *severity;
        char *text;
} ShownProblem;

typedef struct Shown {
        bool is_remote; /* ids and processes are those of another machine */
        pid_t daemon;   /* its process, 0: unknown */
        char *version;  /* the daemon's; NULL: it does not run */
        char *operational_state;
        char *online_state;
        ShownProblem *problems;
        size_t n_problems;
        ShownDevice *devices; /* sorted by name, numbers in it by their value */
        size_t n_devices;
} Shown;

/* Asks the daemon; if it does not run, a note on standard error says so and all is computed here, unless
 * another machine was asked for. Returns 0, or prints what is wrong and returns -errno. */
int shown_read(const Options *options, Shown *ret);
void shown_done(Shown *s);

const ShownDevice *shown_find(const Shown *s, const char *name);

/* Makes room for one more device, which counts in n_devices already. NULL when out of memory. */
ShownDevice *shown_add(Shown *s);

/* Its properties under their names; NULL when out of memory. */
struct json_object *shown_device_to_json(const ShownDevice *d);
/* As Manager.Describe() has it. */
struct json_object *shown_to_json(const Shown *s);

/* shown-bus.c: returns 0, SHOWN_NO_DAEMON when none runs there, or prints what is wrong and returns -errno.
 */
#define SHOWN_NO_DAEMON 1
int shown_read_bus(const Options *options, Shown *s);
/* shown-actual.c: returns 0, or prints what is wrong and returns -errno. */
int shown_read_actual(const Options *options, Shown *s);

/* The table that reading from the bus and JSON are made from. */
typedef enum ShownType {
        SHOWN_STRING,
        SHOWN_STRINGS,
        SHOWN_BOOLEAN,
        SHOWN_INT32,
        SHOWN_UINT32,
        SHOWN_INT64,
        SHOWN_BYTES, /* the hardware address */
        SHOWN_ERROR, /* the last error */
        SHOWN_LEASES,
} ShownType;

typedef struct ShownField {
        const char *property;
        ShownType type;
        bool tuntap; /* of org.netdevd1.TunTap */
        size_t offset;
} ShownField;

extern const ShownField shown_fields[]; /* ends with a NULL property */
