/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What udev knows of a link. Its properties are there only once its rules have run, which is some time after
 * the link came to be, and never in a container without udev. */

/* A property of the link of this name, newly allocated; NULL when there is none. The form is LinkFacts'. */
char *udev_property(const char *ifname, const char *key, void *userdata);
