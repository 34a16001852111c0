/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The device database of udev, through libsystemd. Nothing is kept: a property may change with each event.
 */

#include "udev.h"

#include <assert.h>
#include <string.h>
#include <systemd/sd-device.h>

#include "base/cleanup.h"

char *udev_property(const char *ifname, const char *key, void *userdata _unused_) {
        _cleanup_(sd_device_unrefp) sd_device *device = NULL;
        const char *value;

        assert(ifname);
        assert(key);

        if (sd_device_new_from_ifname(&device, ifname) < 0 ||
            sd_device_get_property_value(device, key, &value) < 0)
                return NULL;
        return strdup(value);
}
