/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a caller who is allowed to has done to one device, whether through org.netdevd1.Manager or
 * org.netdevd1.Device: RequestFunctions, each for the device q->device. */

#include "bus-access.h"

int bus_do_reconfigure(Request *q);
int bus_do_recreate(Request *q);
int bus_do_delete(Request *q);
int bus_do_up(Request *q);
int bus_do_down(Request *q);

/* Answers with NoSuchDevice. */
int bus_no_such_device(sd_bus_message *call, const char *name);

/* Answers with a string; NULL: there was no memory for it. Returns as a method's handler does. */
int bus_reply_json(sd_bus_message *call, const char *json);

/* bus-queues.c: OpenQueues() of the manager, whose call begins with a name (userdata: Manager), and of a
 * device. */
int bus_method_open_queues(sd_bus_message *call, void *userdata, sd_bus_error *error);
int bus_open_queues(Manager *m, sd_bus_message *call, const char *name, sd_bus_error *error);
